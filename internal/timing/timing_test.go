package timing

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/clientauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/oauthtest"
	"gatehouse/internal/oauth/password"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

var instant = time.Date(2035, 1, 2, 3, 4, 5, 0, time.UTC)

// many is how many inputs of a sort there are, so that none is special.
const many = 64

func newKeys(t *testing.T) *seal.Keyring {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(`{"current":"1","1":"a key for tests that nobody must ever use"}`))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// uncounted is a Throttle at which every try is the first.
type uncounted struct{}

func (uncounted) Count(context.Context, string, time.Time, time.Duration) (oauth.Tries, error) {
	return oauth.Tries{Count: 1}, nil
}
func (uncounted) Forget(context.Context, string) error   { return nil }
func (uncounted) TakeBack(context.Context, string) error { return nil }

// users is a Registry whose users' hashes are of stored, in a deployment whose
// hashes are of cost. known and unknown name users that are in it, or not.
type users struct {
	t        *testing.T
	registry *password.Registry
}

func newUsers(t *testing.T, cost, stored password.Cost) *users {
	t.Helper()
	store, random := memory.New(), &oauthtest.Rand{}
	hash, err := password.Hash(oauth.NewSecret("right"), stored, random)
	if err != nil {
		t.Fatal(err)
	}
	for i := range many {
		if err := store.CreateUser(t.Context(), oauth.User{ID: fmt.Sprint(i), Name: known(i), PasswordHash: hash}); err != nil {
			t.Fatal(err)
		}
	}
	registry, err := password.NewRegistry(store, password.Guard{Throttle: uncounted{}, Key: func(text string) string { return text }, Log: slog.New(slog.DiscardHandler)}, cost, random)
	if err != nil {
		t.Fatal(err)
	}
	return &users{t, registry}
}

func known(i int) string   { return fmt.Sprintf("known-%04d", i%many) }
func unknown(i int) string { return fmt.Sprintf("other-%04d", i%many) }

// guess is a sign-in with a wrong password.
func (u *users) guess(name func(int) string) func(int) {
	return func(i int) {
		_, refusal, err := u.registry.Authenticate(u.t.Context(), oauth.SignIn{Name: name(i),
			Password: oauth.NewSecret("wrong"), Source: netip.AddrFrom4([4]byte{192, 0, 2, 1}), Now: instant})
		if err != nil || refusal == nil || refusal.Code != oauth.PermissionDenied {
			u.t.Fatalf("%s: %+v, %v", name(i), refusal, err)
		}
	}
}

func cheap() password.Cost { return password.Cost{Memory: 64, Passes: 1, Threads: 1} }

// clients is an Authenticator that knows clients by the names of known.
type clients struct {
	t     *testing.T
	auth  *clientauth.Authenticator
	store *memory.Store
}

func newClients(t *testing.T) *clients {
	t.Helper()
	keys, store := newKeys(t), memory.New()
	for i := range many {
		if err := store.CreateClient(t.Context(), oauth.Client{ID: known(i), SecretKey: 1}); err != nil {
			t.Fatal(err)
		}
	}
	return &clients{t, &clientauth.Authenticator{Clients: storetest.Uncached{Clients: store}, Keys: keys, Window: 5 * time.Minute}, store}
}

// form presents a wrong client_secret.
func (c *clients) form(name func(int) string) func(int) {
	request := &oauth.Request{Method: http.MethodPost, Header: http.Header{}}
	wrong := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	forms := make([]oauth.Params, many)
	for i := range forms {
		forms[i] = oauth.Params{{Name: "client_id", Value: name(i)}, {Name: "client_secret", Value: wrong}}
	}
	return func(i int) {
		if _, refusal, err := c.auth.FormAlone(c.t.Context(), request, forms[i%many], instant); err != nil || refusal == nil {
			c.t.Fatalf("%s: %+v, %v", name(i), refusal, err)
		}
	}
}

// signed presents a signature with a wrong secret.
func (c *clients) signed(name func(int) string) func(int) {
	requests := make([]*oauth1.Signed, many)
	for i := range requests {
		requests[i] = sign(c.t, name(i), "wrong", unchanged)
	}
	return func(i int) {
		if _, refusal, err := c.auth.Signed(c.t.Context(), requests[i%many], oauth.Secret{}, instant); err != nil || refusal == nil {
			c.t.Fatalf("%s: %+v, %v", name(i), refusal, err)
		}
	}
}

// signedByToken presents a signature with a wrong secret for a token whose caller
// signed rightly before, so that the key is kept of those that are known.
func (c *clients) signedByToken(name func(int) string) func(int) {
	cached := &clientauth.Authenticator{Clients: oauth.NewCachedClients(c.store), Keys: c.auth.Keys, Window: c.auth.Window}
	requests, tokens := make([]*oauth1.Signed, many), make([]seal.Token, many)
	for i := range requests {
		tokens[i] = seal.Token{Kind: seal.OAuth1Token, Key: 1, Session: oauth.SessionID{byte(i)}}
		requests[i] = sign(c.t, name(i), "wrong", unchanged)
		if _, refusal, err := cached.SignedByToken(c.t.Context(), c.right(i, tokens[i]), tokens[i], instant); err != nil || refusal != nil {
			c.t.Fatalf("%s: %+v, %v", known(i), refusal, err)
		}
	}
	return func(i int) {
		if _, refusal, err := cached.SignedByToken(c.t.Context(), requests[i%many], tokens[i%many], instant); err != nil || refusal == nil {
			c.t.Fatalf("%s: %+v, %v", name(i), refusal, err)
		}
	}
}

