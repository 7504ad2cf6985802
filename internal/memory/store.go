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

	writes struct{ sessions, spent, tries uint } // so far
}

// New returns an empty store.
func New() *Store {
	return &Store{
		sessions: map[oauth.SessionID]*oauth.Session{},
		spent:    make(map[oauth.SpendKey]spending, fewSpent),
		tries:    map[string]counter{},
		clients:  map[string]oauth.Client{},
		users:    map[string]oauth.User{},
	}
}

// fewSpent is room for what a server soon has, so that a young store does not grow
// under its first callers.
const fewSpent = 256

// One write in sweepEvery looks at sweepSize items, so four for each write. As each
// adds at most one, what is over stays below a third of what is alive.
const (
	sweepSize  = 32
	sweepEvery = 8
)

// sweep counts a write to items. In each that is due it deletes what is over among
// some of them, whichever the map's random order brings.
func sweep[K comparable, V any](writes *uint, items map[K]V, over func(V) bool) {
	if *writes++; *writes%sweepEvery != 0 {
		return
	}
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
