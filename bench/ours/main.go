// Command ours does the work with the product itself, in memory.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"gatehouse/bench/contender"
	"gatehouse/internal/deployment"
	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/access"
	"gatehouse/internal/oauth/clientauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

func main() { contender.Main(makers()) }

func makers() contender.Makers {
	return contender.Makers{contender.SignedGet: signed, contender.SignedForm: signed,
		contender.Bearer: bearer, contender.Authorizer: authorizer,
		contender.SlowStore: slowly(nil), contender.SlowInTurn: slowly(&sync.Mutex{})}
}

const window = 5 * time.Minute

// signed is all that makes a request a right one: parameters, clock, signature,
// nonce. Secrets are at hand, as they are for all others.
func signed(t *contender.Turn) (*contender.Subject, error) {
	nonces := memory.New()
	client := &oauth.Client{ID: t.Client}
	key := oauth1.Key{ClientSecret: oauth.NewSecret(t.ClientSecret), TokenSecret: oauth.NewSecret(t.TokenSecret)}
	verify := func(r *oauth.Request) bool {
		now := time.Now()
		signed, refusal := oauth1.Parse(r)
		if refusal != nil || signed.ConsumerKey != t.Client || signed.Token != t.Token || signed.Check(client, key, now, window) != nil {
			return false
		}
		return access.SpendNonce(context.Background(), nonces, signed, now, window, rand.Reader) == nil
	}
	return contender.Signed(t, request, verify, func() { nonces = memory.New() })
}

// request is r as API Gateway hands it over, with its query decoded.
func request(r *contender.Request) (*oauth.Request, error) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.URL, err)
	}
	query, err := oauth.ParseForm(u.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.URL, err)
	}
	header := http.Header{"Authorization": {r.Authorization}}
	if r.ContentType != "" {
		header.Set("Content-Type", r.ContentType)
	}
	return &oauth.Request{Method: r.Method, Scheme: u.Scheme, Host: u.Host, Path: u.EscapedPath(), Query: query,
		Header: header, BodySeen: true, Body: []byte(r.Body)}, nil
}

// house has a session in memory and its access token.
type house struct {
	keys  *seal.Keyring
	store *memory.Store
	token string
}

func newHouse() (*house, error) {
	keys, err := seal.ParseKeyring([]byte(`{"current":"1","1":"a key for measurements that nobody must ever use"}`))
	if err != nil {
		return nil, fmt.Errorf("read the keyring: %w", err)
	}
	store, ctx, now := memory.New(), context.Background(), time.Now()
	if err := store.CreateClient(ctx, oauth.Client{ID: "mobile", SecretKey: 1}); err != nil {
		return nil, fmt.Errorf("create the client: %w", err)
	}
	session := oauth.Session{ID: oauth.SessionID{1, 2, 3}, Protocol: oauth.OAuth2, Client: "mobile", User: "u1", Scope: []string{"read"},
		Generation: 3, Created: now, Renewed: now, Expires: now.Add(time.Hour), AccessExpires: now.Add(time.Hour)}.Kept()
	if err := store.Create(ctx, session); err != nil {
		return nil, fmt.Errorf("create the session: %w", err)
	}
	return &house{keys, store, keys.Mint(seal.AccessToken, session.ID, session.Generation).Reveal()}, nil
}

// wrongs are tokens like the right one that must be refused.
func (h *house) wrongs() []string {
	half := len(h.token) / 2
	other := "A"
	if h.token[half] == 'A' {
		other = "B"
	}
	return []string{"x" + h.token, h.token + "x", h.token[:half] + other + h.token[half+1:]}
}

func bearer(*contender.Turn) (*contender.Subject, error) {
	h, err := newHouse()
	if err != nil {
		return nil, err
	}
	checker := &access.Checker{
		Auth: &clientauth.Authenticator{Clients: oauth.NewCachedClients(h.store, time.Now), Keys: h.keys, Window: window},
		Keys: h.keys, Sessions: h.store, Replay: h.store, Clock: time.Now, Rand: rand.Reader, Grace: 30 * time.Second}
	ask := func(token string) func() bool {
		r := &oauth.Request{Method: http.MethodGet, Scheme: "https", Host: "api.example.com", Path: "/x",
			Header: http.Header{"Authorization": {"Bearer " + token}}}
		return func() bool {
			verdict, err := checker.Check(context.Background(), r)
			return err == nil && verdict.Allowed
		}
	}
	return h.subject(ask), nil
}

// authorizer is the function as it is deployed, metrics and log line included.
func authorizer(t *contender.Turn) (*contender.Subject, error) {
	h, err := newHouse()
	if err != nil {
		return nil, err
	}
	settings, err := deployment.ReadSettings(func(string) string { return "" })
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	d := &deployment.Deployment{Name: "authorizer", Settings: settings, Keys: h.keys, Store: h.store, Clock: time.Now, Rand: rand.Reader,
		Log: slog.New(slog.NewJSONHandler(io.Discard, nil))}
	answer, err := d.Authorizer()
	if err != nil {
		return nil, fmt.Errorf("make the authorizer: %w", err)
	}
	allow := []byte(`"Effect":"Allow"`)
	ask := func(token string) func() bool {
		event := []byte(strings.ReplaceAll(t.Event, "TOKEN", token))
		return func() bool {
			policy, err := answer(context.Background(), event)
			return err == nil && bytes.Contains(policy, allow)
		}
	}
	return h.subject(ask), nil
}

// subject asks with the right token, and with wrong ones.
func (h *house) subject(ask func(token string) func() bool) *contender.Subject {
	right := ask(h.token)
	s := &contender.Subject{Right: func(int) bool { return right() }}
	for _, token := range h.wrongs() {
		s.Wrong = append(s.Wrong, ask(token))
	}
	return s
}
