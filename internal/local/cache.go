package local

import (
	"sync"
	"time"
)

// cache keeps the policies of one authorizer by identity. Refusals by error
// are not kept. A nil cache keeps nothing.
type cache struct {
	ttl     time.Duration
	mu      sync.Mutex
	entries map[string]entry
}

type entry struct {
	policy *policy
	until  time.Time
}

// maxEntries bounds a cache whatever identities callers invent.
const maxEntries = 1000

func newCache(ttl time.Duration) *cache {
	if ttl == 0 {
		return nil
	}
	return &cache{ttl: ttl, entries: map[string]entry{}}
}

func (c *cache) get(key string, now time.Time) *policy {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.entries[key]
	if !ok || !now.Before(found.until) {
		return nil
	}
	return found.policy
}

func (c *cache) put(key string, p *policy, now time.Time) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxEntries {
		clear(c.entries)
	}
	c.entries[key] = entry{p, now.Add(c.ttl)}
}
