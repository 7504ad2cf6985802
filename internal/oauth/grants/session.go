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

// newSession is the session called id of client as it begins at now.
func newSession(id oauth.SessionID, protocol oauth.Protocol, client *oauth.Client, scope []string, now time.Time) oauth.Session {
	return oauth.Session{ID: id, Protocol: protocol, Client: client.ID, Scope: scope, AccessScope: scope,
		Created: now, Renewed: now}
}

// userSession is the OAuth 2 session called id of user at client as it begins
// at now.
func (e *Endpoint) userSession(id oauth.SessionID, client *oauth.Client, user *oauth.User, scope []string, now time.Time) oauth.Session {
	session := newSession(id, oauth.OAuth2, client, scope, now)
	session.User, session.UserName = user.ID, user.Name
	session.AccessExpires = now.Add(e.Terms.Access)
	session.Expires = e.sessionEnd(client, now)
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
