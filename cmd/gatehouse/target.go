package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/spf13/cobra"

	"gatehouse/internal/dynamodb"
	"gatehouse/internal/oauth/seal"
)

// target is the deployment that a command writes to.
type target struct {
	stack, keys string
}

// targetHelp is part of the help of each command that has a target, keysHelp of
// each that needs the keyring.
const (
	targetHelp = `
The tables are those of --stack, a stack that template.yaml made; without it those
that SESSIONS_TABLE, REPLAY_TABLE and REGISTRY_TABLE name. Region and credentials
come from the SDK's own variables and files.`
	keysHelp = `
The keyring is the stack's secret or the one that KEYS_SECRET_ARN names, or --keys
FILE.`
)

func (t *target) addFlags(c *cobra.Command) {
	c.Flags().StringVar(&t.stack, "stack", "", "name of the CloudFormation stack")
	c.Flags().StringVar(&t.keys, "keys", "", "JSON file of the keyring, such as serve makes")
}

// deployed says where a deployment is.
type deployed struct {
	cfg    aws.Config
	name   string // of DynamoDB, for people
	tables dynamodb.Tables
	secret string
}

// tableVariables name a deployment's tables, where no stack does.
func tableVariables() []string {
	return []string{"SESSIONS_TABLE", "REPLAY_TABLE", "REGISTRY_TABLE"}
}

// variables are those of the tables and the secret.
func (t *target) variables() []string { return append(tableVariables(), t.secret()...) }

// secret is the variable that names the secret, unless the keyring is in a file.
func (t *target) secret() []string {
	if t.keys != "" {
		return nil
	}
	return []string{keysVariable}
}

const keysVariable = "KEYS_SECRET_ARN"

// locate finds the tables and the secret: in the stack, or by the variables that
// the command needs.
func (p *program) locate(ctx context.Context, t target, needs ...string) (*deployed, error) {
	if t.stack == "" {
		if err := p.checkNamed(needs); err != nil {
			return nil, err
		}
	}
	cfg, err := p.awsConfig(ctx)
	if err != nil {
		return nil, err
	}
	if t.stack == "" {
		return &deployed{cfg, p.endpointName(cfg), p.tables(), p.env(keysVariable)}, nil
	}
	outputs, err := stackOutputs(ctx, cfg, t.stack)
	if err != nil {
		return nil, err
	}
	d := &deployed{cfg, p.endpointName(cfg), dynamodb.Tables{Sessions: outputs["SessionsTableName"], Replay: outputs["ReplayTableName"],
		Registry: outputs["RegistryTableName"]}, outputs["KeysSecretArn"]}
	if d.tables.Registry == "" || d.secret == "" {
		return nil, fmt.Errorf("stack %s has no outputs RegistryTableName and KeysSecretArn: template.yaml did not make it", t.stack)
	}
	return d, nil
}

// checkNamed names the variables that are missing.
func (p *program) checkNamed(needs []string) error {
	missing := slices.DeleteFunc(slices.Clone(needs), func(name string) bool { return p.env(name) != "" })
	if len(missing) == 0 {
		return nil
	}
	hint := ""
	if slices.Contains(missing, keysVariable) {
		hint = "; --keys FILE is in place of " + keysVariable
	}
	return fmt.Errorf("which deployment? give --stack NAME, or set %s%s", strings.Join(missing, ", "), hint)
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

// registry reaches the tables.
func (d *deployed) registry(ctx context.Context) (*dynamodb.Store, error) {
	store := dynamodb.Open(d.cfg, d.tables)
	err := contact(ctx, store)
	var missing *types.ResourceNotFoundException
	switch {
	case errors.As(err, &missing):
		return nil, fmt.Errorf("there is no table %s in DynamoDB at %s", d.tables.Registry, d.name)
	case err != nil:
		return nil, fmt.Errorf("DynamoDB at %s cannot be used: %w", d.name, rootCause(err))
	}
	return store, nil
}

// keyring reads the keyring from a file or from the deployment's secret.
func (p *program) keyring(ctx context.Context, d *deployed, file string) (*seal.Keyring, error) {
	if file != "" {
		return p.readKeys(file)
	}
	kept, err := p.keysOfSecret(ctx, d)
	if err != nil {
		return nil, err
	}
	return kept.keys, nil
}
