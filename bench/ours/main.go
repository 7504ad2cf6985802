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
	"gatehouse/bench/sample"
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
// nonce. Secrets are at hand, as they are for all others, and the state of the
// key's HMAC is kept per credential, as in the product.
func signed(t *contender.Turn) (*contender.Subject, error) {
	nonces := memory.New()
	client := &oauth.Client{ID: t.Client}
	key := oauth1.Key{ClientSecret: oauth.NewSecret(t.ClientSecret), TokenSecret: oauth.NewSecret(t.TokenSecret)}.Prepared(oauth.HMACSHA1)
	verify := func(r *oauth.Request) bool {
		now := time.Now()
		signed, refusal := oauth1.Parse(r)
		if refusal != nil || signed.ConsumerKey != t.Client || signed.Token != t.Token || signed.Check(client, key, now, window) != nil {
			return false
		}
		ctx := context.Background()
		spending, spends := signed.Spending(now, window, oauth.NewAttempt(ctx))
		return access.SpendNonce(ctx, nonces, spending, spends) == nil
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
	store := memory.New()
	keys, token, err := sample.Put(context.Background(), store)
	if err != nil {
		return nil, err
	}
	return &house{keys, store, token}, nil
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

// checker is as in the product, with sessions and nonces in store.
func (h *house) checker(store interface {
	oauth.Sessions
	oauth.Replay
}) *access.Checker {
	return &access.Checker{
		Auth: &clientauth.Authenticator{Clients: oauth.NewCachedClients(h.store), Keys: h.keys, Window: window},
		Keys: h.keys, Sessions: store, Replay: store, Clock: time.Now, Grace: 30 * time.Second}
}

func bearer(*contender.Turn) (*contender.Subject, error) {
	h, err := newHouse()
	if err != nil {
		return nil, err
	}
	checker := h.checker(h.store)
	ask := func(token string) func() bool {
		r := &oauth.Request{Method: http.MethodGet, Scheme: "https", Host: "api.example.com", Path: "/x",
			Header: http.Header{"Authorization": {"Bearer " + token}}}
		return func() bool {
			verdict, err := checker.Check(context.Background(), r)
			return err == nil && verdict.Allowed
		}
	}
	return contender.Presenting(ask, h.token, h.wrongs()...), nil
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
	return contender.Presenting(ask, h.token, h.wrongs()...), nil
}
