package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"gatehouse/internal/dynamodb"
)

// deployed is a deployment on AWS, or on an engine that is called as AWS is.
type deployed struct {
	program *program
	cfg     aws.Config
	tables  dynamodb.Tables
	secret  string
	outputs map[string]string // of the stack, where one was named
}

// locateStack finds the tables and the secret in the outputs of a stack.
func (p *program) locateStack(ctx context.Context, stack string) (place, error) {
	cfg, err := p.awsConfig(ctx)
	if err != nil {
		return nil, err
	}
	outputs, err := stackOutputs(ctx, cfg, stack)
	if err != nil {
		return nil, err
	}
	d := &deployed{p, cfg, dynamodb.Tables{Sessions: outputs["SessionsTableName"], Replay: outputs["ReplayTableName"],
		Registry: outputs["RegistryTableName"]}, outputs["KeysSecretArn"], outputs}
	if d.tables.Registry == "" || d.secret == "" {
		return nil, fmt.Errorf("stack %s has no outputs RegistryTableName and KeysSecretArn: template.yaml did not make it", stack)
	}
	return d, nil
}

func stackOutputs(ctx context.Context, cfg aws.Config, stack string) (map[string]string, error) {
	answer, err := cloudformation.NewFromConfig(cfg).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stack})
	if err != nil {
		return nil, fmt.Errorf("stack %s: %w", stack, rootCause(err))
	}
	outputs := map[string]string{}
	for _, described := range answer.Stacks {
		for _, output := range described.Outputs {
			outputs[aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
		}
	}
	return outputs, nil
}

// String says where DynamoDB is.
func (d *deployed) String() string { return "DynamoDB at " + d.program.endpointName(d.cfg) }

// open reaches the tables.
func (d *deployed) open(ctx context.Context) (records, error) {
	store := dynamodb.Open(d.cfg, d.tables)
	err := contact(ctx, store)
	var missing *types.ResourceNotFoundException
	switch {
	case errors.As(err, &missing):
		return nil, fmt.Errorf("there is no table %s in %s", d.tables.Registry, d)
	case err != nil:
		return nil, fmt.Errorf("%s cannot be used: %w", d, rootCause(err))
	}
	return store, nil
}

// openKeys reads the secret.
func (d *deployed) openKeys(ctx context.Context) (*keptKeys, error) {
	return d.program.keysOfSecret(ctx, d)
}
