package main

import (
	"context"
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

// passwdOptions are the flags of user passwd.
type passwdOptions struct {
	act
	fromStdin, keep bool
}

func (p *program) userPasswdCommand() *cobra.Command {
	var o passwdOptions
	c := &cobra.Command{
		Use:   "passwd NAME",
		Short: "Set another password for a user, and end the user's sessions",
		Long: `Set another password for a user, and end all sessions of the user, since whoever
knew the old password may have some. --keep-sessions lets them go on. Browsers are
signed out of the sign-in pages either way.

The password is asked for without showing it, or read with --password-stdin. --json
prints user, as user list --json does, changed, and sessions_ended.
` + endedHelp() + targetHelp,
		Example: `  gatehouse user passwd alice --stack gatehouse
  gatehouse user passwd alice --stack gatehouse --password-stdin --keep-sessions < password.txt`,
		Args: exactly(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.changePassword(c.Context(), &o, args[0])
		},
	}
	o.addFlags(c)
	c.Flags().BoolVar(&o.fromStdin, "password-stdin", false, "read the password from standard input")
	c.Flags().BoolVar(&o.keep, "keep-sessions", false, "do not end the user's sessions")
	o.addJSON(c)
	return c
}

func (p *program) changePassword(ctx context.Context, o *passwdOptions, name string) error {
	where, store, err := p.openRecords(ctx, o.target)
	if err != nil {
		return err
	}
	if _, err := findUser(ctx, store, name); err != nil {
		return err
	}
	hash, err := p.newHash(ctx, o, name)
	if err != nil {
		return err
	}
	_, user, err := p.changeUser(ctx, store, name, func(u *oauth.User) { u.PasswordHash = hash })
	if err != nil {
		return err
	}
	p.audit(ctx, where, audit.Event{Name: audit.UserPasswordChanged, User: user.ID})
	done, text := userOutcome{User: lineOf(&user), Changed: true}, fmt.Sprintf("user %s has another password\n", shown(name))
	if o.keep {
		return p.tell(o.asJSON, done, text)
	}
	return p.tellEnding(ctx, store, &o.act, done, text)
}

// newHash is that of the password that the user is to have. Who types it is told
// before what ends by it.
func (p *program) newHash(ctx context.Context, o *passwdOptions, name string) (string, error) {
	if !o.keep {
		p.say("Another password ends all sessions of user %s; --keep-sessions lets them go on.", shown(name))
	}
	typed, err := p.newPassword(ctx, name, o.fromStdin)
	if err != nil {
		return "", err
	}
	if err := (&seed.User{Name: name, Password: typed}).Check(); err != nil {
		return "", asFlag(err)
	}
	return password.Hash(oauth.NewSecret(typed), password.OWASP(), p.rand)
}

// endAllSessions ends the sessions of a user, and those of sign-ins that were
// under way, and returns how many they were. Whoever does not wait for those is
// told.
func (p *program) endAllSessions(ctx context.Context, store records, id string) (ended int, err error) {
	ended, err = endSessions(ctx, store, id, p.clock())
	if err != nil {
		return ended, err
	}
	ctx, stop := untilInterrupted(ctx)
	defer stop()
	if !isTerminal(p.err) {
		p.say("waiting %.0f seconds for a sign-in that may be under way", settling.Seconds())
	}
	if err := p.wait(ctx, settling); err != nil {
		return ended, fmt.Errorf("a sign-in that was under way may have a session yet: run it again, or user sign-out: %w", err)
	}
	late, err := endSessions(ctx, store, id, p.clock())
	return ended + late, err
}

func (p *program) userDisableCommand() *cobra.Command {
	return stateCommand(true, p.setUserState, &cobra.Command{
		Use:   "disable NAME",
		Short: "Keep a user from signing in, and end the user's sessions",
		Long: `Keep a user from signing in, and end all sessions of the user, whose tokens are
refused from then on. user enable lets the user sign in again.

It asks before; without a terminal it needs --yes. --json prints user, as user list
--json does, changed, and sessions_ended.
` + endedHelp() + targetHelp,
		Example: `  gatehouse user disable alice --stack gatehouse`,
	})
}

func (p *program) userEnableCommand() *cobra.Command {
	return stateCommand(false, p.setUserState, &cobra.Command{
		Use:     "enable NAME",
		Short:   "Let a user who was disabled sign in again",
		Long:    "Let a user who was disabled sign in again, with the password as it was.\n" + targetHelp,
		Example: `  gatehouse user enable alice --stack gatehouse`,
	})
}

// setUserState ends the sessions of a user who was disabled before, too: the
// command before this one may have been ended while it did.
func (p *program) setUserState(ctx context.Context, a *act, name string, disabled bool) error {
	where, store, err := p.openRecords(ctx, a.target)
	if err != nil {
		return err
	}
	if disabled {
		if err := p.agreeToKeepOut(ctx, store, name, a.yes); err != nil {
			return err
		}
	}
	before, after, err := p.changeUser(ctx, store, name, func(u *oauth.User) { u.Disabled = disabled })
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
	done, text := userOutcome{User: lineOf(&after), Changed: before.Disabled != disabled}, fmt.Sprintf("user %s is %s\n", shown(name), said)
	if !disabled {
		return p.tell(a.asJSON, done, text)
	}
	return p.tellEnding(ctx, store, a, done, text)
}

// agreeToKeepOut asks before a user is disabled.
func (p *program) agreeToKeepOut(ctx context.Context, store records, name string, yes bool) error {
	if _, err := findUser(ctx, store, name); err != nil {
		return err
	}
	return p.agree(ctx, "keeps user "+shown(name)+" from signing in, and ends all of the user's sessions", yes)
}

func (p *program) userDeleteCommand() *cobra.Command {
	var a act
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
		RunE: func(c *cobra.Command, args []string) error { return p.deleteUser(c.Context(), &a, args[0]) },
	}
	a.addFlags(c)
	a.addAsking(c)
	return c
}

func (p *program) deleteUser(ctx context.Context, a *act, name string) error {
	where, store, err := p.openRecords(ctx, a.target)
	if err != nil {
		return err
	}
	user, err := findUser(ctx, store, name)
	if err != nil {
		return err
	}
	if err := p.confirm(ctx, "Deleting user "+shown(name), name, a.yes); err != nil {
		return err
	}
	if err := store.DeleteUser(ctx, name); err != nil {
		return fmt.Errorf("delete user %q: %w", name, rootCause(err))
	}
	p.audit(ctx, where, audit.Event{Name: audit.UserDeleted, User: user.ID})
	return p.tellEnding(ctx, store, a, userOutcome{User: lineOf(&user), Changed: true},
		fmt.Sprintf("user %s with id %s is deleted\n", shown(name), shown(user.ID)))
}
