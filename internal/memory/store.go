// Package memory is the store of a laptop: everything in one process, gone
// when it ends.
package memory

import (
	"sync"

	"gatehouse/internal/oauth"
)

// Store keeps sessions, spent keys, counters, clients and users. It keeps
// every contract of package oauth and may be used by any number of goroutines.
type Store struct {
	mu       sync.Mutex
	sessions map[oauth.SessionID]*oauth.Session
	spent    map[oauth.SpendKey]spending
	tries    map[string]counter
	clients  map[string]oauth.Client
	users    map[string]oauth.User
}

// New returns an empty store.
func New() *Store {
	return &Store{
		sessions: map[oauth.SessionID]*oauth.Session{},
		spent:    map[oauth.SpendKey]spending{},
		tries:    map[string]counter{},
		clients:  map[string]oauth.Client{},
		users:    map[string]oauth.User{},
	}
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
