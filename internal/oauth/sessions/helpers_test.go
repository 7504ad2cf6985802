package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/access"
	"gatehouse/internal/oauth/clientauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

const keyring = `{"current":"1","1":"a key for tests that nobody must ever use"}`

var (
	instant   = time.Date(2035, 1, 2, 3, 4, 5, 0, time.UTC)
	errBroken = errors.New("the store is broken")
)

// house is an Endpoint over a store in memory with hooks.
type house struct {
	*Endpoint
	t     testing.TB
	store *spy
	begun int
}

// newHouse has the clients mobile and other, web, which is public, and two that
// came with tokens from elsewhere.
func newHouse(t testing.TB) *house {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(keyring))
	if err != nil {
		t.Fatal(err)
	}
	store := &spy{Store: memory.New()}
	for _, client := range []oauth.Client{{ID: "mobile", SecretKey: 1}, {ID: "other", SecretKey: 1}, {ID: "web", Public: true},
		{ID: "moved", SecretKey: 1, Imported: true}, {ID: "moved too", SecretKey: 1, Imported: true}} {
		if err := store.CreateClient(t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	clock := func() time.Time { return instant }
	auth := &clientauth.Authenticator{Clients: storetest.Uncached{Clients: store}, Keys: keys, Window: 5 * time.Minute}
	checker := &access.Checker{Auth: auth, Keys: keys, Sessions: store, Replay: store, Clock: clock}
	return &house{t: t, store: store, Endpoint: &Endpoint{Auth: auth, Access: checker, Keys: keys,
		Sessions: store, ByUser: store, Clock: clock, Realm: "test"}}
}

// begin stores a session of user at client, each newer than the one before.
func (h *house) begin(client, user string, protocol oauth.Protocol) oauth.Session {
	h.t.Helper()
	h.begun++
	created := instant.Add(time.Duration(h.begun)*time.Second - time.Hour)
	s := oauth.Session{ID: oauth.SessionID{byte(h.begun), byte(h.begun >> 8), 1}, Protocol: protocol, Client: client, User: user,
		UserName: user, Scope: []string{"read", "write"}, Created: created, Renewed: created, Expires: instant.Add(time.Hour)}.Kept()
	if err := h.store.Create(h.t.Context(), s); err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *house) wantLive(name string, s oauth.Session, want bool) {
	h.t.Helper()
	_, err := h.store.Find(h.t.Context(), s.ID, instant, oauth.Strong)
	if live := err == nil; live != want || !live && !errors.Is(err, oauth.ErrNotFound) {
		h.t.Errorf("%s: the session is live: %v (%v), want %v", name, live, err, want)
	}
}

// by is a request that the authorizer let through for a session.
func by(s oauth.Session, method, route string, query ...string) *oauth.Request {
	r := &oauth.Request{Method: method, Route: route, Caller: &oauth.Caller{Session: s.ID, Client: s.Client, User: s.User,
		UserName: s.UserName, Scope: s.Scope, Protocol: s.Protocol, Expiry: s.Expires.Unix()}}
	for i := 0; i < len(query); i += 2 {
		r.Query = append(r.Query, oauth.Param{Name: query[i], Value: query[i+1]})
	}
	return r
}

// revoking is RFC 7009's request of client about token; extra parameters
// override.
func (h *house) revoking(client, token string, extra ...string) *oauth.Request {
	h.t.Helper()
	values := url.Values{"client_id": {client}, "token": {token}}
	if client != "web" {
		values.Set("client_secret", h.secret(h.Keys.ClientSecret(&oauth.Client{ID: client, SecretKey: 1})))
	}
	for i := 0; i < len(extra); i += 2 {
		values.Set(extra[i], extra[i+1])
	}
	return &oauth.Request{Method: http.MethodPost, Route: "/oauth/revoke", BodySeen: true, Body: []byte(values.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
}

// signed is a request of client that revokes the OAuth 1.0 token of s.
func (h *house) signed(client string, s oauth.Session) *oauth.Request {
	h.t.Helper()
	token := seal.Token{Key: 1, Session: s.ID, Generation: s.Generation}
	params := oauth.Params{{Name: "oauth_consumer_key", Value: client}, {Name: "oauth_nonce", Value: "n"},
		{Name: "oauth_signature_method", Value: "HMAC-SHA1"}, {Name: "oauth_timestamp", Value: fmt.Sprint(instant.Unix())},
		{Name: "oauth_token", Value: h.Keys.Mint(seal.OAuth1Token, s.ID, s.Generation).Reveal()}}
	signer := oauth1.Signer{Method: oauth.HMACSHA1,
		ClientSecret: oauth.NewSecret(h.secret(h.Keys.ClientSecret(&oauth.Client{ID: client, SecretKey: 1}))),
		TokenSecret:  oauth.NewSecret(h.secret(h.Keys.TokenSecret(token)))}
	signature, err := signer.Sign(http.MethodPost, "https://api.example.com/oauth/revoke", params)
	if err != nil {
		h.t.Fatal(err)
	}
	header := oauth1.FormatHeader("", append(params, oauth.Param{Name: "oauth_signature", Value: signature}))
	return &oauth.Request{Method: http.MethodPost, Scheme: "https", Host: "api.example.com", Path: "/oauth/revoke", Route: "/oauth/revoke",
		BodySeen: true, Header: http.Header{"Authorization": {header}}}
}

func (h *house) secret(secret oauth.Secret, err error) string {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	return secret.Reveal()
}

// want serves r and fails the test unless the status is this.
func (h *house) want(name string, r *oauth.Request, status int) oauth.Response {
	h.t.Helper()
	response, err := h.Serve(h.t.Context(), r)
	if err != nil || response.Status != status {
		h.t.Errorf("%s: %d %s, %v, want %d", name, response.Status, response.Body, err, status)
	}
	return response
}

// wantRefused fails the test unless r is refused so.
func (h *house) wantRefused(name string, r *oauth.Request, status int, code string) oauth.Response {
	h.t.Helper()
	response := h.want(name, r, status)
	if response.Refusal == nil || response.Refusal.Code != code {
		h.t.Errorf("%s: %s, want %s", name, response.Body, code)
	}
	return response
}

// wantFault fails the test unless r gets an error and no answer.
func (h *house) wantFault(name string, r *oauth.Request) {
	h.t.Helper()
	response, err := h.Serve(h.t.Context(), r)
	if !errors.Is(err, errBroken) || !reflect.DeepEqual(response, oauth.Response{}) {
		h.t.Errorf("%s: %+v, %v, want only the fault", name, response, err)
	}
}

func decoded[T any](t *testing.T, response oauth.Response) (value T) {
	t.Helper()
	if err := json.Unmarshal(response.Body, &value); err != nil {
		t.Fatalf("%s: %v", response.Body, err)
	}
	return value
}

// spy is a store that counts revocations, and whose hooks may fail or answer
// in its place.
type spy struct {
	*memory.Store
	revoke func() error
	extend func() error
	list   func() ([]oauth.Session, string, error)

	mu      sync.Mutex
	revokes int
}

func (s *spy) Revoke(ctx context.Context, r oauth.Revocation) error {
	s.mu.Lock()
	s.revokes++
	s.mu.Unlock()
	if s.revoke != nil {
		if err := s.revoke(); err != nil {
			return err
		}
	}
	return s.Store.Revoke(ctx, r)
}

func (s *spy) Extend(ctx context.Context, id oauth.SessionID, end, now time.Time) error {
	if s.extend != nil {
		return s.extend()
	}
	return s.Store.Extend(ctx, id, end, now)
}

func (s *spy) List(ctx context.Context, user, cursor string, limit int, now time.Time) ([]oauth.Session, string, error) {
	if s.list != nil {
		return s.list()
	}
	return s.Store.List(ctx, user, cursor, limit, now)
}
