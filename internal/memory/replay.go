package memory

import (
	"context"
	"time"

	"gatehouse/internal/oauth"
)

// spending is without pointers, as its key is: there may be as many as a server
// has requests in some minutes, and the garbage collector need look at none.
type spending struct {
	attempt oauth.Attempt
	end     int64 // seconds of oauth.End, that of the zero time too
}

func (s spending) expired(now time.Time) bool { return oauth.Expired(time.Unix(s.end, 0), now) }

// Spend records a key once; see oauth.Replay.
func (s *Store) Spend(_ context.Context, spend oauth.Spending) error {
	if spend.Attempt == (oauth.Attempt{}) {
		return oauth.ErrNoAttempt
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, spent := s.spent[spend.Key]
	if spent && old.attempt != spend.Attempt && !old.expired(spend.Now) {
		return oauth.ErrSpent
	}
	sweep(&s.writes.spent, s.spent, func(old spending) bool { return old.expired(spend.Now) })
	s.spent[spend.Key] = spending{spend.Attempt, oauth.End(spend.Expires).Unix()}
	return nil
}

// Spent reports whether key is recorded; see oauth.Spendings.
func (s *Store) Spent(_ context.Context, key oauth.SpendKey, now time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, spent := s.spent[key]
	return spent && !old.expired(now), nil
}

type counter struct {
	count   int
	last    time.Time
	expires time.Time
}

// Count raises a counter; see oauth.Throttle.
func (s *Store) Count(_ context.Context, key string, now time.Time, keep time.Duration) (oauth.Tries, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sweep(&s.writes.tries, s.tries, func(c counter) bool { return oauth.Expired(c.expires, now) })
	old := s.tries[key]
	if oauth.Expired(old.expires, now) {
		old = counter{}
	}
	s.tries[key] = counter{count: old.count + 1, last: oauth.Milli(now), expires: oauth.End(now.Add(keep))}
	return oauth.Tries{Count: old.count + 1, Previous: old.last}, nil
}

// Forget removes a counter; see oauth.Throttle.
func (s *Store) Forget(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tries, key)
	return nil
}

// TakeBack lowers a counter; see oauth.Throttle.
func (s *Store) TakeBack(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, there := s.tries[key]; there && c.count > 0 {
		c.count--
		s.tries[key] = c
	}
	return nil
}
