// Package oauthtest is what the tests of several packages need.
package oauthtest

import "sync"

// Rand is deterministic randomness that is different each time. Its zero value
// is ready, and many goroutines may read it.
type Rand struct {
	mu sync.Mutex
	n  uint16
}

// Read fills p with what no Read of this Rand gave before, for 65,535 times.
func (r *Rand) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	for i := range p {
		p[i] = byte(r.n >> (8 * (i % 2))) // #nosec G115 -- a byte of it is what is wanted
	}
	return len(p), nil
}
