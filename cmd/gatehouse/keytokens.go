package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// eachSealedBy calls do with the sessions of imported tokens whose secrets the
// key id sealed, a page after the other. All sessions are read for that, but only
// where one of the clients has such tokens.
func eachSealedBy(ctx context.Context, store oauth.TokenSecrets, clients []oauth.Client, id seal.KeyID, do func(page []oauth.Session) error) error {
	if !slices.ContainsFunc(clients, func(c oauth.Client) bool { return c.Imported }) {
		return nil
	}
	for cursor := ""; ; {
		page, next, err := store.SealedSessions(ctx, cursor)
		if err != nil {
			return fmt.Errorf("list the imported tokens: %w", rootCause(err))
		}
		if err := do(slices.DeleteFunc(page, func(s oauth.Session) bool { return seal.TokenKey(&s) != id })); err != nil {
			return err
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// checkTokens refuses to take a key away from imported tokens that need it.
func checkTokens(ctx context.Context, store oauth.TokenSecrets, clients []oauth.Client, id, current seal.KeyID) error {
	count := 0
	err := eachSealedBy(ctx, store, clients, id, func(page []oauth.Session) error { count += len(page); return nil })
	if err != nil || count == 0 {
		return err
	}
	return fmt.Errorf("key %s seals the secrets of imported tokens (%d); --keep-secrets seals them with key %s, --drop-secrets goes on without",
		id, count, current)
}

// resealing is how many secrets are sealed anew side by side.
const resealing = 16

// moveTokens seals the secrets of imported tokens with the current key, and
// leaves alone what was revoked meanwhile.
func (p *program) moveTokens(ctx context.Context, keys *seal.Keyring, id seal.KeyID, store oauth.TokenSecrets, clients []oauth.Client) error {
	var moved atomic.Int64
	err := eachSealedBy(ctx, store, clients, id, func(page []oauth.Session) error {
		var all sync.WaitGroup
		failures := make([]error, resealing)
		for worker := range failures {
			all.Go(func() {
				for i := worker; i < len(page) && failures[worker] == nil; i += resealing {
					failures[worker] = moveToken(ctx, keys, &page[i], store, &moved)
				}
			})
		}
		all.Wait()
		p.progress("imported tokens so far: %d", moved.Load())
		return errors.Join(failures...)
	})
	if n := moved.Load(); n > 0 {
		p.say("imported tokens (%d) keep their secrets, now by key %s", n, keys.Current())
	}
	return err
}

func moveToken(ctx context.Context, keys *seal.Keyring, session *oauth.Session, store oauth.TokenSecrets, moved *atomic.Int64) error {
	secret, err := keys.ImportedSecret(session)
	if err != nil {
		return fmt.Errorf("session %s: %w", session.ID, err)
	}
	sealed, err := keys.SealTokenSecret(session.ID, secret)
	if err != nil {
		return err
	}
	err = store.ResealToken(ctx, session.ID, session.SealedSecret, sealed)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("session %s: %w", session.ID, rootCause(err))
	}
	moved.Add(1)
	return nil
}
