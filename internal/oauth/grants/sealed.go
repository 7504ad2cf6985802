package grants

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// notOpened tells why a sealed credential was not opened: it has expired, or
// was not made here for what it is presented as.
func notOpened(err error, expired, foreign *oauth.Error) *oauth.Error {
	if errors.Is(err, seal.ErrExpired) {
		return genuine(expired)
	}
	foreign.UnknownKey = errors.Is(err, seal.ErrUnknownKey)
	return foreign
}

// genuine is the refusal of a credential that was made here, which the audit log
// is told. Of what is not, it is told nothing: anybody could fill it.
func genuine(refusal *oauth.Error) *oauth.Error {
	if refusal != nil && refusal.Act == "" {
		refusal.Act = oauth.ActTokenRefused
	}
	return refusal
}

// refused says for the log whose request was refused. A client with a secret has
// proven by now that it is who it says; any other may be anybody.
func (r *tokenRequest) refused(refusal *oauth.Error, protocol oauth.Protocol) *oauth.Error {
	if !r.client.Public {
		refusal = genuine(refusal)
	}
	var whose oauth.Session
	if refusal.Session != nil {
		whose = *refusal.Session
	}
	whose.Client, whose.Protocol = r.client.ID, protocol
	refusal.Session = &whose
	return refusal
}

// spend uses up a sealed credential that lasts for lifetime at most, or says
// ErrSpent. It is remembered a minute longer, for clocks that differ between
// servers.
func (e *Endpoint) spend(ctx context.Context, sealed string, lifetime time.Duration, now time.Time) error {
	err := e.Replay.Spend(ctx, oauth.Spending{
		Key:     seal.SpendKey(sealed),
		Attempt: oauth.NewAttempt(ctx),
		Now:     now,
		Expires: now.Add(lifetime + time.Minute),
	})
	if err != nil {
		return fmt.Errorf("spend a sealed credential: %w", err)
	}
	return nil
}
