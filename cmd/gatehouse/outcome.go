package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

// act are the flags of a command that changes something.
type act struct {
	target
	yes, asJSON bool
}

func (a *act) addJSON(c *cobra.Command) {
	c.Flags().BoolVar(&a.asJSON, "json", false, "print JSON")
}

// addAsking adds those of a command that asks before it ends something.
func (a *act) addAsking(c *cobra.Command) {
	c.Flags().BoolVar(&a.yes, "yes", false, "do not ask")
	a.addJSON(c)
}

// stateCommand makes c a command that disables, or enables, what it names. Only
// the one that ends something asks.
func stateCommand(disabled bool, set func(ctx context.Context, a *act, name string, disabled bool) error, c *cobra.Command) *cobra.Command {
	var a act
	c.Args = exactly(1, 1)
	c.RunE = func(c *cobra.Command, args []string) error { return set(c.Context(), &a, args[0], disabled) }
	a.addFlags(c)
	if disabled {
		a.addAsking(c)
	} else {
		a.addJSON(c)
	}
	return c
}

// clientOutcome is what a command did to a client, as --json prints it.
type clientOutcome struct {
	Client  shownClient `json:"client"` // as it is, or was before it was deleted
	Secret  string      `json:"secret,omitempty"`
	Changed bool        `json:"changed"` // false: it was so already
}

// userOutcome is what a command did to a user, as --json prints it.
type userOutcome struct {
	User    userLine `json:"user"` // as they are, or were before they were deleted
	Changed bool     `json:"changed"`
	Ended   int      `json:"sessions_ended"`
}

// sessionsOutcome is what session revoke did, as --json prints it.
type sessionsOutcome struct {
	Sessions []string `json:"sessions"` // that were ended
	Absent   []string `json:"absent"`   // that were not there
	Ended    int      `json:"sessions_ended"`
}

// tell prints one document to scripts, or text to people.
func (p *program) tell(asJSON bool, document any, text string) error {
	if asJSON {
		return p.printJSON(document)
	}
	_, err := io.WriteString(p.out, text)
	return err
}

// tellClient says what was done to a client, and when it shows.
func (p *program) tellClient(asJSON bool, client *oauth.Client, changed bool, what string) error {
	err := p.tell(asJSON, clientOutcome{Client: show(client), Changed: changed}, fmt.Sprintf("client %s is %s\n", shown(client.ID), what))
	if changed {
		p.say("Functions see it within %s.", spoken(oauth.ClientAge))
	}
	return err
}

// tellEnding says what was done to a user, ends the user's sessions, and says how
// many they were. They end whether or not anybody can be told.
func (p *program) tellEnding(ctx context.Context, store records, a *act, done userOutcome, text string) (err error) {
	var told, failed error
	if !a.asJSON {
		_, told = io.WriteString(p.out, text)
	}
	done.Ended, err = p.endAllSessions(ctx, store, done.User.ID)
	failed = p.tell(a.asJSON, done, sessionsEnded(done.Ended)+"\n")
	return errors.Join(err, told, failed)
}

// unprinted says what became of a client that nobody was told of, where err is
// why.
func unprinted(err error, secret *seed.Secret, what string) error {
	switch {
	case err == nil:
		return nil
	case secret.Derived:
		return fmt.Errorf("client %s %s, but its secret could not be printed: %w; client rotate-secret gives it another", shown(secret.Client), what, rootCause(err))
	}
	return fmt.Errorf("client %s %s, but that could not be printed: %w", shown(secret.Client), what, rootCause(err))
}
