package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// use lets the caller of r use a session whose token holds, unless it is bound
// to another caller. A use moves the end of a session that slides.
func (c *Checker) use(ctx context.Context, r *oauth.Request, b bearing, verdict *oauth.Verdict, now time.Time) (*oauth.Error, error) {
	reason, err := c.Keys.Mismatch(b.session.Binding, r)
	switch {
	case errors.Is(err, seal.ErrUnknownKey):
		return tokenRefusal(refusedCode(b.session), err), nil
	case err != nil:
		return nil, fmt.Errorf("compare the binding: %w", err)
	case reason != "":
		return c.otherCaller(ctx, r, b, reason, now)
	}
	verdict.Allowed = true
	if end, due := b.session.Extension(now); due {
		if err := c.Sessions.Extend(ctx, b.session.ID, end, now); err != nil {
			verdict.Fault = fmt.Errorf("extend session: %w", err) // the next use tries again
			return nil, nil
		}
		b.session.Expires = oauth.End(end)
	}
	return nil, nil
}

// otherCaller refuses r's caller, for whom the session was not when it was read.
func (c *Checker) otherCaller(ctx context.Context, r *oauth.Request, b bearing, reason oauth.Reason, now time.Time) (*oauth.Error, error) {
	rebound, err := c.rebound(ctx, r, b, now)
	switch {
	case err != nil:
		return nil, err
	case rebound:
		return replaced(), nil
	}
	return c.mismatch(ctx, b, reason, now)
}

// rebound reports whether a refresh has bound the session to r's caller by now,
// which an eventually consistent read may not show: nothing is killed for being
// read too early.
func (c *Checker) rebound(ctx context.Context, r *oauth.Request, b bearing, now time.Time) (bool, error) {
	if c.Consistency == oauth.Strong || !refreshable(b) || c.Binding.For(b.client).OnMismatch == oauth.RejectOnly {
		return false, nil
	}
	session, err := c.Sessions.Find(ctx, b.session.ID, now, oauth.Strong)
	switch {
	case errors.Is(err, oauth.ErrNotFound) || errors.Is(err, oauth.ErrExpired):
		return false, nil
	case err != nil:
		return false, sessionFault(err)
	}
	reason, err := c.Keys.Mismatch(session.Binding, r)
	if err != nil {
		return false, fmt.Errorf("compare the binding: %w", err)
	}
	return reason == "", nil
}

// mismatch refuses a token to a caller that its session is not bound to, and
// kills what the policy says before it answers, in one write.
func (c *Checker) mismatch(ctx context.Context, b bearing, reason oauth.Reason, now time.Time) (*oauth.Error, error) {
	policy := c.Binding.For(b.client)
	refusal := oauth.Unauthorized(refusedCode(b.session), "the token is not valid from here")
	if reason == oauth.ReasonKey { // no secret: its client was told by token_type
		refusal.Description = "the token is bound to a key and needs its proof"
	}
	session := *b.session // a copy: what is let through needs no memory of its own
	refusal.Reason, refusal.OnMismatch, refusal.Session = reason, policy.OnMismatch, &session
	if policy.OnMismatch == oauth.RejectOnly {
		return refusal, nil
	}
	killing := oauth.Killing{Reason: reason, Generation: b.generation, At: now}
	if policy.OnMismatch == oauth.KillSession || !refreshable(b) {
		killing.Generation = oauth.AllGenerations
	}
	if err := c.Sessions.Kill(ctx, b.session.ID, killing); err != nil {
		return nil, fmt.Errorf("kill a token shown by another caller: %w", err)
	}
	return refusal, nil
}

// refreshable reports whether a refresh can go on where a token was killed.
func refreshable(b bearing) bool {
	return b.session.Protocol == oauth.OAuth2 && b.session.User != "" && b.client.Allows(oauth.GrantRefreshToken)
}

func refusedCode(s *oauth.Session) string {
	if s.Protocol == oauth.OAuth1 {
		return oauth.TokenRejected
	}
	return oauth.InvalidToken
}
