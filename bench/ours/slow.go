package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"gatehouse/bench/contender"
	"gatehouse/bench/sample"
	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// slowStore takes as long as a database does. Where alone is set, one call waits
// for the other.
type slowStore struct {
	*memory.Store
	alone *sync.Mutex
}

func (s *slowStore) wait(d time.Duration) {
	if s.alone != nil {
		s.alone.Lock()
		defer s.alone.Unlock()
	}
	time.Sleep(d)
}

// Find waits as a read does.
func (s *slowStore) Find(ctx context.Context, id oauth.SessionID, now time.Time, c oauth.Consistency) (oauth.Session, error) {
	s.wait(contender.SlowRead)
	return s.Store.Find(ctx, id, now, c)
}

// Spend waits as a write does.
func (s *slowStore) Spend(ctx context.Context, spending oauth.Spending) error {
	s.wait(contender.SlowWrite)
	return s.Store.Spend(ctx, spending)
}

// slowly checks signed requests on a slow store, whose calls it makes side by
// side, but not where alone is set.
func slowly(alone *sync.Mutex) func(*contender.Turn) (*contender.Subject, error) {
	return func(*contender.Turn) (*contender.Subject, error) {
		h, err := newHouse()
		if err != nil {
			return nil, err
		}
		now := time.Now()
		session := sample.Session(0, oauth.OAuth1, now)
		if err := h.store.Create(context.Background(), session); err != nil {
			return nil, fmt.Errorf("create the session: %w", err)
		}
		token := h.keys.Mint(seal.OAuth1Token, session.ID, session.Generation).Reveal()
		signer, err := sample.NewSigner(h.keys, token)
		if err != nil {
			return nil, err
		}
		checker := h.checker(&slowStore{h.store, alone})
		s := &contender.Subject{Passing: true, Batch: 16}
		count := 0
		ask := func(shown string) bool {
			header, err := signer.Header("https://api.example.com/x", now, strconv.Itoa(count))
			count++
			verdict, broken := checker.Check(context.Background(), &oauth.Request{Method: http.MethodGet, Scheme: "https", Host: "api.example.com", Path: "/x",
				Header: http.Header{"Authorization": {strings.Replace(header, token, shown, 1)}}})
			return err == nil && broken == nil && verdict.Allowed
		}
		s.Right = func(int) bool { return ask(token) }
		s.Wrong = []func() bool{func() bool { return ask(token + "x") }, func() bool { count = 0; return ask(token) }}
		return s, nil
	}
}
