package grants

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// refresh is RFC 6749 §6 with rotation (RFC 9700 §4.14.2), in one conditional
// write. Asked for again within the grace period it gives the same tokens; a
// token of an older generation is stolen or was, and ends the session.
func (e *Endpoint) refresh(ctx context.Context, r *tokenRequest) (oauth.Session, *oauth.Error, error) {
	presented := r.form.Get("refresh_token")
	if presented == "" {
		return oauth.Session{}, oauth.BadRequest(oauth.InvalidRequest, "refresh_token missing"), nil
	}
	scope, refusal := oauth.ReadScope(r.form.Get("scope"))
	if refusal != nil {
		return oauth.Session{}, refusal, nil
	}
	token, err := e.Keys.Open(seal.RefreshToken, presented)
	if err != nil {
		refusal := oauth.BadRequest(oauth.InvalidGrant, "this refresh token was not issued here")
		refusal.UnknownKey = errors.Is(err, seal.ErrUnknownKey)
		return oauth.Session{}, refusal, nil
	}
	session, err := e.Sessions.Refresh(ctx, e.renewal(r, token, scope))
	refusal, err = refreshRefusal(err)
	if err == nil && refusal != nil {
		refusal.Session = &oauth.Session{ID: token.Session}
		err = e.endStolen(ctx, r, &session, genuine(refusal))
	}
	if err != nil {
		return oauth.Session{}, nil, err
	}
	if refusal != nil {
		return oauth.Session{}, refusal, nil
	}
	return session, nil, nil
}

func (e *Endpoint) renewal(r *tokenRequest, token seal.Token, scope []string) oauth.Renewal {
	end := e.sessionEnd(r.client, r.now)
	renewal := oauth.Renewal{
		ID:            token.Session,
		Client:        r.client.ID,
		Generation:    token.Generation,
		Scope:         scope,
		Now:           r.now,
		AccessExpires: r.now.Add(e.Terms.Access),
		Expires:       oauth.SlidingEnd(r.now, end, e.Terms.Idle),
		Grace:         e.Terms.Grace,
		Agents:        e.Keys.Agents(r.Request),
		Binding:       e.bind(r),
		Confirmation:  r.proven.Key,
	}
	if e.Terms.Idle > 0 {
		renewal.Until, renewal.Idle = end, e.Terms.Idle
	}
	return renewal
}

// endStolen ends the session of a refusal that tells of a thief: its refresh
// token was used twice, or by another caller than it is bound to where the
// policy says so. What a refresh token gives is all there is.
func (e *Endpoint) endStolen(ctx context.Context, r *tokenRequest, session *oauth.Session, refusal *oauth.Error) error {
	e.excuse(r, session, refusal)
	if refusal.Reason == "" || refusal.UnknownKey {
		return nil
	}
	refusal.OnMismatch, refusal.Session = oauth.KillSession, session
	policy := e.Terms.Binding.For(r.client)
	if refusal.Reason != oauth.ReasonRefreshReuse && policy.OnMismatch == oauth.RejectOnly {
		refusal.OnMismatch = oauth.RejectOnly
		return nil
	}
	killing := oauth.Killing{Reason: refusal.Reason, Generation: oauth.AllGenerations, At: r.now}
	if err := e.Sessions.Kill(ctx, session.ID, killing); err != nil {
		return fmt.Errorf("end the session of a stolen refresh token: %w", err)
	}
	return nil
}

// excuse tells those from thieves who only look like one: a client that forgot
// its proof shows no other key, and of a session that was bound by a key which
// is unknown here, nobody can tell whether its caller is another.
func (e *Endpoint) excuse(r *tokenRequest, session *oauth.Session, refusal *oauth.Error) {
	switch {
	case refusal.Reason == oauth.ReasonKey && r.proven.Key == "":
		refusal.Reason = ""
	case refusal.Reason == oauth.ReasonAgent:
		_, err := e.Keys.Mismatch(session.Binding, r.Request)
		refusal.UnknownKey = errors.Is(err, seal.ErrUnknownKey)
	}
}

// refreshRefusal tells a refused refresh from a failed one.
func refreshRefusal(err error) (*oauth.Error, error) {
	reasons := []struct {
		err               error
		reason            oauth.Reason
		code, description string
	}{
		{oauth.ErrNotFound, "", oauth.InvalidGrant, "the session has ended"},
		{oauth.ErrExpired, "", oauth.InvalidGrant, "the refresh token has expired"},
		{oauth.ErrNotOwner, "", oauth.InvalidGrant, "the refresh token was issued to another client"},
		{oauth.ErrOtherAgent, oauth.ReasonAgent, oauth.InvalidGrant, "the refresh token is not valid from here"},
		{oauth.ErrOtherKey, oauth.ReasonKey, oauth.InvalidGrant, "the refresh token is bound to a key and needs its proof"},
		{oauth.ErrReused, oauth.ReasonRefreshReuse, oauth.InvalidGrant, "the refresh token was used before; the session has ended"},
		{oauth.ErrScope, "", oauth.InvalidScope, "scope is not part of what was granted"},
	}
	for _, reason := range reasons {
		if errors.Is(err, reason.err) {
			refusal := oauth.BadRequest(reason.code, reason.description)
			refusal.Reason, refusal.Replayed = reason.reason, reason.reason == oauth.ReasonRefreshReuse
			return refusal, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	return nil, nil
}
