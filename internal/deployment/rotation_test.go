package deployment

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauthtest"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

// fleet is many functions that share a secret and a store, as Lambda runs them:
// each has a keyring of its own, and a clock that differs from the others'.
type fleet struct {
	t                   *testing.T
	store               *memory.Store
	tokens, authorizers []*function
	callers             []*caller
	steps               int // of traffic so far, ten seconds each

	mu   sync.Mutex
	now  time.Time
	text []byte // of the secret
}

type function struct {
	fleet   *fleet
	skew    time.Duration
	keys    *seal.Keyring
	handler apigateway.Handler
	reads   int
}

// caller has a session of either protocol.
type caller struct {
	session                 oauth.SessionID
	access, refresh, oauth1 string
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, store: memory.New(), now: instant, text: []byte(oldKeys)}
	client := oauth.Client{ID: "app", SecretKey: 1, Grants: []oauth.Grant{oauth.GrantRefreshToken, oauth.GrantOAuth1}}
	if err := f.store.CreateClient(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	for _, skew := range []time.Duration{0, 3 * time.Second, -3 * time.Second, 0} {
		f.tokens = append(f.tokens, f.start(skew, (*Deployment).Token))
		f.authorizers = append(f.authorizers, f.start(skew, (*Deployment).Authorizer))
	}
	for i := range 6 {
		f.callers = append(f.callers, f.newCaller(byte(i+1)))
	}
	return f
}

// start begins a function with what the secret has now.
func (f *fleet) start(skew time.Duration, handler func(*Deployment) (apigateway.Handler, error)) *function {
	f.t.Helper()
	settings, err := ReadSettings(from(map[string]string{"TOKEN_BINDING": "agent"}))
	if err != nil {
		f.t.Fatal(err)
	}
	n := &function{fleet: f, skew: skew, keys: parseKeys(f.t, string(f.text))}
	d := &Deployment{Settings: settings, Keys: n.keys, ReadKeys: n.read, Store: f.store, Clock: n.clock,
		Rand: &oauthtest.Rand{}, Log: slog.New(slog.DiscardHandler)}
	if n.handler, err = handler(d); err != nil {
		f.t.Fatal(err)
	}
	return n
}

func (n *function) clock() time.Time {
	n.fleet.mu.Lock()
	defer n.fleet.mu.Unlock()
	return n.fleet.now.Add(n.skew)
}

func (n *function) read(context.Context) (*seal.Keyring, error) {
	n.fleet.mu.Lock()
	defer n.fleet.mu.Unlock()
	n.reads++
	return seal.ParseKeyring(n.fleet.text)
}

// keys are those of the secret, as somebody has them who has just read it.
func (f *fleet) keys() *seal.Keyring {
	f.t.Helper()
	keys := parseKeys(f.t, string(f.text))
	keys.Activate(f.now)
	return keys
}

func (f *fleet) newCaller(id byte) *caller {
	f.t.Helper()
	c := &caller{session: oauth.SessionID{id}}
	f.begin(c.session, oauth.OAuth2)
	c.access = f.keys().Mint(seal.AccessToken, c.session, 0).Reveal()
	c.refresh = f.keys().Mint(seal.RefreshToken, c.session, 0).Reveal()
	f.signIn(c)
	return c
}

// signIn begins an OAuth 1.0 session: no refresh brings its token to a new key.
func (f *fleet) signIn(c *caller) {
	f.t.Helper()
	id := oauth.SessionID{c.session[0], byte(f.keys().Current())}
	f.begin(id, oauth.OAuth1)
	c.oauth1 = f.keys().Mint(seal.OAuth1Token, id, 0).Reveal()
}

func (f *fleet) begin(id oauth.SessionID, protocol oauth.Protocol) {
	f.t.Helper()
	session := oauth.Session{ID: id, Protocol: protocol, Client: "app", User: "u", Created: f.now, Renewed: f.now,
		Expires: f.now.AddDate(1, 0, 0), Binding: f.keys().Bind(oauth.BindAgent, &oauth.Request{})}
	if err := f.store.Create(f.t.Context(), session); err != nil {
		f.t.Fatal(err)
	}
}

