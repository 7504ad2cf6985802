package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// checkBearer checks an OAuth 2 access token (RFC 6750) in one read. One that is
// bound to a key is none, or stealing it would be enough (RFC 9449 §7.2).
func (c *Checker) checkBearer(ctx context.Context, r *oauth.Request, presented string, verdict *oauth.Verdict, now time.Time) (*oauth.Error, error) {
	found, refusal, err := c.openBearer(ctx, presented, &verdict.Session, now)
	switch {
	case err != nil || refusal != nil:
		return refusal, err
	case found.session.Confirmation == "":
		return c.use(ctx, r, found, verdict, now)
	case found.generation != found.session.Generation: // it may be from before the session had a key
		return oauth.Unauthorized(oauth.InvalidToken, "the token was replaced by one that is bound to a key"), nil
	}
	return c.mismatch(ctx, found, oauth.ReasonKey, now)
}

// openBearer finds the session of what is presented as an access token.
func (c *Checker) openBearer(ctx context.Context, presented string, session *oauth.Session, now time.Time) (bearing, *oauth.Error, error) {
	token, err := c.Keys.Open(seal.AccessToken, presented)
	if err != nil {
		return bearing{}, tokenRefusal(oauth.InvalidToken, err), nil
	}
	return c.findBearer(ctx, token, session, now)
}

// findBearer finds the session of an access token, as that token sees it.
func (c *Checker) findBearer(ctx context.Context, token seal.Token, session *oauth.Session, now time.Time) (bearing, *oauth.Error, error) {
	err := c.read(ctx, token, session, now)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return bearing{}, oauth.Unauthorized(oauth.InvalidToken, "the token was revoked"), nil
	case errors.Is(err, oauth.ErrExpired):
		return bearing{}, expired(), nil
	case err != nil:
		return bearing{}, nil, sessionFault(err)
	}
	if session.InGrace(token.Generation, c.Grace, now) {
		session.AccessScope, session.AccessExpires = session.PreviousScope, session.PreviousExpires
	}
	if refusal := bearerRefusal(session, token, c.Grace, now); refusal != nil {
		return bearing{}, refusal, nil
	}
	client, refusal, err := c.client(ctx, session, now)
	return bearing{session, client, token.Generation}, refusal, err
}

// bearerRefusal is the pure part: may token be used for session at now?
func bearerRefusal(session *oauth.Session, token seal.Token, grace time.Duration, now time.Time) *oauth.Error {
	switch {
	case session.Protocol != oauth.OAuth2:
		return oauth.Unauthorized(oauth.InvalidToken, "the session is not an OAuth 2 one")
	case session.Killed.Covers(token.Generation):
		return oauth.Unauthorized(oauth.InvalidToken, "the token was revoked")
	case token.Generation != session.Generation && !session.InGrace(token.Generation, grace, now):
		return replaced()
	case oauth.Expired(session.TokenExpires(), now):
		return expired()
	}
	return nil
}

func replaced() *oauth.Error {
	return oauth.Unauthorized(oauth.InvalidToken, "the token was replaced by a refresh")
}

func expired() *oauth.Error { return oauth.Unauthorized(oauth.InvalidToken, "the token has expired") }

// client returns the client of a session, and refuses the session if the client
// is gone or disabled, or its OAuth 1.0 has ended and the session is of it.
func (c *Checker) client(ctx context.Context, session *oauth.Session, now time.Time) (*oauth.Client, *oauth.Error, error) {
	client, err := c.Auth.Clients.Client(ctx, session.Client, now)
	switch {
	case errors.Is(err, oauth.ErrNotFound) || err == nil && client.Disabled:
		return client, oauth.Unauthorized(oauth.InvalidToken, "the client is disabled"), nil
	case err != nil:
		return client, nil, fmt.Errorf("find client: %w", err)
	case session.Protocol == oauth.OAuth1 && oauth.Expired(client.Sunset, now):
		return client, oauth.Unauthorized(oauth.InvalidToken, "the client's OAuth 1.0 has ended"), nil
	}
	return client, nil, nil
}
