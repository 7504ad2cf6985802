package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/internal/seed"
)

// userOptions are the flags of user create.
type userOptions struct {
	target
	user                   seed.User
	passwordStdin, replace bool
}

func (p *program) userCreateCommand() *cobra.Command {
	var o userOptions
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Create a user who signs in with a password",
		Long: `Create a user who signs in with a password in a deployment, and print the id.

The password is asked for without showing it, or read with --password-stdin.
--replace sets another password; the user keeps the id.
` + targetHelp,
		Example: `  gatehouse user create alice --stack gatehouse
  gatehouse user create alice --stack gatehouse --password-stdin < password.txt
  gatehouse user create alice --stack gatehouse --replace`,
		Args: exactly(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			o.user.Name = args[0]
			return p.createUser(c.Context(), &o)
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.user.ID, "id", "", "id of the user in your own system (default: random)")
	flags.BoolVar(&o.passwordStdin, "password-stdin", false, "read the password from standard input")
	flags.BoolVar(&o.replace, "replace", false, "set another password for a user who exists")
	o.addFlags(c)
	return c
}

func (p *program) createUser(ctx context.Context, o *userOptions) error {
	_, registry, err := p.openRecords(ctx, o.target)
	if err != nil {
		return err
	}
	_, err = registry.User(ctx, o.user.Name)
	if err := taken("user", o.user.Name, err, o.replace); err != nil {
		return err
	}
	if o.user.Password, err = p.newPassword(ctx, o); err != nil {
		return err
	}
	if err := o.user.Check(); err != nil {
		return asFlag(err)
	}
	user, err := (&seed.Seeder{Registry: registry, Rand: p.rand}).PutUser(ctx, &o.user)
	if err != nil {
		return asFlag(err)
	}
	_, err = fmt.Fprintf(p.out, "user %s\nid %s\n", user.Name, user.ID)
	return err
}

func (p *program) newPassword(ctx context.Context, o *userOptions) (string, error) {
	switch {
	case o.passwordStdin:
		return p.readPassword()
	case !isTerminal(p.in):
		return "", errors.New("there is no terminal to ask for the password: use --password-stdin")
	}
	return p.askPassword(ctx, "password of "+o.user.Name, true)
}