// busy are the functions that are called by turns.
func busy(functions []*function) []*function { return functions[:len(functions)-1] }

// idle is a function that is called seldom, and knows the least.
func idle(functions []*function) *function { return functions[len(functions)-1] }

func pick(functions []*function, turn int) *function {
	return busy(functions)[turn%len(busy(functions))]
}

// goOn is d of traffic of all callers, with junk before each request or not.
func (f *fleet) goOn(d time.Duration, junk bool) {
	f.t.Helper()
	for range d / (10 * time.Second) {
		for i, c := range f.callers {
			authorizer, token := pick(f.authorizers, f.steps+i), pick(f.tokens, f.steps+i)
			if junk {
				f.refused("junk", authorizer, question(bogus))
			}
			f.allowed("bearer", authorizer, question(c.access))
			f.allowed("OAuth 1.0", authorizer, f.signed(c.oauth1))
			if (f.steps+7*i)%17 == 0 {
				f.refresh(c, token, pick(f.tokens, f.steps+i+1), pick(f.authorizers, f.steps+i+1))
			}
		}
		f.steps++
		f.mu.Lock()
		f.now = f.now.Add(10 * time.Second)
		f.mu.Unlock()
	}
}

// refresh loses the answer of first and asks again of second. The tokens of
// both hold everywhere, of whichever key they are.
func (f *fleet) refresh(c *caller, first, second, authorizer *function) {
	f.t.Helper()
	lost, _ := f.refreshed(first, c.refresh)
	f.allowed("a token of the lost answer", authorizer, question(lost))
	c.access, c.refresh = f.refreshed(second, c.refresh)
	f.allowed("a token of the second answer", authorizer, question(c.access))
}

func (f *fleet) refreshed(n *function, token string) (access, refresh string) {
	f.t.Helper()
	status, body := f.renew(n, token)
	var tokens struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := json.Unmarshal([]byte(body), &tokens); err != nil || status != http.StatusOK {
		f.t.Fatalf("after %s an honest refresh is answered by %d %s", f.now.Sub(instant), status, body)
	}
	return tokens.Access, tokens.Refresh
}

// renew asks n for the tokens that follow a refresh token.
func (f *fleet) renew(n *function, token string) (status int, body string) {
	f.t.Helper()
	client, err := f.store.Client(f.t.Context(), "app")
	if err != nil {
		f.t.Fatal(err)
	}
	secret, err := f.keys().ClientSecret(&client)
	if err != nil {
		f.t.Fatal(err)
	}
	return (&site{t: f.t}).status(n.handler, post("/oauth/token", "grant_type", "refresh_token",
		"client_id", "app", "client_secret", secret.Reveal(), "refresh_token", token))
}

func (f *fleet) allowed(name string, n *function, payload []byte) {
	f.t.Helper()
	if _, err := n.handler.Invoke(f.t.Context(), payload); err != nil {
		f.t.Fatalf("after %s %s: %v, want to be let through", f.now.Sub(instant), name, err)
	}
}

func (f *fleet) refused(name string, n *function, payload []byte) {
	f.t.Helper()
	if out, err := n.handler.Invoke(f.t.Context(), payload); err == nil {
		f.t.Fatalf("after %s %s: %s, want a refusal", f.now.Sub(instant), name, out)
	}
}

// signed is an event of a request signed with an OAuth 1.0 token.
func (f *fleet) signed(token string) []byte {
	f.t.Helper()
	client, err := f.store.Client(f.t.Context(), "app")
	if err != nil {
		f.t.Fatal(err)
	}
	return signedBy(f.t, f.keys(), client, token, "https", f.now, fmt.Sprint("nonce ", f.steps))
}

// wantKey fails the test unless every token that callers refresh is of key id.
func (f *fleet) wantKey(id seal.KeyID) {
	f.t.Helper()
	for _, c := range f.callers {
		for kind, text := range map[seal.Kind]string{seal.AccessToken: c.access, seal.RefreshToken: c.refresh} {
			if token, err := f.keys().Open(kind, text); err != nil || token.Key != id {
				f.t.Errorf("%s is of key %d, %v, want key %d", kind, token.Key, err, id)
			}
		}
	}
}

