package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/operator"
)

// target is the deployment that a command writes to.
type target struct {
	stack, local, keys string
}

// targetHelp is part of the help of each command that has a target, keysHelp of
// each that needs the keyring.
const (
	targetHelp = `
The deployment is --stack, a stack that template.yaml made, or --local, the
gatehouse serve of the same user on this machine; without either it is the tables
that SESSIONS_TABLE, REPLAY_TABLE and REGISTRY_TABLE name. Region and credentials
come from the SDK's own variables and files.`
	keysHelp = `
The keyring is the deployment's, or the secret that KEYS_SECRET_ARN names, or --keys
FILE.`
)

// addFlags adds those that say which deployment, to every command that has one.
func (t *target) addFlags(c *cobra.Command) {
	c.Flags().StringVar(&t.stack, "stack", "", "name of the CloudFormation stack")
	c.Flags().StringVar(&t.local, "local", "", "the gatehouse serve on this machine, by `ADDR` where it is not "+defaultAddr)
	c.Flags().Lookup("local").NoOptDefVal = defaultAddr
	c.PreRunE = func(c *cobra.Command, _ []string) error { return t.check(c.Flags().Changed) }
}

// check refuses what was given and names no deployment, such as a variable of a
// script that is not set: without it another deployment might be meant.
func (t *target) check(given func(flag string) bool) error {
	for flag, value := range map[string]string{"stack": t.stack, "local": t.local, "keys": t.keys} {
		if given(flag) && value == "" {
			return usage("--%s is empty", flag)
		}
	}
	name := regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]{0,127}|arn:[a-z-]+:cloudformation:[a-z0-9-]+:[0-9]{12}:stack/[A-Za-z0-9/-]+)$`)
	if t.stack != "" && !name.MatchString(t.stack) {
		return usage("--stack takes the name of a stack, which has letters, digits and hyphens, or its ARN, not %q", oauth.Printable(t.stack))
	}
	return nil
}

// addKeysFlags adds that of the keyring too, to commands that need it.
func (t *target) addKeysFlags(c *cobra.Command) {
	t.addFlags(c)
	c.Flags().StringVar(&t.keys, "keys", "", "JSON file of the keyring, such as serve makes")
}

// place is a deployment that commands work on.
type place interface {
	fmt.Stringer // for people

	// name tells the deployment from all others that people here have, and is the
	// same each time.
	name() string

	// open reaches the store.
	open(ctx context.Context) (records, error)

	// openKeys reads the keyring.
	openKeys(ctx context.Context) (*keptKeys, error)

	// grace is how long the access token before the last refresh still works.
	grace() (time.Duration, error)
}

// records are what people read and write of a deployment.
type records interface{ operator.Store }

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

// locate finds the deployment: in the stack, or by the variables that the
// command needs.
func (p *program) locate(ctx context.Context, t target, needs ...string) (place, error) {
	switch {
	case t.local != "" && t.stack != "":
		return nil, usage("--stack and --local: give one of them")
	case t.local != "" && t.keys != "":
		return nil, usage("--keys and --local: give one of them, since a server has its own keyring")
	case t.local != "":
		return p.locateLocal(ctx, t.local)
	case t.stack != "":
		return p.locateStack(ctx, t.stack)
	}
	if err := p.checkNamed(needs); err != nil {
		return nil, err
	}
	cfg, err := p.awsConfig(ctx)
	if err != nil {
		return nil, err
	}
	return &deployed{p, cfg, p.tables(), p.env(keysVariable), nil}, nil
}

// openRecords reaches the store of a deployment of which the command needs no
// keys.
func (p *program) openRecords(ctx context.Context, t target) (place, records, error) {
	where, err := p.locate(ctx, t, tableVariables()...)
	if err != nil {
		return nil, nil, err
	}
	store, err := where.open(ctx)
	return where, store, err
}

// openWithKeys reaches the store and reads the keyring.
func (p *program) openWithKeys(ctx context.Context, t target) (place, records, *seal.Keyring, error) {
	where, err := p.locate(ctx, t, t.variables()...)
	if err != nil {
		return nil, nil, nil, err
	}
	store, err := where.open(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	keys, err := p.keyring(ctx, where, t.keys)
	return where, store, keys, err
}

// checkNamed names the variables that are missing.
func (p *program) checkNamed(needs []string) error {
	missing := slices.DeleteFunc(slices.Clone(needs), func(name string) bool { return p.env(name) != "" })
	if len(missing) == 0 {
		return nil
	}
	hint := ""
	if slices.Contains(missing, keysVariable) {
		file := "FILE"
		if p.localEndpoint() {
			file = keysFile // which serve makes beside an engine on this machine
		}
		hint = "; --keys " + file + " is in place of " + keysVariable
	}
	return usage("which deployment? give --stack NAME or --local, or set %s%s", strings.Join(missing, ", "), hint)
}

// keyring reads the keyring from a file or from the deployment's secret.
func (p *program) keyring(ctx context.Context, where place, file string) (*seal.Keyring, error) {
	if file != "" {
		kept, err := p.keysOfFile(file)
		if err != nil {
			return nil, err
		}
		return kept.keys, nil
	}
	kept, err := where.openKeys(ctx)
	if err != nil {
		return nil, err
	}
	return kept.keys, nil
}
