package oauth

import (
	"context"
	"errors"
	"sync"
	"time"
)

var errBroken = errors.New("the source is broken")

// stepClock shows a time that a test moves.
type stepClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *stepClock { return &stepClock{now: instant} }

func (c *stepClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *stepClock) step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// countedClients has the clients in known, and counts who asks; err, where it
// is set, is its answer to everything.
type countedClients struct {
	mu    sync.Mutex
	known map[string]Client
	err   error
	asked int
}

func (c *countedClients) Client(_ context.Context, id string) (Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	if c.err != nil {
		return Client{}, c.err
	}
	client, ok := c.known[id]
	if !ok {
		return Client{}, ErrNotFound
	}
	return client, nil
}

func (c *countedClients) set(err error, clients ...Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err, c.known = err, map[string]Client{}
	for _, client := range clients {
		c.known[client.ID] = client
	}
}
