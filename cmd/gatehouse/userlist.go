package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/internal/oauth"
)

// listOptions are the flags of user list.
type listOptions struct {
	target
	limit  int
	after  string
	asJSON bool
}

func (p *program) userListCommand() *cobra.Command {
	var o listOptions
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
			if o.limit < 0 {
				return usage("--limit takes how many users to list, 0 for all")
			}
			return p.listUsers(c.Context(), &o)
		},
	}
	o.addFlags(c)
	c.Flags().IntVar(&o.limit, "limit", 0, "how many users to list (default: all)")
	c.Flags().StringVar(&o.after, "after", "", "where to go on, as the command before said")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print lines of JSON")
	return c
}

const (
	usersPage     = 500
	usersProgress = 10_000 // how often it says how far it is
)

func (p *program) listUsers(ctx context.Context, o *listOptions) error {
	_, store, err := p.openRecords(ctx, o.target)
	if err != nil {
		return err
	}
	lines := p.userLines(o.asJSON)
	listed, after, said := 0, o.after, usersProgress
	for {
		page := usersPage
		if o.limit > 0 {
			page = min(page, o.limit-listed)
		}
		users, next, err := store.ListUsers(ctx, after, page)
		if err != nil {
			return listingFailed(err, after)
		}
		if err := lines(users); err != nil {
			return err
		}
		listed, after = listed+len(users), next
		switch {
		case next == "":
			return nil
		case o.limit > 0 && listed >= o.limit:
			p.say("There are more: --after %s", next)
			return nil
		case listed >= said && isTerminal(p.err):
			p.say("%d users so far", listed)
			said += usersProgress
		}
	}
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
		encoder := json.NewEncoder(p.out)
		encoder.SetEscapeHTML(false)
		return func(users []oauth.User) (err error) {
			for i := range users {
				err = errors.Join(err, encoder.Encode(lineOf(&users[i])))
			}
			return err
		}
	}
	table := p.newTable("user", "id", "state")
	return func(users []oauth.User) error {
		for i := range users {
			table.row(users[i].Name, users[i].ID, state(users[i].Disabled))
		}
		return table.flush()
	}
}
