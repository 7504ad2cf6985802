package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/internal/oauth"
)

func (p *program) userListCommand() *cobra.Command {
	var l listing
	c := &cobra.Command{
		Use:   "list",
		Short: "List the users",
		Long: `List the users of a deployment as they come, in an order of the table's own. A
million of them are read in some thousand requests, half a read unit for 4 KB: about
a cent. With --limit it stops, and says with which --after it goes on.

--json prints a line for each user: name, id, disabled, revision.
` + targetHelp,
		Example: `  gatehouse user list --stack gatehouse
  gatehouse user list --stack gatehouse --limit 100
  gatehouse user list --stack gatehouse --json | jq -r 'select(.disabled) | .name'`,
		Args: exactly(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := l.checkLimit("users"); err != nil {
				return err
			}
			return p.listUsers(c.Context(), &l)
		},
	}
	l.addFlags(c, "users")
	return c
}

const (
	usersPage     = 500
	usersProgress = 10_000 // how often it says how far it is
)

func (p *program) listUsers(ctx context.Context, l *listing) error {
	_, store, err := p.openRecords(ctx, l.target)
	if err != nil {
		return err
	}
	listed, said := 0, usersProgress
	read := func(after string, size int) ([]oauth.User, string, error) {
		if listed >= said && isTerminal(p.err) {
			p.say("%d users so far", listed)
			said += usersProgress
		}
		users, next, err := store.ListUsers(ctx, after, size)
		if err != nil {
			return nil, "", listingFailed(err, after)
		}
		listed += len(users)
		return users, next, nil
	}
	return eachPage(p, l, usersPage, read, p.userLines(l.asJSON))
}

// listingFailed says how to go on from where it was.
func listingFailed(err error, after string) error {
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return usage("--after takes what user list printed")
	case after == "":
		return fmt.Errorf("list the users: %w", rootCause(err))
	}
	return fmt.Errorf("list the users: %w; go on with --after %s", rootCause(err), after)
}

// userLine is a user as user list --json prints it.
type userLine struct {
	Name     string `json:"name"`
	ID       string `json:"id"`
	Disabled bool   `json:"disabled"`
	Revision uint32 `json:"revision"`
}

func lineOf(u *oauth.User) userLine { return userLine{u.Name, u.ID, u.Disabled, u.Revision} }

// userLines returns what prints a page of users.
func (p *program) userLines(asJSON bool) func([]oauth.User) error {
	if asJSON {
		return jsonLines(p, lineOf)
	}
	table := p.newTable("user", "id", "state")
	return func(users []oauth.User) error {
		for i := range users {
			table.row(users[i].Name, users[i].ID, state(users[i].Disabled))
		}
		return table.flush()
	}
}
