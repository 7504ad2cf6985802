package access

import (
	"context"
	"errors"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// Inspect tells whether a token of any kind is live, as client asks by
// introspection (RFC 7662), without it being used. The verdict's session is as
// the token sees it. An imported token is known to a client that has such; of
// any other client it is junk, and costs no read.
func (c *Checker) Inspect(ctx context.Context, client *oauth.Client, presented string) (seal.Kind, oauth.Verdict, error) {
	now := c.Clock()
	kind, _ := seal.KindOf(presented)
	var session oauth.Session
	if kind == seal.AccessToken {
		_, refusal, err := c.openBearer(ctx, presented, &session, now)
		return kind, seen(&session, refusal, err), err
	}
	token, err := c.Keys.OpenFor(client, presented)
	if err != nil {
		return kind, oauth.Refuse(tokenRefusal(oauth.InvalidToken, err)), nil
	}
	kind = token.Kind
	err = c.read(ctx, token, &session, now)
	switch {
	case errors.Is(err, oauth.ErrNotFound) || errors.Is(err, oauth.ErrExpired):
		return kind, oauth.Refuse(expired()), nil
	case err != nil:
		return kind, oauth.Verdict{}, sessionFault(err)
	case session.Protocol != protocolOf(kind) || session.Generation != token.Generation:
		return kind, oauth.Refuse(oauth.Unauthorized(oauth.InvalidToken, "the token was replaced")), nil
	case session.Killed.All() || kind != seal.RefreshToken && session.Killed.Covers(token.Generation):
		return kind, oauth.Refuse(oauth.Unauthorized(oauth.InvalidToken, "the token was revoked")), nil
	}
	_, refusal, err := c.client(ctx, &session, now)
	return kind, seen(&session, refusal, err), err
}

// seen is the verdict on a session that is looked at without being used.
func seen(session *oauth.Session, refusal *oauth.Error, err error) oauth.Verdict {
	if err != nil || refusal != nil {
		return oauth.Refuse(refusal)
	}
	return oauth.Verdict{Allowed: true, Session: *session}
}

func protocolOf(kind seal.Kind) oauth.Protocol {
	if kind == seal.OAuth1Token {
		return oauth.OAuth1
	}
	return oauth.OAuth2
}
