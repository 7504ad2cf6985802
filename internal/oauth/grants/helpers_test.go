package grants

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
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
	"gatehouse/internal/oauth/oauthtest"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

const (
	twoKeys     = `"1":"a key for tests that nobody must ever use","2":"another key for tests, not for use either"}`
	firstKey    = `{"current":"1","1":"a key for tests that nobody must ever use"}`
	keyring     = `{"current":"1",` + twoKeys
	laterKeys   = `{"current":"2",` + twoKeys
	callback    = "https://app.example.com/cb?from=test"
	accessLife  = time.Hour
	sessionLife = 30 * 24 * time.Hour
	grace       = 30 * time.Second
)

var (
	// instant has what a store does not keep, below the millisecond.
	instant   = time.Date(2035, 1, 2, 3, 4, 5, 678_912_345, time.UTC)
	home      = netip.MustParseAddr("192.0.2.1")
	alice     = oauth.User{ID: "u1", Name: "alice"}
	errBroken = errors.New("the store is broken")
)

// house is an Endpoint over a store in memory with hooks, and sign-in that
// knows alice with the password "right".
type house struct {
	*Endpoint
	t     testing.TB
	store *spy
	door  *door
	mu    sync.Mutex
	now   time.Time
	signs int // how many requests were signed
}

