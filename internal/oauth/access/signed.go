package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

// checkSigned checks an OAuth 1.0 request (RFC 5849 §3.2): everything that
// needs no store first, then session and nonce side by side in one round trip.
func (c *Checker) checkSigned(ctx context.Context, r *oauth.Request, verdict *oauth.Verdict, now time.Time) (*oauth.Error, error) {
	signed, refusal := oauth1.Parse(r)
	if refusal != nil {
		return refusal, nil
	}
	if signed.Token == "" {
		return oauth1.Absent("oauth_token"), nil
	}
	if token, ok := seal.Imported(signed.Token); ok {
		return c.checkImported(ctx, r, &signed, token, verdict, now)
	}
	token, err := c.Keys.Open(seal.OAuth1Token, signed.Token)
	if err != nil {
		return tokenRefusal(oauth.TokenRejected, err), nil
	}
	client, refusal, err := c.Auth.SignedByToken(ctx, &signed, token, now)
	if errors.Is(err, seal.ErrUnknownKey) {
		return tokenRefusal(oauth.TokenRejected, err), nil
	}
	if err != nil || refusal != nil {
		return refusal, err
	}
	spending, spends := signed.Spending(now, c.Auth.Window, oauth.NewAttempt(ctx))
	spent := make(chan error, 1)
	go func() { spent <- SpendNonce(ctx, c.Replay, spending, spends) }()
	err = c.read(ctx, token, &verdict.Session, now)
	refusal, err = signedRefusal(&verdict.Session, err, <-spent, &client, token)
	if err != nil || refusal != nil {
		return refusal, err
	}
	return c.use(ctx, r, bearing{&verdict.Session, &client, token.Generation}, verdict, now)
}

// signedRefusal puts together what the two side-by-side calls found. A fault
// of either is a fault of the whole.
func signedRefusal(session *oauth.Session, found, spent error, client *oauth.Client, token seal.Token) (*oauth.Error, error) {
	gone := errors.Is(found, oauth.ErrNotFound)
	ended := errors.Is(found, oauth.ErrExpired)
	replayed := errors.Is(spent, oauth.ErrSpent)
	switch {
	case found != nil && !gone && !ended:
		return nil, sessionFault(found)
	case spent != nil && !replayed:
		return nil, spent
	case gone:
		return oauth.Unauthorized(oauth.TokenRevoked, "the token was revoked"), nil
	case ended:
		return oauth.Unauthorized(oauth.TokenExpired, "the token has expired"), nil
	case session.Protocol != oauth.OAuth1 || session.Client != client.ID || session.Generation != token.Generation:
		return oauth.Unauthorized(oauth.TokenRejected, "the token belongs to another client"), nil
	case session.Killed.Covers(token.Generation):
		return oauth.Unauthorized(oauth.TokenRevoked, "the token was revoked"), nil
	case replayed:
		return replayOf(session, NonceUsed()), nil
	}
	return nil, nil
}

// replayOf says for the log whose request was sent again.
func replayOf(session *oauth.Session, refusal *oauth.Error) *oauth.Error {
	whose := *session // a copy: what is let through needs no memory of its own
	refusal.Session, refusal.Act = &whose, oauth.ActTokenRefused
	return refusal
}

// SpendNonce spends the nonce of a request whose signature holds, by what its
// Spending returned. ErrSpent when it was used before; nil when there is none,
// as PLAINTEXT allows.
func SpendNonce(ctx context.Context, replay oauth.Replay, spending oauth.Spending, spends bool) error {
	if !spends {
		return nil
	}
	if err := replay.Spend(ctx, spending); err != nil {
		return fmt.Errorf("spend nonce: %w", err)
	}
	return nil
}

// NonceUsed refuses a replayed request.
func NonceUsed() *oauth.Error {
	refusal := oauth.Unauthorized(oauth.NonceUsed, "this oauth_nonce was used before with this timestamp")
	refusal.Replayed = true
	return refusal
}
