package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"gatehouse/internal/deployment"
	"gatehouse/internal/dynamodb"
)

// deployed is a deployment on AWS, or on an engine that is called as AWS is.
type deployed struct {
	program *program
	cfg     aws.Config
	tables  dynamodb.Tables
	secret  string
	stack   *described // nil: none was named
}

// described is what CloudFormation says of a stack.
type described struct{ outputs map[string]string }

// locateStack finds the tables and the secret in the outputs of a stack.
func (p *program) locateStack(ctx context.Context, name string) (place, error) {
	cfg, err := p.awsConfig(ctx)
	if err != nil {
		return nil, err
	}
	found, err := describeStack(ctx, cfg, name)
	if err != nil {
		return nil, err
	}
	outputs := found.outputs
	d := &deployed{p, cfg, dynamodb.Tables{Sessions: outputs["SessionsTableName"], Replay: outputs["ReplayTableName"],
		Registry: outputs["RegistryTableName"]}, outputs["KeysSecretArn"], found}
	if d.tables.Registry == "" || d.secret == "" {
		return nil, fmt.Errorf("stack %s has no outputs RegistryTableName and KeysSecretArn: template.yaml did not make it", name)
	}
	return d, nil
}

func describeStack(ctx context.Context, cfg aws.Config, name string) (*described, error) {
	answer, err := cloudformation.NewFromConfig(cfg).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		return nil, fmt.Errorf("stack %s: %w", name, rootCause(err))
	}
	found := &described{map[string]string{}}
	for _, stack := range answer.Stacks {
		for _, output := range stack.Outputs {
			found.outputs[aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
		}
	}
	return found, nil
}

// String says where DynamoDB is.
func (d *deployed) String() string { return "DynamoDB at " + d.program.endpointName(d.cfg) }

// name is that of the table that records of an import go to.
func (d *deployed) name() string { return fmt.Sprintf("table %s of %s", d.tables.Registry, d) }

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

// grace is that of the stack, or else what REFRESH_GRACE says as it does to the
// functions.
func (d *deployed) grace() (time.Duration, error) {
	value := d.program.env("REFRESH_GRACE")
	if d.stack != nil {
		value = d.stack.outputs["RefreshGrace"]
	}
	settings, err := deployment.ReadSettings(func(name string) string {
		if name == "REFRESH_GRACE" {
			return value
		}
		return ""
	})
	return settings.Terms.Grace, err
}
