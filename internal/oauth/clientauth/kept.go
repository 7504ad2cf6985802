package clientauth

import (
	"context"
	"sync"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

// SignedByToken is Signed for a token that the keyring opened. It keeps the key of
// a caller whose signature held, so that the next one costs no derived secret.
// What is refused takes as long as if nothing were kept, or it would tell which
// clients there are. The error is seal.ErrUnknownKey where the token's key was
// retired after the token was opened.
func (a *Authenticator) SignedByToken(ctx context.Context, s *oauth1.Signed, token seal.Token, now time.Time) (oauth.Client, *oauth.Error, error) {
	ring := a.Keys.Ring() // before anything is derived: what it changes to meanwhile is not what the key is kept for
	found, missing := a.lookUp(ctx, s.ConsumerKey, now)
	key, kept := a.kept.find(token, ring, found)
	var refusal *oauth.Error
	if kept {
		client := candidate{Client: *found, known: true}
		if refusal = a.refusal(s, &client, key, now); refusal == nil {
			return client.Client, nil, nil
		}
	}
	client, err := a.candidate(s.ConsumerKey, found, missing)
	if err != nil {
		return oauth.Client{}, nil, err
	}
	secret, err := a.Keys.TokenSecret(token)
	if err != nil {
		return oauth.Client{}, nil, err
	}
	key = client.key(secret).Prepared(s.Method)
	if kept { // refused: what was derived since was for the time it takes
		return client.Client, refusal, nil
	}
	if refusal = a.refusal(s, &client, key, now); refusal == nil {
		a.kept.keep(token, ring, found, key)
	}
	return client.Client, refusal, nil
}

// maxKept is how many keys are kept.
const maxKept = 1024

// keptKeys are the keys of callers whose signature held, by their tokens. A token
// is one that the keyring opened for this very request: what is kept vouches for
// nothing.
type keptKeys struct {
	mu      sync.Mutex
	ring    seal.Ring // that all of them were derived from
	entries map[seal.Token]keptKey
}

// keptKey is of a client as it was read: one that may have changed is another
// pointer.
type keptKey struct {
	client *oauth.Client
	key    oauth1.Key
}

func (k *keptKeys) find(token seal.Token, ring seal.Ring, client *oauth.Client) (oauth1.Key, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	entry, ok := k.entries[token]
	return entry.key, ok && k.ring == ring && entry.client == client
}

// keep makes room as CachedClients does. Keys of another ring are dropped, so that
// what was derived from a retired key does not stay.
func (k *keptKeys) keep(token seal.Token, ring seal.Ring, client *oauth.Client, key oauth1.Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ring != ring || k.entries == nil {
		k.ring, k.entries = ring, map[seal.Token]keptKey{}
	}
	if _, known := k.entries[token]; !known && len(k.entries) >= maxKept {
		for other := range k.entries {
			delete(k.entries, other)
			break
		}
	}
	k.entries[token] = keptKey{client, key}
}
