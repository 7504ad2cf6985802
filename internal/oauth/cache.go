package oauth

import (
	"context"
	"errors"
	"sync"
	"time"
)

// CachedClients answers from memory what another Clients found, so that warm
// operations do not pay for the client. A change of a client is seen after
// Keep; a client that did not exist is asked for again after KeepMissing.
// It holds at most Size entries, whatever ids callers invent.
type CachedClients struct {
	Source      Clients
	Clock       func() time.Time
	Keep        time.Duration
	KeepMissing time.Duration
	Size        int

	mu      sync.Mutex
	entries map[string]cachedClient
}

type cachedClient struct {
	client Client
	err    error // nil or ErrNotFound
	until  time.Time
}

// ClientAge is how long a change of a client may stay unseen.
const ClientAge = time.Minute

// NewCachedClients caches source for ClientAge, missing clients for five
// seconds, at most 4096 of them.
func NewCachedClients(source Clients, clock func() time.Time) *CachedClients {
	return &CachedClients{Source: source, Clock: clock, Keep: ClientAge,
		KeepMissing: 5 * time.Second, Size: 4096}
}

// Client returns the client called id, or ErrNotFound. Faults of the source
// are returned and not remembered.
func (c *CachedClients) Client(ctx context.Context, id string) (Client, error) {
	now := c.Clock()
	if entry, ok := c.lookup(id); ok && now.Before(entry.until) {
		return entry.client, entry.err
	}
	client, err := c.Source.Client(ctx, id)
	switch {
	case err == nil:
		c.remember(id, cachedClient{client, nil, now.Add(c.Keep)})
	case errors.Is(err, ErrNotFound):
		c.remember(id, cachedClient{err: ErrNotFound, until: now.Add(c.KeepMissing)})
	}
	return client, err
}

func (c *CachedClients) lookup(id string) (cachedClient, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.entries[id]
	return entry, ok
}

// remember makes room by dropping any one entry: map order is as good as
// random, and junk ids then push out junk as likely as anything.
func (c *CachedClients) remember(id string, entry cachedClient) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.entries[id]; !known && len(c.entries) >= c.Size {
		for other := range c.entries {
			delete(c.entries, other)
			break
		}
	}
	if c.entries == nil {
		c.entries = map[string]cachedClient{}
	}
	c.entries[id] = entry
}
