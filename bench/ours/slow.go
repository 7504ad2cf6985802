package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"gatehouse/bench/contender"
	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
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
		session := oauth.Session{ID: oauth.SessionID{4, 5, 6}, Protocol: oauth.OAuth1, Client: "mobile", User: "u1", Scope: []string{"read"},
			Created: now, Renewed: now, Expires: now.Add(time.Hour)}.Kept()
		if err := h.store.Create(context.Background(), session); err != nil {
			return nil, fmt.Errorf("create the session: %w", err)
		}
		checker := h.checker(&slowStore{h.store, alone})
		s := &contender.Subject{Passing: true, Batch: 16}
		count := 0
		ask := func(token string) bool {
			r, err := h.sign(token, count, now)
			if err != nil {
				return false
			}
			count++
			verdict, err := checker.Check(context.Background(), r)
			return err == nil && verdict.Allowed
		}
		token := h.keys.Mint(seal.OAuth1Token, session.ID, session.Generation).Reveal()
		s.Right = func(int) bool { return ask(token) }
		s.Wrong = []func() bool{func() bool { return ask(token + "x") }, func() bool { count = 0; return ask(token) }}
		return s, nil
	}
}

// sign is the nth request with the secrets that the keyring derives.
func (h *house) sign(token string, n int, at time.Time) (*oauth.Request, error) {
	clientSecret, err := h.keys.ClientSecret(&oauth.Client{ID: "mobile", SecretKey: 1})
	if err != nil {
		return nil, fmt.Errorf("derive the client's secret: %w", err)
	}
	tokenSecret, err := h.keys.TokenSecret(seal.Token{Key: 1, Session: oauth.SessionID{4, 5, 6}})
	if err != nil {
		return nil, fmt.Errorf("derive the token's secret: %w", err)
	}
	params := oauth.Params{{Name: "oauth_consumer_key", Value: "mobile"}, {Name: "oauth_token", Value: token},
		{Name: "oauth_signature_method", Value: string(oauth.HMACSHA1)}, {Name: "oauth_timestamp", Value: strconv.FormatInt(at.Unix(), 10)},
		{Name: "oauth_nonce", Value: strconv.Itoa(n)}}
	signer := oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: clientSecret, TokenSecret: tokenSecret}
	signature, err := signer.Sign(http.MethodGet, "https://api.example.com/x", params)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	header := oauth1.FormatHeader("", append(params, oauth.Param{Name: "oauth_signature", Value: signature}))
	return &oauth.Request{Method: http.MethodGet, Scheme: "https", Host: "api.example.com", Path: "/x",
		Header: http.Header{"Authorization": {header}}}, nil
}
