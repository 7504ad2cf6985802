// Package memory is the store of a laptop: everything in one process, gone
// when it ends.
package memory

import (
	"context"
	"maps"
	"slices"
	"sync"

	"gatehouse/internal/oauth"
)

// Store keeps sessions, spent keys, counters, clients and users. It keeps
// every contract of package oauth and may be used by any number of goroutines.
type Store struct {
	mu       sync.Mutex
	sessions map[oauth.SessionID]oauth.Session
	spent    map[string]spending
	tries    map[string]counter
	clients  map[string]oauth.Client
	users    map[string]oauth.User
}

// New returns an empty store.
func New() *Store {
	return &Store{
		sessions: map[oauth.SessionID]oauth.Session{},
		spent:    map[string]spending{},
		tries:    map[string]counter{},
		clients:  map[string]oauth.Client{},
		users:    map[string]oauth.User{},
	}
}

// Client returns the client called id, or oauth.ErrNotFound.
func (s *Store) Client(_ context.Context, id string) (oauth.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	client, ok := s.clients[id]
	if !ok {
		return oauth.Client{}, oauth.ErrNotFound
	}
	return client.Kept(), nil
}

// AllClients returns every client; see oauth.ClientList.
func (s *Store) AllClients(context.Context) ([]oauth.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]oauth.Client, 0, len(s.clients))
	for _, id := range slices.Sorted(maps.Keys(s.clients)) {
		client := s.clients[id]
		all = append(all, client.Kept())
	}
	return all, nil
}

// User returns the user called name, or oauth.ErrNotFound.
func (s *Store) User(_ context.Context, name string) (oauth.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, ok := s.users[name]
	if !ok {
		return oauth.User{}, oauth.ErrNotFound
	}
	return user, nil
}

// PutClient creates c or replaces the client of its id.
func (s *Store) PutClient(_ context.Context, c oauth.Client) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients[c.ID] = c.Kept()
	return nil
}

// Reseal seals a client's secret anew; see oauth.ClientSecrets.
func (s *Store) Reseal(_ context.Context, old oauth.Client, sealed string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	client, there := s.clients[old.ID]
	same := client.SecretKey == old.SecretKey && client.SecretVersion == old.SecretVersion && client.SealedSecret == old.SealedSecret
	if !there || !same && client.SealedSecret != sealed {
		return oauth.ErrNotFound
	}
	client.SealedSecret = sealed
	s.clients[old.ID] = client
	return nil
}

// PutUser creates u or replaces the user of its name.
func (s *Store) PutUser(_ context.Context, u oauth.User) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.Name] = u
	return nil
}

// Rehash replaces a password hash; see oauth.Passwords.
func (s *Store) Rehash(_ context.Context, name, old, renewed string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, there := s.users[name]
	if !there || user.PasswordHash != old && user.PasswordHash != renewed {
		return oauth.ErrNotFound
	}
	user.PasswordHash = renewed
	s.users[name] = user
	return nil
}

// sweepSize is how many items each write looks at. As each write adds at most
// one, what is over stays below a third of what is alive.
const sweepSize = 4

// sweep deletes what is over among a few items, whichever the map's random
// order brings.
func sweep[K comparable, V any](items map[K]V, over func(V) bool) {
	looked := 0
	for key, item := range items {
		if over(item) {
			delete(items, key)
		}
		if looked++; looked == sweepSize {
			return
		}
	}
}
