package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/internal/oauth"
)

// sessionListOptions are the flags of session list.
type sessionListOptions struct {
	listing
	user, userID string
}

func (p *program) sessionListCommand() *cobra.Command {
	var o sessionListOptions
	c := &cobra.Command{
		Use:   "list {--user NAME | --user-id ID}",
		Short: "List the sessions of a user",
		Long: `List the live sessions of a user, newest first: each sign-in at a client, by either
protocol. Those that were killed, since a token of theirs was taken for a stolen one,
stay in the list for 30 days and say why. Sessions of clients that act for themselves
are in no list. With --limit it stops, and says with which --after it goes on.

--json prints a line for each session, of what session show --json prints.
` + targetHelp,
		Example: `  gatehouse session list --user alice --stack gatehouse
  gatehouse session list --user-id 4711 --stack gatehouse --limit 20
  gatehouse session list --user alice --local --json | jq -r 'select(.client == "mobile") | .id'`,
		Args: exactly(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			if (o.user == "") == (o.userID == "") {
				return usage("which user? give --user NAME or --user-id ID")
			}
			if err := o.checkLimit("sessions"); err != nil {
				return err
			}
			return p.listSessions(c.Context(), &o)
		},
	}
	o.addFlags(c, "sessions")
	c.Flags().StringVar(&o.user, "user", "", "name of the user")
	c.Flags().StringVar(&o.userID, "user-id", "", "id of the user, such as one that an authenticator of yours knows")
	return c
}

// sessionsPage is how many sessions are read at once.
const sessionsPage = 100

func (p *program) listSessions(ctx context.Context, o *sessionListOptions) error {
	_, store, err := p.openRecords(ctx, o.target)
	if err != nil {
		return err
	}
	if o.user != "" {
		user, err := findUser(ctx, store, o.user)
		if err != nil {
			return err
		}
		o.userID = user.ID
	}
	now := p.clock()
	read := func(after string, size int) ([]oauth.Session, string, error) {
		sessions, next, err := store.List(ctx, o.userID, after, size, now)
		switch {
		case errors.Is(err, oauth.ErrNotFound):
			err = usage("--after takes what session list printed")
		case err != nil:
			err = fmt.Errorf("list the sessions: %w", rootCause(err))
		}
		return sessions, next, err
	}
	return eachPage(p, &o.listing, sessionsPage, read, p.sessionLines(o.asJSON))
}

// sessionLines returns what prints a page of sessions.
func (p *program) sessionLines(asJSON bool) func([]oauth.Session) error {
	if asJSON {
		return jsonLines(p, viewOf)
	}
	table := p.newTable("session", "client", "protocol", "created", "expires", "binding", "killed", "scope")
	return func(sessions []oauth.Session) error {
		for i := range sessions {
			v := viewOf(&sessions[i])
			table.row(v.ID, v.Client, string(v.Protocol), moment(sessions[i].Created), untilText(v.Expires), v.bindingText(), v.killedText(), v.Scope)
		}
		return table.flush()
	}
}
