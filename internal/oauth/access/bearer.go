package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// checkBearer checks an OAuth 2 access token (RFC 6750) in one read.
func (c *Checker) checkBearer(ctx context.Context, presented string, now time.Time) (oauth.Verdict, error) {
	token, err := c.Keys.Open(seal.AccessToken, presented)
	if err != nil {
		return oauth.Refuse(tokenRefusal(oauth.InvalidToken, err)), nil
	}
	session, err := c.session(ctx, token, now)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return oauth.Refuse(oauth.Unauthorized(oauth.InvalidToken, "the token was revoked")), nil
	case errors.Is(err, oauth.ErrExpired):
		return oauth.Refuse(expired()), nil
	case err != nil:
		return oauth.Verdict{}, sessionFault(err)
	}
	if inGrace(&session, token, c.Grace, now) {
		session.AccessScope, session.AccessExpires = session.PreviousScope, session.PreviousExpires
	}
	if refusal := bearerRefusal(&session, token, c.Grace, now); refusal != nil {
		return oauth.Refuse(refusal), nil
	}
	return c.live(ctx, session, now)
}

// bearerRefusal is the pure part: may token be used for session at now?
func bearerRefusal(session *oauth.Session, token seal.Token, grace time.Duration, now time.Time) *oauth.Error {
	switch {
	case session.Protocol != oauth.OAuth2:
		return oauth.Unauthorized(oauth.InvalidToken, "the session is not an OAuth 2 one")
	case session.Confirmation != "":
		return oauth.Unauthorized(oauth.InvalidToken, "the token is bound to a key and needs its proof")
	case token.Generation != session.Generation && !inGrace(session, token, grace, now):
		return oauth.Unauthorized(oauth.InvalidToken, "the token was replaced by a refresh")
	case oauth.Expired(session.TokenExpires(), now):
		return expired()
	}
	return nil
}

// inGrace reports whether token is the one before the last refresh, which
// works a little longer, since requests with it may still be under way.
func inGrace(session *oauth.Session, token seal.Token, grace time.Duration, now time.Time) bool {
	return token.Generation < session.Generation && session.Generation-token.Generation == 1 &&
		now.Before(session.Renewed.Add(grace))
}

func expired() *oauth.Error { return oauth.Unauthorized(oauth.InvalidToken, "the token has expired") }

// live allows a session unless its client is gone or disabled, or the
// client's OAuth 1.0 has ended and the session is of it.
func (c *Checker) live(ctx context.Context, session oauth.Session, now time.Time) (oauth.Verdict, error) {
	client, err := c.Auth.Clients.Client(ctx, session.Client)
	switch {
	case errors.Is(err, oauth.ErrNotFound) || err == nil && client.Disabled:
		return oauth.Refuse(oauth.Unauthorized(oauth.InvalidToken, "the client is disabled")), nil
	case err != nil:
		return oauth.Verdict{}, fmt.Errorf("find client: %w", err)
	case session.Protocol == oauth.OAuth1 && oauth.Expired(client.Sunset, now):
		return oauth.Refuse(oauth.Unauthorized(oauth.InvalidToken, "the client's OAuth 1.0 has ended")), nil
	}
	return oauth.Verdict{Allowed: true, Session: session}, nil
}
