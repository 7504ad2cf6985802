// Package access answers one question: may this request reach the resource?
package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/clientauth"
	"gatehouse/internal/oauth/dpop"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/oauth2"
	"gatehouse/internal/oauth/seal"
)

// Checker checks requests by either protocol. Every field but Consistency,
// Grace, Binding and Nonces must be set.
type Checker struct {
	Auth        *clientauth.Authenticator
	Keys        *seal.Keyring
	Sessions    oauth.Sessions
	Replay      oauth.Replay
	Clock       func() time.Time
	Consistency oauth.Consistency // of the first read; a refusal always rests on a strong one
	Grace       time.Duration     // how long the access token before the last refresh still works
	Binding     oauth.BindingPolicy
	Nonces      bool // proofs need a nonce: only where a header of the answer gets to the client
}

// Check decides on a request by what it presents: an OAuth 1.0 signature or a
// bearer token, or one with the proof of its key. Tokens that the keyring did not
// make, and signatures and proofs that do not hold, are refused before any
// session is read or nonce spent. An error means that the store failed, and the
// request must not pass.
func (c *Checker) Check(ctx context.Context, r *oauth.Request) (verdict oauth.Verdict, err error) {
	refusal, err := c.check(ctx, r, &verdict)
	if err != nil || refusal != nil || !verdict.Allowed {
		return oauth.Refuse(refusal), err
	}
	return verdict, nil
}

// check fills in the verdict on a request that may pass, where it is to stay: a
// session is large to be handed on.
func (c *Checker) check(ctx context.Context, r *oauth.Request, verdict *oauth.Verdict) (*oauth.Error, error) {
	now := c.Clock()
	if oauth1.IsSigned(r) {
		return c.checkSigned(ctx, r, verdict, now)
	}
	scheme, token, refusal := oauth2.AccessToken(r)
	switch {
	case refusal != nil:
		return refusal, nil
	case token == "":
		return oauth.Unauthorized(oauth.InvalidRequest, "no credentials: sign the request or send a token"), nil
	case scheme == dpop.Scheme:
		return c.checkProven(ctx, r, token, verdict, now)
	}
	return c.checkBearer(ctx, r, token, verdict, now)
}

// bearing is a live session, its client, and which of its tokens is presented.
type bearing struct {
	session    *oauth.Session
	client     *oauth.Client
	generation uint32
}

// read finds the session of a token whose MAC held. What an eventually
// consistent read would refuse is read again before it is refused: a phone
// that calls right after signing in must not be turned away.
func (c *Checker) read(ctx context.Context, token seal.Token, session *oauth.Session, now time.Time) (err error) {
	*session, err = c.Sessions.Find(ctx, token.Session, now, c.Consistency)
	if c.Consistency == oauth.Eventual && doubtful(session, err, token) {
		*session, err = c.Sessions.Find(ctx, token.Session, now, oauth.Strong)
	}
	return err
}

func doubtful(session *oauth.Session, err error, token seal.Token) bool {
	if err != nil {
		return errors.Is(err, oauth.ErrNotFound) || errors.Is(err, oauth.ErrExpired)
	}
	return session.Generation < token.Generation
}

// tokenRefusal words why a token was not opened.
func tokenRefusal(code string, err error) *oauth.Error {
	refusal := oauth.Unauthorized(code, "this token was not issued here")
	refusal.UnknownKey = errors.Is(err, seal.ErrUnknownKey)
	return refusal
}

func sessionFault(err error) error { return fmt.Errorf("find session: %w", err) }
