package oauth

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// ClientsAt finds registered clients as they are at now.
type ClientsAt interface {
	// Client returns the client called id, or ErrNotFound. Others are given the
	// same one: nobody may change it.
	Client(ctx context.Context, id string, now time.Time) (*Client, error)
}

// CachedClients answers from memory what another Clients found, so that warm
// operations do not pay for the client. A change of a client is seen after
// Keep; a client that did not exist is asked for again after KeepMissing.
// It holds at most Size entries, whatever ids callers invent.
type CachedClients struct {
	Source      Clients
	Keep        time.Duration
	KeepMissing time.Duration
	Size        int

	mu      sync.Mutex
	entries map[string]cachedClient
}

type cachedClient struct {
	client *Client // nil: ErrNotFound
	until  time.Time
}

// ClientAge is how long a change of a client may stay unseen.
const ClientAge = time.Minute

// NewCachedClients caches source for ClientAge, missing clients for five
// seconds, at most 4096 of them.
func NewCachedClients(source Clients) *CachedClients {
	return &CachedClients{Source: source, Keep: ClientAge, KeepMissing: 5 * time.Second, Size: 4096}
}

// Client is of ClientsAt. Faults of the source are returned and not remembered.
func (c *CachedClients) Client(ctx context.Context, id string, now time.Time) (*Client, error) {
	entry, ok := c.lookup(id)
	if !ok || !now.Before(entry.until) {
		id = strings.Clone(id) // it may be part of a form, which would be kept with it, passwords and all
		client, err := c.Source.Client(ctx, id)
		switch {
		case err == nil:
			entry = cachedClient{&client, now.Add(c.Keep)}
		case errors.Is(err, ErrNotFound):
			entry = cachedClient{nil, now.Add(c.KeepMissing)}
		default:
			return nil, err
		}
		c.remember(id, entry)
	}
	if entry.client == nil {
		return nil, ErrNotFound
	}
	return entry.client, nil
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
