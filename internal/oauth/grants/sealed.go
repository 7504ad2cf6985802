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
		return expired
	}
	foreign.UnknownKey = errors.Is(err, seal.ErrUnknownKey)
	return foreign
}

// spend uses up a sealed credential that lasts for lifetime at most, or says
// ErrSpent. It is remembered a minute longer, for clocks that differ between
// servers.
func (e *Endpoint) spend(ctx context.Context, sealed string, lifetime time.Duration, now time.Time) error {
	attempt, err := oauth.NewAttempt(ctx, e.Rand)
	if err != nil {
		return err
	}
	err = e.Replay.Spend(ctx, oauth.Spending{
		Key:     seal.SpendKey(sealed),
		Attempt: attempt,
		Now:     now,
		Expires: now.Add(lifetime + time.Minute),
	})
	if err != nil {
		return fmt.Errorf("spend a sealed credential: %w", err)
	}
	return nil
}
