package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/audit"
	"gatehouse/internal/oauth"
)

func (p *program) userSignOutCommand() *cobra.Command {
	var a act
	var id string
	c := &cobra.Command{
		Use:   "sign-out {NAME | --id ID}",
		Short: "End all sessions of a user",
		Long: `End all sessions of a user in a deployment, of both protocols and all clients, and
print how many they were. Their tokens are refused from then on.

A user whose password others know needs another one: user passwd, which ends the
sessions too and signs browsers out of the sign-in pages. Users that an authenticator
of yours knows are named by --id.

It asks before; without a terminal it needs --yes. --json prints user, as user list
--json does, changed, and sessions_ended; of a user by --id only the id is known, and
revision is 0.
` + endedHelp() + targetHelp,
		Example: `  gatehouse user sign-out alice --stack gatehouse
  gatehouse user sign-out --id 4711 --stack gatehouse --yes`,
		Args: exactly(0, 1),
		RunE: func(c *cobra.Command, args []string) error {
			if (len(args) == 1) == (id != "") {
				return usage("which user? give the name or --id")
			}
			return p.signUserOut(c.Context(), &a, id, args)
		},
	}
	a.addFlags(c)
	a.addAsking(c)
	c.Flags().StringVar(&id, "id", "", "id of the user, in place of the name")
	return c
}

func (p *program) signUserOut(ctx context.Context, a *act, id string, names []string) error {
	where, store, err := p.openRecords(ctx, a.target)
	if err != nil {
		return err
	}
	user := oauth.User{ID: id}
	for _, name := range names {
		if user, err = findUser(ctx, store, name); err != nil {
			return err
		}
	}
	if err := p.agree(ctx, "ends all sessions of user "+shown(cmp.Or(user.Name, id)), a.yes); err != nil {
		return err
	}
	p.audit(ctx, where, audit.Event{Name: audit.SignedOut, User: user.ID})
	ended, err := p.endAllSessions(ctx, store, user.ID)
	failed := p.tell(a.asJSON, userOutcome{lineOf(&user), ended > 0, ended}, sessionsEnded(ended)+"\n")
	return errors.Join(err, failed)
}

func sessionsEnded(n int) string {
	if n == 1 {
		return "1 session ended"
	}
	return fmt.Sprintf("%d sessions ended", n)
}

// endSessions ends all sessions of the user called id and returns how many.
func endSessions(ctx context.Context, store records, id string, now time.Time) (ended int, err error) {
	for cursor := ""; ; {
		page, next, err := store.List(ctx, id, cursor, sessionsPage, now)
		if err != nil {
			return ended, fmt.Errorf("list the sessions: %w", rootCause(err))
		}
		for _, session := range page {
			if err := store.Revoke(ctx, oauth.Revocation{ID: session.ID, Owner: oauth.Owner{User: id}, Forget: true}); err != nil {
				return ended, fmt.Errorf("end a session: %w", rootCause(err))
			}
			ended++
		}
		if cursor = next; cursor == "" {
			return ended, nil
		}
	}
}
