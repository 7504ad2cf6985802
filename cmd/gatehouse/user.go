package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/internal/audit"
	"gatehouse/internal/seed"
)

// userOptions are the flags of user create.
type userOptions struct {
	act
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
--replace sets another password; the user keeps the id, and the sessions: user
passwd ends those. --json prints user, as user list --json does, changed, and
sessions_ended, which is 0.
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
	o.addJSON(c)
	o.addFlags(c)
	return c
}

func (p *program) createUser(ctx context.Context, o *userOptions) error {
	where, store, err := p.openRecords(ctx, o.target)
	if err != nil {
		return err
	}
	_, found := store.User(ctx, o.user.Name)
	if err := taken("user", o.user.Name, found, o.replace); err != nil {
		return err
	}
	if o.user.Password, err = p.newPassword(ctx, o.user.Name, o.passwordStdin); err != nil {
		return err
	}
	if err := o.user.Check(); err != nil {
		return asFlag(err)
	}
	user, err := (&seed.Seeder{Registry: store, Rand: p.rand}).PutUser(ctx, &o.user)
	if err != nil {
		return asFlag(changedMeanwhile(err))
	}
	event := audit.Event{Name: audit.UserPasswordChanged, User: user.ID}
	if found != nil {
		event.Name = audit.UserCreated
	}
	p.audit(ctx, where, event)
	user.Revision++ // as the write raised it
	return p.tell(o.asJSON, userOutcome{User: lineOf(&user), Changed: true}, fmt.Sprintf("user %s\nid %s\n", user.Name, user.ID))
}

// newPassword asks for the password that a user is to have, or reads it from
// standard input.
func (p *program) newPassword(ctx context.Context, name string, fromStdin bool) (string, error) {
	switch {
	case fromStdin:
		return p.readPassword()
	case !isTerminal(p.in):
		return "", usage("there is no terminal to ask for the password: use --password-stdin")
	}
	return p.askPassword(ctx, "password of "+shown(name), true)
}