// right is a request of a known client that it signed rightly for a token.
func (c *clients) right(i int, token seal.Token) *oauth1.Signed {
	secret, err := c.auth.Keys.ClientSecret(&oauth.Client{ID: known(i), SecretKey: 1})
	if err != nil {
		c.t.Fatal(err)
	}
	tokenSecret, err := c.auth.Keys.TokenSecret(token)
	if err != nil {
		c.t.Fatal(err)
	}
	return signBy(c.t, known(i), oauth1.Signer{Method: oauth.HMACSHA256, ClientSecret: secret, TokenSecret: tokenSecret}, unchanged)
}

func unchanged(signature string) string { return signature }

// sign is a request signed with HMAC-SHA256, whose signature is changed.
func sign(t *testing.T, client, secret string, change func(string) string) *oauth1.Signed {
	t.Helper()
	return signBy(t, client, oauth1.Signer{Method: oauth.HMACSHA256, ClientSecret: oauth.NewSecret(secret)}, change)
}

func signBy(t *testing.T, client string, signer oauth1.Signer, change func(string) string) *oauth1.Signed {
	t.Helper()
	params := oauth.Params{{Name: "oauth_consumer_key", Value: client}, {Name: "oauth_signature_method", Value: string(signer.Method)},
		{Name: "oauth_timestamp", Value: fmt.Sprint(instant.Unix())}, {Name: "oauth_nonce", Value: "n"}}
	signature, err := signer.Sign(http.MethodGet, "https://api.example.com/x", params)
	if err != nil {
		t.Fatal(err)
	}
	params = append(params, oauth.Param{Name: "oauth_signature", Value: change(signature)})
	signed, refusal := oauth1.Parse(&oauth.Request{Method: http.MethodGet, Scheme: "https", Host: "api.example.com", Path: "/x",
		Header: http.Header{"Authorization": {oauth1.FormatHeader("", params)}}})
	if refusal != nil {
		t.Fatalf("%+v", refusal)
	}
	return &signed
}

// flipped changes the byte of base64 text at an index of what it stands for;
// a negative one is counted from the end.
func flipped(t *testing.T, encoding *base64.Encoding, text string, at int) string {
	t.Helper()
	raw, err := encoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	raw[(at+len(raw))%len(raw)] ^= 0x55
	return encoding.EncodeToString(raw)
}

// macBegins is the index of the MAC in a token, as the seal package lays it out.
const macBegins = 4 + 16 + 4

// forged are tokens whose MAC is wrong at one byte, and the opening of them.
func forged(t *testing.T, keys *seal.Keyring, at int) func(int) {
	t.Helper()
	tokens := make([]string, many)
	for i := range tokens {
		token := keys.Mint(seal.AccessToken, oauth.SessionID{byte(i)}, 0).Reveal()
		tokens[i] = string(seal.AccessToken) + flipped(t, base64.RawURLEncoding, token[len(seal.AccessToken):], at)
	}
	return func(i int) {
		if _, err := keys.Open(seal.AccessToken, tokens[i%many]); err == nil {
			t.Fatal("a forged token is opened")
		}
	}
}

// missigned are requests whose signature is wrong at one byte.
func missigned(t *testing.T, at int) func(int) {
	t.Helper()
	requests := make([]*oauth1.Signed, many)
	for i := range requests {
		requests[i] = sign(t, known(i), "secret", func(signature string) string { return flipped(t, base64.StdEncoding, signature, at) })
	}
	key := oauth1.Key{ClientSecret: oauth.NewSecret("secret")}
	return func(i int) {
		if requests[i%many].Verify(key) {
			t.Fatal("a wrong signature is taken")
		}
	}
}

// The bounds are what is nothing to an attacker, and well below what the
// controls show.
const (
	hashBound   = 0.03  // of a password's hash
	macBound    = 0.005 // of a MAC, a few nanoseconds
	clientBound = 0.08  // finding a client copies it; nobody else's time tells some 30 ns
)

func TestEquallyLong(t *testing.T) {
	keys, clients := newKeys(t), newClients(t)
	owasp, quick := newUsers(t, password.OWASP(), password.OWASP()), newUsers(t, cheap(), cheap())
	for _, c := range []comparison{
		{"unknown and known user", owasp.guess(unknown), owasp.guess(known), 60, 1, hashBound},
		{"unknown and known user, with cheap hashes", quick.guess(unknown), quick.guess(known), 3000, 1, hashBound},
		{"unknown and known client, by client_secret", clients.form(unknown), clients.form(known), 5000, 8, clientBound},
		{"unknown and known client, by signature", clients.signed(unknown), clients.signed(known), 5000, 8, clientBound},
		{"unknown and known client, by signature for a token", clients.signedByToken(unknown), clients.signedByToken(known), 5000, 8, clientBound},
		{"last and first byte of a token's MAC wrong", forged(t, keys, -1), forged(t, keys, macBegins), 20000, 16, macBound},
		{"last and first byte of a signature wrong", missigned(t, -1), missigned(t, 0), 10000, 8, macBound},
	} {
		if c.tells(t) {
			t.Errorf("%s: they can be told apart", c.name)
		}
	}
}
