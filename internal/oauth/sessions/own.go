package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth2"
)

// caller is GET /oauth/session. expiry is in epoch seconds, 0 for never.
type caller struct {
	Session  string         `json:"session"`
	Client   string         `json:"client"`
	User     string         `json:"user,omitempty"`
	UserName string         `json:"user_name,omitempty"`
	Scope    string         `json:"scope"`
	Protocol oauth.Protocol `json:"protocol"`
	Expiry   int64          `json:"expiry"`
}

// whoAmI repeats what the authorizer said, without reading anything.
func whoAmI(c *oauth.Caller) (oauth.Response, error) {
	return oauth2.Answer(http.StatusOK, caller{c.Session.String(), c.Client, c.User, c.UserName,
		oauth.FormatScope(c.Scope), c.Protocol, c.Expiry})
}

// listed is one of GET /oauth/sessions. Times are in epoch seconds, 0 for
// never.
type listed struct {
	ID       string         `json:"id"`
	Client   string         `json:"client"`
	Scope    string         `json:"scope"`
	Protocol oauth.Protocol `json:"protocol"`
	Created  int64          `json:"created"`
	Renewed  int64          `json:"renewed"`
	Expiry   int64          `json:"expiry"`
	Current  bool           `json:"current"` // the one that asks
	Killed   *killed        `json:"killed,omitempty"`
}

// killed tells the user that a token was taken for a stolen one, and why. Ended
// is whether the whole session is over: it goes on by a refresh where it is not.
type killed struct {
	Reason oauth.Reason `json:"reason"`
	At     int64        `json:"at"`
	Ended  bool         `json:"ended"`
}

type listAnswer struct {
	Sessions []listed `json:"sessions"`
	Next     string   `json:"next,omitempty"` // the cursor of the next page
}

const maxPage = 100

// list shows a page of the caller's sessions, newest first; cursor and limit
// are in the query.
func (e *Endpoint) list(ctx context.Context, r *oauth.Request) (oauth.Response, error) {
	limit, refusal := pageSize(r.Query)
	if refusal != nil {
		return e.refuse(refusal)
	}
	page, next, err := e.ByUser.List(ctx, r.Caller.User, r.Query.Get("cursor"), limit, e.Clock())
	if errors.Is(err, oauth.ErrNotFound) {
		return e.refuse(oauth.BadRequest(oauth.InvalidRequest, "cursor is not one that this address gave"))
	}
	if err != nil {
		return oauth.Response{}, fmt.Errorf("list sessions: %w", err)
	}
	answer := listAnswer{Sessions: make([]listed, len(page)), Next: next}
	for i := range page {
		answer.Sessions[i] = describe(&page[i], r.Caller)
	}
	return oauth2.Answer(http.StatusOK, answer)
}

func pageSize(query oauth.Params) (int, *oauth.Error) {
	for _, name := range []string{"limit", "cursor"} {
		if query.Count(name) > 1 {
			return 0, oauth.BadRequest(oauth.InvalidRequest, "parameter "+name+" is there more than once")
		}
	}
	if !query.Has("limit") {
		return 20, nil
	}
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil || limit < 1 || limit > maxPage {
		return 0, oauth.BadRequest(oauth.InvalidRequest, fmt.Sprintf("limit is a number from 1 to %d", maxPage))
	}
	return limit, nil
}

func describe(s *oauth.Session, c *oauth.Caller) listed {
	one := listed{ID: s.ID.String(), Client: s.Client, Scope: oauth.FormatScope(s.Scope), Protocol: s.Protocol,
		Created: s.Created.Unix(), Renewed: s.Renewed.Unix(), Expiry: epoch(s.Expires), Current: s.ID == c.Session}
	if k := s.Killed; k.Reason != "" {
		one.Killed = &killed{k.Reason, k.At.Unix(), k.All()}
	}
	return one
}

// endAll signs the caller's user out everywhere, this session included.
func (e *Endpoint) endAll(ctx context.Context, c *oauth.Caller) (oauth.Response, error) {
	owner := oauth.Owner{User: c.User}
	now := e.Clock()
	for cursor := ""; ; {
		page, next, err := e.ByUser.List(ctx, c.User, cursor, maxPage, now)
		if err != nil {
			return oauth.Response{}, fmt.Errorf("list sessions: %w", err)
		}
		if err := e.endEach(ctx, page, owner); err != nil {
			return oauth.Response{}, err
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	// The index may not show this session yet: it is the one known by its id.
	if _, err := e.end(ctx, c.Session, owner); err != nil {
		return oauth.Response{}, err
	}
	return signedOut(c, c.Session), nil
}

// signedOut says for the log which session the caller ended.
func signedOut(c *oauth.Caller, id oauth.SessionID) oauth.Response {
	answer := oauth2.Empty(http.StatusNoContent)
	answer.Session = &oauth.Session{ID: id, Client: c.Client, User: c.User, Protocol: c.Protocol}
	answer.Act = oauth.ActSignedOut
	return answer
}

// end ends a session of owner. What is another's is left alone, and is no
// fault: the owner's may have ended meanwhile, and its place be taken by the
// mark of a code that was used again.
func (e *Endpoint) end(ctx context.Context, id oauth.SessionID, owner oauth.Owner) (ended bool, err error) {
	err = e.Sessions.Revoke(ctx, oauth.Revocation{ID: id, Owner: owner, Forget: true})
	switch {
	case errors.Is(err, oauth.ErrNotOwner):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("revoke: %w", err)
	}
	return true, nil
}

// endEach ends a page of sessions, ten at a time.
func (e *Endpoint) endEach(ctx context.Context, page []oauth.Session, owner oauth.Owner) error {
	failures := make([]error, len(page))
	slots := make(chan struct{}, 10)
	var group sync.WaitGroup
	for i := range page {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			_, failures[i] = e.end(ctx, page[i].ID, owner)
		})
	}
	group.Wait()
	return errors.Join(failures...)
}

// endOne signs the caller's user out of one session. Another user's session is
// left alone and answered as one that has ended: nobody learns that it lives.
func (e *Endpoint) endOne(ctx context.Context, c *oauth.Caller, name string) (oauth.Response, error) {
	id, err := oauth.ParseSessionID(name)
	if err != nil {
		return e.refuse(&oauth.Error{Status: http.StatusNotFound, Code: oauth.InvalidRequest,
			Description: "a session's id is 22 letters, digits, hyphens and underscores"})
	}
	ended, err := e.end(ctx, id, oauth.Owner{User: c.User})
	switch {
	case err != nil:
		return oauth.Response{}, err
	case !ended:
		return oauth2.Empty(http.StatusNoContent), nil
	}
	return signedOut(c, id), nil
}
