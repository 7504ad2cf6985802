package stress

import (
	"math/rand/v2"
	"sync"
)

// pool keeps some of what was put into it.
type pool[T any] struct {
	size   int
	random *rand.Rand

	mu    sync.Mutex
	items []T
}

func newPool[T any](size int) *pool[T] {
	return &pool[T]{size: size, random: rand.New(rand.NewPCG(uint64(size), 3))}
}

// put adds an item, in the place of another where the pool is full.
func (p *pool[T]) put(item T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.items) < p.size {
		p.items = append(p.items, item)
		return
	}
	p.items[p.random.IntN(p.size)] = item
}

// pick returns any item; ok is false when there is none.
func (p *pool[T]) pick() (item T, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.items) == 0 {
		return item, false
	}
	return p.items[p.random.IntN(len(p.items))], true
}

// user is a resource owner and the sessions that are known to be theirs.
type user struct {
	name string

	mu       sync.Mutex
	sessions []*session
	sweeps   int // how often all were asked to end
	sweeping int // of those, how many are under way
}

// own returns the sessions that are known.
func (u *user) own() []*session {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]*session(nil), u.sessions...)
}

// swept returns how often all sessions have been ended so far. One that is asked
// for now may end with those whose end is under way.
func (u *user) swept() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.sweeps - u.sweeping
}

// add makes a session known that was asked for when swept was so many.
func (u *user) add(s *session, swept int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	s.ending = s.ending || u.sweeps != swept
	u.sessions = append(u.sessions, s)
}

// sweep asks all sessions to end and returns those that must.
func (u *user) sweep() []*session {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sweeps++
	u.sweeping++
	for _, s := range u.sessions {
		s.end()
	}
	return append([]*session(nil), u.sessions...)
}

func (u *user) sweepEnded() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sweeping--
}
