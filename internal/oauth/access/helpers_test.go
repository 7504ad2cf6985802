package access

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/clientauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

const keyring = `{"current":"1","1":"a key for tests that nobody must ever use"}`

var (
	instant   = time.Date(2035, 1, 2, 3, 4, 5, 0, time.UTC)
	sessionID = oauth.SessionID{1, 2, 3}
	errBroken = errors.New("the store is broken")
)

// house is a Checker over a store that tells what it was asked.
type house struct {
	*Checker
	t     testing.TB
	store *spy
}

// newHouse has the clients mobile and other, disabled, which is, dusk, whose
// OAuth 1.0 ends in a second, and night, whose has just ended. Those below came
// with tokens from elsewhere.
func newHouse(t testing.TB) *house {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(keyring))
	if err != nil {
		t.Fatal(err)
	}
	store := &spy{Store: memory.New()}
	methods := append(oauth.SignatureMethods(), oauth.Plaintext)
	for _, client := range []oauth.Client{
		{ID: "mobile", SecretKey: 1, SignatureMethods: methods},
		{ID: "other", SecretKey: 1},
		{ID: "disabled", SecretKey: 1, Disabled: true},
		{ID: "dusk", SecretKey: 1, Sunset: instant.Add(time.Second)},
		{ID: "night", SecretKey: 1, Sunset: instant},
		{ID: "moved", SecretKey: 1, Imported: true, SignatureMethods: methods},
		{ID: "moved too", SecretKey: 1, Imported: true},
		{ID: "moved and disabled", SecretKey: 1, Imported: true, Disabled: true},
		{ID: "moved and over", SecretKey: 1, Imported: true, Sunset: instant},
	} {
		if err := store.CreateClient(t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	return &house{t: t, store: store, Checker: &Checker{
		Auth:     &clientauth.Authenticator{Clients: storetest.Uncached{Clients: store}, Keys: keys, Window: 5 * time.Minute},
		Keys:     keys,
		Sessions: store,
		Replay:   store,
		Clock:    func() time.Time { return instant },
		Grace:    30 * time.Second,
	}}
}

// live is a session of mobile at its third generation.
func live(protocol oauth.Protocol) oauth.Session {
	s := oauth.Session{ID: sessionID, Protocol: protocol, Client: "mobile", User: "u1", Scope: []string{"read"},
		Created: instant.Add(-time.Hour), Renewed: instant.Add(-time.Hour), Expires: instant.Add(time.Hour)}
	if protocol == oauth.OAuth2 {
		s.Generation, s.AccessExpires = 3, instant.Add(time.Minute)
	}
	return s.Kept()
}

// begin stores a session.
func (h *house) begin(s oauth.Session) {
	h.t.Helper()
	if err := h.store.Create(h.t.Context(), s); err != nil {
		h.t.Fatal(err)
	}
}

// bearer is a request with the access token of a session's generation.
func (h *house) bearer(s oauth.Session) *oauth.Request {
	return bearer(h.Keys.Mint(seal.AccessToken, s.ID, s.Generation).Reveal())
}

func bearer(token string) *oauth.Request {
	return &oauth.Request{Method: http.MethodGet, Scheme: "https", Host: "api.example.com", Path: "/x",
		Header: http.Header{"Authorization": {"Bearer " + token}}}
}

// signing says how a request is signed; its zero value is as mobile does it.
type signing struct {
	client, token, secret, nonce string
	method                       oauth.SignatureMethod
	at                           time.Time // zero: instant
}

// signed is a request with the OAuth 1.0 token of a session, signed rightly.
func (h *house) signed(s oauth.Session) *oauth.Request { return h.sign(s, signing{}) }

// sign is a request for a session, with what differs in how.
func (h *house) sign(s oauth.Session, how signing) *oauth.Request {
	h.t.Helper()
	or := func(value *string, otherwise string) {
		if *value == "" {
			*value = otherwise
		}
	}
	or(&how.client, "mobile")
	or(&how.nonce, "n")
	if how.at.IsZero() {
		how.at = instant
	}
	or((*string)(&how.method), string(oauth.HMACSHA1))
	or(&how.token, h.Keys.Mint(seal.OAuth1Token, s.ID, s.Generation).Reveal())
	or(&how.secret, reveal(h.t)(h.Keys.TokenSecret(seal.Token{Key: 1, Session: s.ID, Generation: s.Generation})))
	clientSecret := reveal(h.t)(h.Keys.ClientSecret(&oauth.Client{ID: how.client, SecretKey: 1}))
	protocol := oauth.Params{{Name: "oauth_consumer_key", Value: how.client}, {Name: "oauth_token", Value: how.token},
		{Name: "oauth_signature_method", Value: string(how.method)}}
	if how.method != oauth.Plaintext {
		protocol = append(protocol, oauth.Param{Name: "oauth_nonce", Value: how.nonce},
			oauth.Param{Name: "oauth_timestamp", Value: fmt.Sprint(how.at.Unix())})
	}
	signer := oauth1.Signer{Method: how.method, ClientSecret: oauth.NewSecret(clientSecret), TokenSecret: oauth.NewSecret(how.secret)}
	signature, err := signer.Sign(http.MethodGet, "https://api.example.com/x", protocol)
	if err != nil {
		h.t.Fatal(err)
	}
	r := bearer("")
	r.Header.Set("Authorization", oauth1.FormatHeader("", append(protocol, oauth.Param{Name: "oauth_signature", Value: signature})))
	return r
}

func reveal(t testing.TB) func(oauth.Secret, error) string {
	return func(secret oauth.Secret, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return secret.Reveal()
	}
}

// wantAllowed fails the test unless r is let through for s.
func (h *house) wantAllowed(name string, r *oauth.Request, s oauth.Session) {
	h.t.Helper()
	verdict, err := h.Check(h.t.Context(), r)
	if err != nil || !verdict.Allowed || verdict.Refusal != nil || !verdict.Session.Equal(&s) {
		h.t.Errorf("%s: %+v (%+v), %v, want to be let through", name, verdict, verdict.Refusal, err)
	}
}

// wantRefused fails the test unless r is refused with code.
func (h *house) wantRefused(name string, r *oauth.Request, code string) {
	h.t.Helper()
	verdict, err := h.Check(h.t.Context(), r)
	if err != nil || verdict.Allowed || verdict.Session.Client != "" || verdict.Refusal == nil || verdict.Refusal.Code != code {
		h.t.Errorf("%s: %+v (%+v), %v, want %s", name, verdict, verdict.Refusal, err, code)
	}
}

// wantFault fails the test unless r is neither let through nor refused.
func (h *house) wantFault(name string, r *oauth.Request, want error) {
	h.t.Helper()
	verdict, err := h.Check(h.t.Context(), r)
	if !errors.Is(err, want) || !reflect.DeepEqual(verdict, oauth.Verdict{}) {
		h.t.Errorf("%s: %+v, %v, want no verdict and %v", name, verdict, err, want)
	}
}

// found is one answer to a read.
type found struct {
	session oauth.Session
	err     error
}

// spy is a store that counts what it is asked. The hooks, where they are set,
// answer in its place; reads of each consistency have their own.
type spy struct {
	*memory.Store
	eventual, strong func() found
	spend            func() error
	client           error
	kill, extend     error

	mu              sync.Mutex
	reads           []oauth.Consistency
	lookups, spends int
	kills, extends  int
}

func (s *spy) Kill(ctx context.Context, id oauth.SessionID, k oauth.Killing) error {
	s.mu.Lock()
	s.kills++
	s.mu.Unlock()
	if s.kill != nil {
		return s.kill
	}
	return s.Store.Kill(ctx, id, k)
}

func (s *spy) Extend(ctx context.Context, id oauth.SessionID, end, now time.Time) error {
	s.mu.Lock()
	s.extends++
	s.mu.Unlock()
	if s.extend != nil {
		return s.extend
	}
	return s.Store.Extend(ctx, id, end, now)
}

func (s *spy) Find(ctx context.Context, id oauth.SessionID, now time.Time, c oauth.Consistency) (oauth.Session, error) {
	s.mu.Lock()
	s.reads = append(s.reads, c)
	s.mu.Unlock()
	answer := s.eventual
	if c == oauth.Strong {
		answer = s.strong
	}
	if answer == nil {
		return s.Store.Find(ctx, id, now, c)
	}
	f := answer()
	return f.session, f.err
}

func (s *spy) Spend(ctx context.Context, spending oauth.Spending) error {
	s.mu.Lock()
	s.spends++
	s.mu.Unlock()
	if s.spend != nil {
		return s.spend()
	}
	return s.Store.Spend(ctx, spending)
}

func (s *spy) Client(ctx context.Context, id string) (oauth.Client, error) {
	s.mu.Lock()
	s.lookups++
	s.mu.Unlock()
	if s.client != nil {
		return oauth.Client{}, s.client
	}
	return s.Store.Client(ctx, id)
}

// wantAsked fails the test unless the store was asked exactly this since the
// last time.
func (h *house) wantAsked(name string, clients, reads, spends int) {
	h.t.Helper()
	s := h.store
	if s.lookups != clients || len(s.reads) != reads || s.spends != spends {
		h.t.Errorf("%s: %d clients, %d sessions and %d nonces asked for, want %d, %d and %d", name,
			s.lookups, len(s.reads), s.spends, clients, reads, spends)
	}
	s.lookups, s.reads, s.spends = 0, nil, 0
}
