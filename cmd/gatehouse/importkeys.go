package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/internal/oauth/seal"
)

// watchedKeys is the keyring of something that takes long and seals: it goes on
// with the keyring as it is by now, and finds out when a key was retired under it.
type watchedKeys struct {
	keys *seal.Keyring
	read func(context.Context) (*seal.Keyring, error)
	used map[seal.KeyID]bool // which may have sealed
	at   time.Time           // of the last look
	gone error
}

// keysStale is how long it goes on with a keyring before it looks for a newer one:
// less than a key that was rotated has until it takes over.
const keysStale = time.Minute

func watchKeys(keys *seal.Keyring, now time.Time, read func(context.Context) (*seal.Keyring, error)) *watchedKeys {
	return &watchedKeys{keys: keys, read: read, used: map[seal.KeyID]bool{keys.Current(): true}, at: now}
}

// look reads the keyring again. The error is what could not be read, or is kept
// in gone: what a key sealed that is there no more is lost.
func (w *watchedKeys) look(ctx context.Context, now time.Time) error {
	w.at = now
	newer, err := w.read(ctx)
	if err != nil {
		return fmt.Errorf("read the keyring again, since a key may be gone that sealed what was written: %w", err)
	}
	ids := newer.IDs()
	for id := range w.used {
		if !slices.Contains(ids, id) {
			w.gone = fmt.Errorf("key %s was retired while the import sealed secrets with it: "+
				"the same command without --state names those that are lost", id)
			return w.gone
		}
	}
	w.used[newer.Current()] = true
	w.keys.Replace(newer)
	return nil
}

// lookLast is look at the end, also of what was interrupted.
func (w *watchedKeys) lookLast(ctx context.Context, now time.Time) error {
	if w.gone != nil {
		return w.gone
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()
	return w.look(ctx, now)
}
