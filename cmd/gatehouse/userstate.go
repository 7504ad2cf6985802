package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/audit"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/seed"
)

// settling is how long a sign-in that has read the user before a change may take
// until its session is in the list of sessions: a function is stopped after
// TokenFunction's Timeout of template.yaml, and clocks differ.
const settling = 12 * time.Second

// endedHelp is part of the help of commands that end a user's sessions.
func endedHelp() string {
	return `
Sessions are listed twice, twelve seconds apart, for a sign-in that was under way. An
authorization code that was issued before can be redeemed for ` + spoken(seal.CodeLifetime) + ` yet, a verifier
of OAuth 1.0 for ` + spoken(seal.VerifierLifetime) + `: user sign-out after that ends what came of it.
`
}

func (p *program) userPasswdCommand() *cobra.Command {
	var t target
	var fromStdin, keep bool
	c := &cobra.Command{
		Use:   "passwd NAME",
		Short: "Set another password for a user, and end the user's sessions",
		Long: `Set another password for a user, and end all sessions of the user, since whoever
knew the old password may have some. --keep-sessions lets them go on. Browsers are
signed out of the sign-in pages either way.

The password is asked for without showing it, or read with --password-stdin.
` + endedHelp() + targetHelp,
		Example: `  gatehouse user passwd alice --stack gatehouse
  gatehouse user passwd alice --stack gatehouse --password-stdin --keep-sessions < password.txt`,
		Args: exactly(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.changePassword(c.Context(), t, args[0], fromStdin, keep)
		},
	}
	t.addFlags(c)
	c.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input")
	c.Flags().BoolVar(&keep, "keep-sessions", false, "do not end the user's sessions")
	return c
}

func (p *program) changePassword(ctx context.Context, t target, name string, fromStdin, keep bool) error {
	where, store, err := p.openRecords(ctx, t)
	if err != nil {
		return err
	}
	if _, err := findUser(ctx, store, name); err != nil {
		return err
	}
	typed, err := p.newPassword(ctx, name, fromStdin)
	if err != nil {
		return err
	}
	if err := (&seed.User{Name: name, Password: typed}).Check(); err != nil {
		return asFlag(err)
	}
	hash, err := password.Hash(oauth.NewSecret(typed), password.OWASP(), p.rand)
	if err != nil {
		return err
	}
	user, err := p.changeUser(ctx, store, name, func(u *oauth.User) { u.PasswordHash = hash })
	if err != nil {
		return err
	}
	p.audit(ctx, where, audit.Event{Name: audit.UserPasswordChanged, User: user.ID})
	if _, err := fmt.Fprintf(p.out, "user %s has another password\n", shown(name)); err != nil || keep {
		return err
	}
	return p.endAllSessions(ctx, store, user.ID)
}

// endAllSessions ends the sessions of a user, and those of sign-ins that were
// under way, and says how many they were.
func (p *program) endAllSessions(ctx context.Context, store records, id string) error {
	ended, err := endSessions(ctx, store, id, p.clock())
	if err == nil {
		err = p.wait(ctx, settling)
	}
	if err == nil {
		var late int
		late, err = endSessions(ctx, store, id, p.clock())
		ended += late
	}
	_, failed := fmt.Fprintln(p.out, sessionsEnded(ended))
	return errors.Join(err, failed)
}

func (p *program) userDisableCommand() *cobra.Command {
	return p.userStateCommand(true, &cobra.Command{
		Use:   "disable NAME",
		Short: "Keep a user from signing in, and end the user's sessions",
		Long: `Keep a user from signing in, and end all sessions of the user, whose tokens are
refused from then on. user enable lets the user sign in again.
` + endedHelp() + targetHelp,
		Example: `  gatehouse user disable alice --stack gatehouse`,
	})
}

func (p *program) userEnableCommand() *cobra.Command {
	return p.userStateCommand(false, &cobra.Command{
		Use:     "enable NAME",
		Short:   "Let a user who was disabled sign in again",
		Long:    "Let a user who was disabled sign in again, with the password as it was.\n" + targetHelp,
		Example: `  gatehouse user enable alice --stack gatehouse`,
	})
}

func (p *program) userStateCommand(disabled bool, c *cobra.Command) *cobra.Command {
	var t target
	c.Args = exactly(1, 1)
	c.RunE = func(c *cobra.Command, args []string) error {
		return p.setUserState(c.Context(), t, args[0], disabled)
	}
	t.addFlags(c)
	return c
}

// setUserState ends the sessions of a user who was disabled before, too: the
// command before this one may have been ended while it did.
func (p *program) setUserState(ctx context.Context, t target, name string, disabled bool) error {
	where, store, err := p.openRecords(ctx, t)
	if err != nil {
		return err
	}
	before, err := p.changeUser(ctx, store, name, func(u *oauth.User) { u.Disabled = disabled })
	if err != nil {
		return err
	}
	said := state(disabled)
	if before.Disabled == disabled {
		said += " already"
	} else {
		event := audit.Event{Name: audit.UserEnabled, User: before.ID}
		if disabled {
			event.Name = audit.UserDisabled
		}
		p.audit(ctx, where, event)
	}
	if _, err := fmt.Fprintf(p.out, "user %s is %s\n", shown(name), said); err != nil || !disabled {
		return err
	}
	return p.endAllSessions(ctx, store, before.ID)
}

func (p *program) userDeleteCommand() *cobra.Command {
	var t target
	var yes bool
	c := &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a user for good, and end the user's sessions",
		Long: `Delete a user for good, and end all sessions of the user. The id is not given out
again, unless you do so with user create --id. user disable can be undone.

It asks for the name again; without a terminal it needs --yes.
` + endedHelp() + targetHelp,
		Example: `  gatehouse user delete alice --stack gatehouse
  gatehouse user delete alice --stack gatehouse --yes`,
		Args: exactly(1, 1),
		RunE: func(c *cobra.Command, args []string) error { return p.deleteUser(c.Context(), t, args[0], yes) },
	}
	t.addFlags(c)
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

func (p *program) deleteUser(ctx context.Context, t target, name string, yes bool) error {
	where, store, err := p.openRecords(ctx, t)
	if err != nil {
		return err
	}
	user, err := findUser(ctx, store, name)
	if err != nil {
		return err
	}
	if err := p.confirm(ctx, "Deleting user "+shown(name), name, yes); err != nil {
		return err
	}
	if err := store.DeleteUser(ctx, name); err != nil {
		return fmt.Errorf("delete user %q: %w", name, rootCause(err))
	}
	p.audit(ctx, where, audit.Event{Name: audit.UserDeleted, User: user.ID})
	if _, err := fmt.Fprintf(p.out, "user %s with id %s is deleted\n", shown(name), shown(user.ID)); err != nil {
		return err
	}
	return p.endAllSessions(ctx, store, user.ID)
}