// wantReads fails the test when a function read the secret more often than
// once in every since the test began.
func (f *fleet) wantReads(every time.Duration) {
	f.t.Helper()
	most := int(f.now.Sub(instant)/every) + 1
	for _, n := range slices.Concat(f.tokens, f.authorizers) {
		if n.reads == 0 || n.reads > most {
			f.t.Errorf("a function read the secret %d times in %s, want at most %d", n.reads, f.now.Sub(instant), most)
		}
	}
}

func (f *fleet) rotate() {
	f.t.Helper()
	text, id, err := seal.AddKey(f.text, oauth.NewSecret("another key for tests, not for use either"), f.now, f.now.Add(TakeoverWait))
	if err != nil || id != 2 {
		f.t.Fatalf("key %d, %v", id, err)
	}
	f.text = text
}

// retire moves the client's secret to the new key, waits until no function
// remembers the client as it was, and removes key 1.
func (f *fleet) retire(junk bool) {
	f.t.Helper()
	keys := f.keys()
	client, err := f.store.Client(f.t.Context(), "app")
	if err != nil {
		f.t.Fatal(err)
	}
	secret, err := keys.ClientSecret(&client)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := keys.GiveSecret(&client, secret); err != nil {
		f.t.Fatal(err)
	}
	storetest.PutClient(f.t, f.store, client)
	f.goOn(oauth.ClientAge+10*time.Second, junk)
	if f.text, err = seal.RemoveKey(f.text, 1, f.now); err != nil {
		f.t.Fatal(err)
	}
}

// refusedEverywhere shows tokens of a key that was retired.
func (f *fleet) refusedEverywhere(old caller) {
	f.t.Helper()
	for _, n := range f.authorizers {
		f.refused("a token of a retired key", n, question(old.access))
		f.refused("an OAuth 1.0 token of a retired key", n, signedBy(f.t, parseKeys(f.t, newKeys),
			oauth.Client{ID: "app", SecretKey: 1}, old.oauth1, "https", f.now, "late"))
	}
	for _, n := range f.tokens {
		if status, body := f.renew(n, old.refresh); status == http.StatusOK {
			f.t.Errorf("a refresh token of a retired key gives %s", body)
		}
	}
}

// The promise of a rotation: while traffic runs nobody is refused and no
// session is lost, with a flood of made-up keys or without; and what a retired
// key made is refused by every function five minutes later, also by one that
// nobody called since.
func TestRotationWhileTrafficRuns(t *testing.T) {
	for name, flood := range map[string]struct {
		junk  bool
		every time.Duration
	}{"calm": {false, renewAge}, "flooded": {true, renewEvery}} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t)
			f.goOn(3*time.Minute, flood.junk)
			f.wantKey(1)
			old := *f.callers[0]
			f.rotate()
			f.goOn(TakeoverWait-10*time.Second, flood.junk)
			f.wantKey(1)
			f.goOn(8*time.Minute, flood.junk)
			f.wantKey(2)
			for _, n := range slices.Concat(busy(f.tokens), busy(f.authorizers)) {
				if n.keys.Current() != 2 {
					t.Error("a function has yet to take over")
				}
			}
			f.refresh(f.callers[1], idle(f.tokens), idle(f.tokens), idle(f.authorizers))
			for _, c := range f.callers {
				f.signIn(c)
			}
			f.retire(flood.junk)
			f.goOn(KeysAge, flood.junk)
			f.refusedEverywhere(old)
			f.goOn(3*time.Minute, flood.junk)
			f.wantReads(flood.every)
		})
	}
}

// A function that is called knows the new key before anybody uses it.
func TestNewKeyIsKnownBeforeItIsUsed(t *testing.T) {
	f := newFleet(t)
	f.rotate()
	f.goOn(KeysAge+20*time.Second, false)
	for _, n := range busy(f.authorizers) {
		if next, _ := n.keys.Next(); next != 2 || n.keys.Current() != 1 {
			t.Errorf("a function has key %d, and next %d", n.keys.Current(), next)
		}
	}
	if !bytes.Contains(f.text, []byte("next_from")) {
		t.Error("nothing is to take over")
	}
}
