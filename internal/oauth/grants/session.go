package grants

import (
	"context"
	"fmt"
	"io"
	"time"

	"gatehouse/internal/oauth"
)

// newID is a random session id.
func (e *Endpoint) newID() (id oauth.SessionID, err error) {
	if _, err := io.ReadFull(e.Rand, id[:]); err != nil {
		return oauth.SessionID{}, fmt.Errorf("random session id: %w", err)
	}
	return id, nil
}

// newSession is the session called id as it begins with r, bound to r's caller
// and to the key that it has proven.
func (e *Endpoint) newSession(r *tokenRequest, id oauth.SessionID, protocol oauth.Protocol, scope []string) oauth.Session {
	return oauth.Session{ID: id, Protocol: protocol, Client: r.client.ID, Scope: scope, AccessScope: scope,
		Created: r.now, Renewed: r.now, Binding: e.bind(r), Confirmation: r.proven.Key}
}

// bind is the binding to r's caller that the client's policy asks for.
func (e *Endpoint) bind(r *tokenRequest) oauth.Binding {
	return e.Keys.Bind(e.Terms.Binding.For(r.client).To, r.Request)
}

// endAt ends a session at end, zero for never, and before where it is not used.
func (e *Endpoint) endAt(session *oauth.Session, end time.Time) {
	session.Expires = oauth.SlidingEnd(session.Renewed, end, e.Terms.Idle)
	if e.Terms.Idle > 0 {
		session.Until, session.Idle = end, e.Terms.Idle
	}
}

// userSession is the OAuth 2 session called id of user as it begins with r.
func (e *Endpoint) userSession(r *tokenRequest, id oauth.SessionID, user *oauth.User, scope []string) oauth.Session {
	session := e.newSession(r, id, oauth.OAuth2, scope)
	session.User, session.UserName = user.ID, user.Name
	session.AccessExpires = r.now.Add(e.Terms.Access)
	e.endAt(&session, e.sessionEnd(r.client, r.now))
	return session
}

// sessionEnd is when a session that is not refreshed is over: with its access
// token when the client cannot refresh.
func (e *Endpoint) sessionEnd(client *oauth.Client, now time.Time) time.Time {
	if client.Allows(oauth.GrantRefreshToken) {
		return now.Add(max(e.Terms.Session, e.Terms.Access))
	}
	return now.Add(e.Terms.Access)
}

func (e *Endpoint) create(ctx context.Context, session oauth.Session) error {
	if err := e.Sessions.Create(ctx, session); err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	return nil
}