// newHouse has the clients mobile, which may do everything here but act for
// itself, other of the same kind, brief, which may not refresh, bare, which may
// do nothing, robot, which may act for itself as well, partner, which may read,
// off, which is disabled, and web, page and kiosk, which are public; web and
// kiosk have no scope. Mobile is linked to some of them.
func newHouse(t testing.TB) *house {
	t.Helper()
	store, door := &spy{Store: memory.New()}, &door{}
	scopes := []string{"write", "read"}
	all := []oauth.Grant{oauth.GrantXAuth, oauth.GrantPassword, oauth.GrantRefreshToken, oauth.GrantAuthorizationCode,
		oauth.GrantOAuth1, oauth.GrantTokenExchange}
	uris, links := []string{callback, "http://127.0.0.1/cb"}, []string{"page", "partner", "bare", "off", "web", "gone"}
	for _, client := range []oauth.Client{
		{ID: "mobile", SecretKey: 1, Scopes: scopes, Grants: all, RedirectURIs: uris, LinkedClients: links},
		{ID: "other", SecretKey: 1, Scopes: scopes, Grants: all, RedirectURIs: uris},
		{ID: "brief", SecretKey: 1, Scopes: scopes, Grants: []oauth.Grant{oauth.GrantPassword}},
		{ID: "bare", SecretKey: 1},
		{ID: "partner", SecretKey: 1, Scopes: []string{"read", "admin"}, Grants: all},
		{ID: "off", SecretKey: 1, Scopes: scopes, Grants: all, Disabled: true},
		{ID: "page", Public: true, Scopes: scopes, Grants: all, RedirectURIs: uris},
		{ID: "web", Public: true, Grants: all},
		{ID: "robot", SecretKey: 1, Scopes: scopes, Grants: append(all, oauth.GrantClientCredentials)},
		{ID: "kiosk", Public: true, Grants: []oauth.Grant{oauth.GrantClientCredentials}},
	} {
		if err := store.CreateClient(t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	keys := parseKeys(t, keyring)
	h := &house{t: t, store: store, door: door, now: instant}
	auth := &clientauth.Authenticator{Clients: storetest.Uncached{Clients: store}, Keys: keys, Window: 5 * time.Minute}
	h.Endpoint = &Endpoint{
		Auth:     auth,
		Access:   &access.Checker{Auth: auth, Keys: keys, Sessions: store, Replay: store, Clock: h.clock},
		Keys:     keys,
		Users:    door,
		Sessions: store,
		Replay:   store,
		Clock:    h.clock,
		Rand:     &oauthtest.Rand{},
		Terms:    Terms{Realm: "test", Access: accessLife, Session: sessionLife, Grace: grace},
	}
	return h
}

func parseKeys(t testing.TB, text string) *seal.Keyring {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) wait(step time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(step)
}

// form is a request of client to the token endpoint with these names and
// values by turns.
func (h *house) form(client string, pairs ...string) *oauth.Request {
	h.t.Helper()
	values := url.Values{"client_id": {client}}
	if client != "web" && client != "page" && client != "kiosk" {
		values.Set("client_secret", h.clientSecret(client))
	}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return &oauth.Request{Method: http.MethodPost, Route: "/oauth/token", BodySeen: true, Body: []byte(values.Encode()), Source: home,
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
}

func (h *house) clientSecret(client string) string {
	h.t.Helper()
	secret, err := h.Keys.ClientSecret(&oauth.Client{ID: client, SecretKey: 1})
	if err != nil {
		h.t.Fatal(err)
	}
	return secret.Reveal()
}

// password is alice's password grant at client; extra overrides and adds.
func (h *house) password(client string, extra ...string) *oauth.Request {
	return h.form(client, append([]string{"grant_type", "password", "username", "alice", "password", "right"}, extra...)...)
}

func (h *house) refreshing(client, token string, extra ...string) *oauth.Request {
	return h.form(client, append([]string{"grant_type", "refresh_token", "refresh_token", token}, extra...)...)
}

// signed is a request of mobile to the xAuth address, signed; extra
// parameters override.
func (h *house) signed(nonce string, extra ...string) *oauth.Request {
	h.t.Helper()
	pairs := []string{"x_auth_mode", "client_auth", "x_auth_username", "alice", "x_auth_password", "right", "oauth_nonce", nonce}
	return h.sign("/oauth/access_token", pair{}, append(pairs, extra...)...)
}

// pair is an oauth_token and its secret.
type pair struct{ token, secret string }

// sign is a request of mobile to a route, signed with a token where there is
// one; extra parameters override. All of it is in the form.
func (h *house) sign(route string, token pair, extra ...string) *oauth.Request {
	h.t.Helper()
	h.signs++
	values := map[string]string{"oauth_consumer_key": "mobile", "oauth_signature_method": "HMAC-SHA1",
		"oauth_nonce": fmt.Sprint("nonce", h.signs), "oauth_timestamp": fmt.Sprint(h.clock().Unix())}
	if token.token != "" {
		values["oauth_token"] = token.token
	}
	for i := 0; i < len(extra); i += 2 {
		values[extra[i]] = extra[i+1]
	}
	var params oauth.Params
	for name, value := range values {
		params = append(params, oauth.Param{Name: name, Value: value})
	}
	signer := oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: oauth.NewSecret(h.clientSecret(values["oauth_consumer_key"])),
		TokenSecret: oauth.NewSecret(token.secret)}
	signature, err := signer.Sign(http.MethodPost, "https://api.example.com"+route, params)
	if err != nil {
		h.t.Fatal(err)
	}
	body := oauth1.EncodeForm(append(params, oauth.Param{Name: "oauth_signature", Value: signature}))
	return &oauth.Request{Method: http.MethodPost, Scheme: "https", Host: "api.example.com", Path: route,
		Route: route, BodySeen: true, Body: []byte(body), Source: home,
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
}

// tokens serves r and returns the answer, which must be RFC 6749 §5.1's.
func (h *house) tokens(r *oauth.Request) tokenAnswer {
	h.t.Helper()
	response, err := h.Serve(h.t.Context(), r)
	if err != nil || response.Status != http.StatusOK || response.Refusal != nil || response.Session == nil {
		h.t.Fatalf("%+v, %s, %v, want tokens", response, response.Body, err)
	}
	var answer tokenAnswer
	if err := json.Unmarshal(response.Body, &answer); err != nil {
		h.t.Fatal(err)
	}
	return answer
}

// credentials serves r and returns the form it answers, which must be RFC
// 5849 §2.3's.
func (h *house) credentials(r *oauth.Request) url.Values {
	h.t.Helper()
	response, err := h.Serve(h.t.Context(), r)
	if err != nil || response.Status != http.StatusOK || response.Refusal != nil || response.Session == nil {
		h.t.Fatalf("%+v, %s, %v, want token credentials", response, response.Body, err)
	}
	values, err := url.ParseQuery(string(response.Body))
	if err != nil {
		h.t.Fatal(err)
	}
	return values
}

// wantRefused fails the test unless r is refused so, without a token.
func (h *house) wantRefused(name string, r *oauth.Request, status int, code string) oauth.Response {
	h.t.Helper()
	response, err := h.Serve(h.t.Context(), r)
	if err != nil || response.Status != status || response.Refusal == nil || response.Refusal.Code != code || response.Session != nil {
		h.t.Errorf("%s: %d %s, %v, want %d %s", name, response.Status, response.Body, err, status, code)
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

// session is what is stored of a token's session.
func (h *house) session(kind seal.Kind, token string) (oauth.Session, error) {
	h.t.Helper()
	opened, err := h.Keys.Open(kind, token)
	if err != nil {
		h.t.Fatalf("%s is not a token: %v", token, err)
	}
	return h.store.Find(h.t.Context(), opened.Session, h.clock(), oauth.Strong)
}

// wantSession fails the test unless the token's session is stored so.
func (h *house) wantSession(kind seal.Kind, token string, want oauth.Session) {
	h.t.Helper()
	got, err := h.session(kind, token)
	want.ID = got.ID
	if want = want.Kept(); err != nil || !got.Equal(&want) {
		h.t.Errorf("stored is %+v, %v, want %+v", got, err, want)
	}
}
