package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/internal/audit"
	"gatehouse/internal/oauth"
)

func (p *program) sessionShowCommand() *cobra.Command {
	var t target
	var asJSON bool
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show a session",
		Long: `Show all of a session: whose it is, what its tokens may do and until when, what it is
bound to, and whether tokens were killed and why. The id is in session list, in the
logs and in the user's own list; token inspect finds that of a token.
` + targetHelp,
		Example: `  gatehouse session show oFnwNDVtRvOtLsGGQpJtFA --stack gatehouse
  gatehouse session show oFnwNDVtRvOtLsGGQpJtFA --local --json`,
		Args: exactly(1, 1),
		RunE: func(c *cobra.Command, args []string) error { return p.showSession(c.Context(), t, args[0], asJSON) },
	}
	t.addFlags(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (p *program) showSession(ctx context.Context, t target, text string, asJSON bool) error {
	id, err := parseSession(text)
	if err != nil {
		return err
	}
	_, store, err := p.openRecords(ctx, t)
	if err != nil {
		return err
	}
	session, err := store.Find(ctx, id, p.clock(), oauth.Strong)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return missing("there is no session %s", id)
	case errors.Is(err, oauth.ErrExpired):
		return missing("session %s has expired", id)
	case err != nil:
		return fmt.Errorf("find session %s: %w", id, rootCause(err))
	}
	view := viewOf(&session)
	if asJSON {
		return p.printJSON(view)
	}
	return p.printSession(&view)
}

func (p *program) printSession(v *sessionView) error {
	table := p.newFields("session", v.ID)
	table.row("client", v.Client)
	table.row("user", v.whose())
	table.row("protocol", string(v.Protocol))
	table.row("scope", v.Scope)
	v.addTimes(table)
	table.row("generation", strconv.FormatUint(uint64(v.Generation), 10))
	table.row("token scope", v.AccessScope)
	table.row("token expires", untilText(v.AccessExpires))
	table.row("bound to", v.bindingText())
	v.addKilled(table)
	return table.flush()
}

// newFields makes a table of names and values, which are not cut.
func (p *program) newFields(name, value string) *table {
	table := p.newTable(name, value)
	table.most = 0
	return table
}

// addTimes says when the session began and how it ends.
func (v *sessionView) addTimes(table *table) {
	table.row("created", untilText(v.Created))
	table.row("refreshed", untilText(v.Renewed))
	table.row("expires", untilText(v.Expires))
	if v.Idle > 0 {
		table.row("idle", fmt.Sprintf("each use moves the end to %d seconds later, until %s", v.Idle, untilText(v.Until)))
	}
}

// addKilled says what ended before its time.
func (v *sessionView) addKilled(table *table) {
	if v.Killed == nil {
		table.row("killed", "no")
		return
	}
	what := "the session"
	if !v.Killed.Whole {
		what = fmt.Sprintf("tokens up to generation %d", *v.Killed.Generation)
	}
	table.row("killed", fmt.Sprintf("%s, at %s: %s", what, untilText(v.Killed.At), reasonText(v.Killed.Reason)))
}

func parseSession(text string) (oauth.SessionID, error) {
	id, err := oauth.ParseSessionID(text)
	if err != nil {
		return id, usage("%q is no session id, which is 22 letters, digits, hyphens and underscores: see session list", oauth.Printable(text))
	}
	return id, nil
}

func (p *program) sessionRevokeCommand() *cobra.Command {
	var a act
	c := &cobra.Command{
		Use:   "revoke ID...",
		Short: "End sessions",
		Long: `End sessions by their ids. Their tokens are refused from then on, and their users
have to sign in again. user sign-out ends all sessions of a user.

It asks before; without a terminal it needs --yes. Ids that are not there are named, and
the exit code is 3; the others are ended. --json prints the ids of both kinds in sessions
and absent, and sessions_ended.
` + targetHelp,
		Example: `  gatehouse session revoke oFnwNDVtRvOtLsGGQpJtFA --stack gatehouse
  gatehouse session list --user alice --stack gatehouse --json | jq -r 'select(.client == "mobile") | .id' |
    xargs gatehouse session revoke --yes --stack gatehouse`,
		Args: atLeast(1),
		RunE: func(c *cobra.Command, args []string) error { return p.revokeSessions(c.Context(), &a, args) },
	}
	a.addFlags(c)
	a.addAsking(c)
	return c
}

func (p *program) revokeSessions(ctx context.Context, a *act, texts []string) error {
	ids := make([]oauth.SessionID, len(texts))
	for i, text := range texts {
		var err error
		if ids[i], err = parseSession(text); err != nil {
			return err
		}
	}
	where, store, err := p.openRecords(ctx, a.target)
	if err != nil {
		return err
	}
	what := "ends session " + texts[0]
	if len(ids) > 1 {
		what = fmt.Sprintf("ends %d sessions", len(ids))
	}
	if err := p.agree(ctx, what, a.yes); err != nil {
		return err
	}
	done := sessionsOutcome{Sessions: []string{}, Absent: []string{}}
	var failed error
	for _, id := range ids {
		there, err := p.revokeSession(ctx, where, store, id)
		if failed = err; err != nil {
			break
		}
		if there {
			done.Sessions = append(done.Sessions, id.String())
		} else {
			done.Absent = append(done.Absent, id.String())
		}
	}
	done.Ended = len(done.Sessions)
	err = errors.Join(failed, p.tell(a.asJSON, done, sessionsEnded(done.Ended)+"\n"))
	if err == nil && len(done.Absent) > 0 {
		err = missing("not there: %s", strings.Join(done.Absent, ", "))
	}
	return err
}

// revokeSession ends one session, and reports whether it was there.
func (p *program) revokeSession(ctx context.Context, where place, store records, id oauth.SessionID) (there bool, err error) {
	session, err := store.Find(ctx, id, p.clock(), oauth.Strong)
	switch {
	case errors.Is(err, oauth.ErrNotFound) || errors.Is(err, oauth.ErrExpired):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("find session %s: %w", id, rootCause(err))
	}
	if err := store.Revoke(ctx, oauth.Revocation{ID: id, Forget: true}); err != nil {
		return false, fmt.Errorf("end session %s: %w", id, rootCause(err))
	}
	p.audit(ctx, where, audit.Event{Name: audit.SessionRevoked, Client: session.Client, User: session.User, Session: id.String(),
		Protocol: string(session.Protocol)})
	return true, nil
}
