package grants

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// refresh is RFC 6749 §6 with rotation (RFC 9700 §4.14.2), in one conditional
// write. Asked for again within the grace period it gives the same tokens; a
// token of an older generation is stolen or was, and ends the session.
func (e *Endpoint) refresh(ctx context.Context, form oauth.Params, client *oauth.Client, now time.Time) (oauth.Session, *oauth.Error, error) {
	presented := form.Get("refresh_token")
	if presented == "" {
		return oauth.Session{}, oauth.BadRequest(oauth.InvalidRequest, "refresh_token missing"), nil
	}
	scope, refusal := oauth.ReadScope(form.Get("scope"))
	if refusal != nil {
		return oauth.Session{}, refusal, nil
	}
	token, err := e.Keys.Open(seal.RefreshToken, presented)
	if err != nil {
		refusal := oauth.BadRequest(oauth.InvalidGrant, "this refresh token was not issued here")
		refusal.UnknownKey = errors.Is(err, seal.ErrUnknownKey)
		return oauth.Session{}, refusal, nil
	}
	session, err := e.Sessions.Refresh(ctx, oauth.Renewal{
		ID:            token.Session,
		Client:        client.ID,
		Generation:    token.Generation,
		Scope:         scope,
		Now:           now,
		AccessExpires: now.Add(e.Terms.Access),
		Expires:       e.sessionEnd(client, now),
		Grace:         e.Terms.Grace,
	})
	if errors.Is(err, oauth.ErrReused) {
		err = e.endReused(ctx, token.Session, client)
	}
	refusal, err = refreshRefusal(err)
	return session, refusal, err
}

// endReused deletes the session whose refresh token was used twice, and says
// ErrReused once that is done.
func (e *Endpoint) endReused(ctx context.Context, id oauth.SessionID, client *oauth.Client) error {
	if err := e.Sessions.Revoke(ctx, id, oauth.Owner{Client: client.ID}); err != nil {
		return fmt.Errorf("end a session whose refresh token was used twice: %w", err)
	}
	return oauth.ErrReused
}

// refreshRefusal tells a refused refresh from a failed one.
func refreshRefusal(err error) (*oauth.Error, error) {
	reasons := []struct {
		err               error
		code, description string
	}{
		{oauth.ErrNotFound, oauth.InvalidGrant, "the session has ended"},
		{oauth.ErrExpired, oauth.InvalidGrant, "the refresh token has expired"},
		{oauth.ErrNotOwner, oauth.InvalidGrant, "the refresh token was issued to another client"},
		{oauth.ErrReused, oauth.InvalidGrant, "the refresh token was used before; the session has ended"},
		{oauth.ErrScope, oauth.InvalidScope, "scope is not part of what was granted"},
	}
	for _, reason := range reasons {
		if errors.Is(err, reason.err) {
			return oauth.BadRequest(reason.code, reason.description), nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	return nil, nil
}
