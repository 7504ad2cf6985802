package clientauth

import (
	"context"
	"crypto"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/mac"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

// twoKeys has the key of newAuthenticator's and a later one.
const twoKeys = `{"current":"2","1":"a key for tests that nobody must ever use","2":"a later key that nobody must ever use either"}`

const laterKey = `{"current":"2","2":"a later key that nobody must ever use either"}`

// keeper has an Authenticator whose clients are in memory, as they are in the
// product, and the store behind it.
type keeper struct {
	*Authenticator
	t     testing.TB
	store *memory.Store
}

// newKeeper has the clients mobile, other, and any, which may sign with PLAINTEXT,
// too, and is diagnosed, beside those of newAuthenticator.
func newKeeper(t testing.TB) *keeper {
	t.Helper()
	a, clients := newAuthenticator(t)
	store := clients.Clients.(*memory.Store)
	a.Clients = oauth.NewCachedClients(clients)
	a.Diagnose = func(_ *oauth.Request, c *oauth.Client, key oauth1.Key, _ time.Time) string {
		return c.ID + " has " + key.ClientSecret.Reveal() + " and " + key.TokenSecret.Reveal()
	}
	for _, client := range []oauth.Client{{ID: "other", SecretKey: 1},
		{ID: "any", SecretKey: 1, Diagnose: true, SignatureMethods: append(oauth.SignatureMethods(), oauth.Plaintext)}} {
		if err := store.CreateClient(t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	return &keeper{a, t, store}
}

// token is the nth token of OAuth 1.0, of the first key.
func token(n uint64) seal.Token {
	token := seal.Token{Kind: seal.OAuth1Token, Key: 1}
	binary.BigEndian.PutUint64(token.Session[:], n)
	return token
}

// signer signs rightly for a token, as a client does whose secret is of the first
// key.
func (k *keeper) signer(id string, token seal.Token) oauth1.Signer {
	k.t.Helper()
	keys := parseKeys(k.t, twoKeys)
	secret, err := keys.TokenSecret(token)
	if err != nil {
		k.t.Fatal(err)
	}
	return oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: oauth.NewSecret(secretOf(k.t, &Authenticator{Keys: keys}, id)), TokenSecret: secret}
}

func parseKeys(t testing.TB, text string) *seal.Keyring {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// check returns the code of the refusal, empty where there is none.
func (k *keeper) check(id string, signer oauth1.Signer, token seal.Token, now time.Time) string {
	k.t.Helper()
	client, refusal, err := k.SignedByToken(k.t.Context(), signBy(k.t, id, signer), token, now)
	if err != nil {
		k.t.Fatal(err)
	}
	if refusal != nil {
		return refusal.Code
	}
	if client.ID != id {
		k.t.Errorf("let in as %q, not %q", client.ID, id)
	}
	return ""
}

// want fails the test unless the nth check gives the nth code.
func (k *keeper) want(name, id string, signer oauth1.Signer, token seal.Token, now time.Time, codes ...string) {
	k.t.Helper()
	for i, code := range codes {
		if got := k.check(id, signer, token, now); got != code {
			k.t.Errorf("%s, check %d: %q, want %q", name, i, got, code)
		}
	}
}

func TestKeptKey(t *testing.T) {
	for _, method := range append(oauth.SignatureMethods(), oauth.Plaintext) {
		if strings.HasPrefix(string(method), "RSA") {
			continue
		}
		k := newKeeper(t)
		right := k.signer("any", token(1))
		right.Method = method
		k.want(string(method), "any", right, token(1), instant, "", "", "")
		if len(k.kept.entries) != 1 {
			t.Errorf("%s: %d keys are kept, want one", method, len(k.kept.entries))
		}
		for _, other := range []oauth.SignatureMethod{oauth.HMACSHA1, oauth.HMACSHA256, oauth.HMACSHA512, oauth.Plaintext} {
			right.Method = other
			k.want(string(other)+" after "+string(method), "any", right, token(1), instant, "", "")
			wrong := right
			wrong.TokenSecret = oauth.NewSecret("wrong")
			k.want("a wrong "+string(other), "any", wrong, token(1), instant, oauth.SignatureInvalid, oauth.SignatureInvalid)
		}
	}
}

// Who has not signed rightly leaves nothing behind.
func TestOnlyWhatHeldIsKept(t *testing.T) {
	k := newKeeper(t)
	wrong := func(change func(*oauth1.Signer)) oauth1.Signer {
		signer := k.signer("mobile", token(1))
		change(&signer)
		return signer
	}
	right := func(id string) oauth1.Signer { return k.signer(id, token(1)) }
	for name, c := range map[string]struct {
		id     string
		signer oauth1.Signer
		after  time.Duration
		code   string
	}{
		"a wrong secret":         {"mobile", wrong(func(s *oauth1.Signer) { s.ClientSecret = oauth.NewSecret("wrong") }), 0, oauth.SignatureInvalid},
		"a wrong token's secret": {"mobile", wrong(func(s *oauth1.Signer) { s.TokenSecret = oauth.NewSecret("wrong") }), 0, oauth.SignatureInvalid},
		"no token's secret":      {"mobile", wrong(func(s *oauth1.Signer) { s.TokenSecret = oauth.Secret{} }), 0, oauth.SignatureInvalid},
		"another token's secret": {"mobile", k.signer("mobile", token(2)), 0, oauth.SignatureInvalid},
		"another's secret":       {"mobile", right("other"), 0, oauth.SignatureInvalid},
		"a late one":             {"mobile", right("mobile"), time.Hour, oauth.TimestampRefused},
		"PLAINTEXT":              {"mobile", wrong(func(s *oauth1.Signer) { s.Method = oauth.Plaintext }), 0, oauth.SignatureMethodRejected},
		"an unknown client":      {"nobody", right("nobody"), 0, oauth.ConsumerKeyUnknown},
		"a disabled client":      {"disabled", right("disabled"), 0, oauth.ConsumerKeyUnknown},
		"a public client":        {"web", right("web"), 0, oauth.ConsumerKeyRefused},
		"a client of the past":   {"sunset", right("sunset"), 0, oauth.ConsumerKeyRefused},
		"a key that is gone":     {"retired", right("retired"), 0, oauth.ConsumerKeyUnknown},
	} {
		k.want(name, c.id, c.signer, token(1), instant.Add(c.after), c.code, c.code)
		if len(k.kept.entries) != 0 {
			t.Fatalf("%s: a key is kept", name)
		}
	}
}

// Whatever is kept, a request is refused in the same words as by an Authenticator
// that has kept nothing.
func TestRefusedAsIfNothingWereKept(t *testing.T) {
	k := newKeeper(t)
	for _, id := range []string{"mobile", "any", "sunset"} {
		k.want("at first", id, k.signer(id, token(1)), token(1), instant.Add(-time.Second), "")
		for _, signedBy := range []string{"mobile", "any", "nobody"} {
			for _, with := range []uint64{1, 2} {
				for _, after := range []time.Duration{-time.Second, 0, time.Hour} {
					signer := k.signer(signedBy, token(with))
					_, got, err := k.SignedByToken(t.Context(), signBy(t, id, signer), token(1), instant.Add(after))
					_, want, err2 := newKeeper(t).SignedByToken(t.Context(), signBy(t, id, signer), token(1), instant.Add(after))
					if err != nil || err2 != nil || !reflect.DeepEqual(got, want) {
						t.Errorf("%s, signed by %s for token %d, %s later: %+v, want %+v (%v, %v)", id, signedBy, with, after, got, want, err, err2)
					}
				}
			}
		}
	}
}

// Two clients that sign for one token are each held to their own secret.
func TestAnotherClientWithTheToken(t *testing.T) {
	k := newKeeper(t)
	mobile, other := k.signer("mobile", token(1)), k.signer("other", token(1))
	for range 2 {
		k.want("mobile", "mobile", mobile, token(1), instant, "", "")
		k.want("other by mobile's secret", "other", mobile, token(1), instant, oauth.SignatureInvalid)
		k.want("other", "other", other, token(1), instant, "", "") // whose token it is shows the session
		k.want("mobile by other's secret", "mobile", other, token(1), instant, oauth.SignatureInvalid)
		k.want("an unknown one by mobile's secret", "nobody", mobile, token(1), instant, oauth.ConsumerKeyUnknown)
	}
}

// A change of the client is seen as soon as without what is kept.
func TestChangedClientIsNotKept(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*oauth.Client)
		code   string
	}{
		"rotated":    {func(c *oauth.Client) { c.SecretVersion++ }, oauth.SignatureInvalid},
		"disabled":   {func(c *oauth.Client) { c.Disabled = true }, oauth.ConsumerKeyUnknown},
		"public":     {func(c *oauth.Client) { c.Public = true }, oauth.ConsumerKeyRefused},
		"over":       {func(c *oauth.Client) { c.Sunset = instant }, oauth.ConsumerKeyRefused},
		"held to it": {func(c *oauth.Client) { c.SignatureMethods = []oauth.SignatureMethod{oauth.HMACSHA512} }, oauth.SignatureMethodRejected},
		"lost":       {func(c *oauth.Client) { c.SecretKey = 9 }, oauth.ConsumerKeyUnknown},
	} {
		k := newKeeper(t)
		signer, later := k.signer("mobile", token(1)), instant.Add(oauth.ClientAge)
		k.want(name, "mobile", signer, token(1), instant, "", "")
		client, err := k.store.Client(t.Context(), "mobile")
		if err != nil {
			t.Fatal(err)
		}
		c.change(&client)
		if err := k.store.UpdateClient(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		k.want(name+", while it is not seen", "mobile", signer, token(1), later.Add(-1), "")
		k.want(name+", seen", "mobile", signer, token(1), later, c.code, c.code)
		if name == "rotated" {
			signer.ClientSecret = mustSecret(t, k.Keys, &client)
			k.want("the new secret", "mobile", signer, token(1), later, "", "")
		}
	}
}

func mustSecret(t testing.TB, keys *seal.Keyring, client *oauth.Client) oauth.Secret {
	t.Helper()
	secret, err := keys.ClientSecret(client)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// A key that was retired is gone at once, be it the token's or the client's, and
// nothing stays that was derived from it.
func TestRetiredKeyIsNotKept(t *testing.T) {
	k := newKeeper(t)
	signer := k.signer("mobile", token(1))
	k.want("at first", "mobile", signer, token(1), instant, "", "")
	k.Keys.Replace(parseKeys(t, twoKeys))
	k.want("with another key beside it", "mobile", signer, token(1), instant, "", "")

	ofLater := token(2)
	ofLater.Key = 2
	k.want("a token of the later key", "mobile", k.signer("mobile", ofLater), ofLater, instant, "", "")
	if len(k.kept.entries) != 2 {
		t.Errorf("%d keys are kept, want two", len(k.kept.entries))
	}
	k.Keys.Replace(parseKeys(t, laterKey))
	for range 2 {
		if _, refusal, err := k.SignedByToken(t.Context(), signBy(t, "mobile", signer), token(1), instant); !errors.Is(err, seal.ErrUnknownKey) {
			t.Errorf("%+v, %v, want seal.ErrUnknownKey", refusal, err)
		}
		_, refusal, err := k.SignedByToken(t.Context(), signBy(t, "mobile", k.signer("mobile", ofLater)), ofLater, instant)
		if err != nil || refusal == nil || refusal.Code != oauth.ConsumerKeyUnknown || !refusal.UnknownKey {
			t.Errorf("a client without a secret: %+v, %v", refusal, err)
		}
	}
	if err := k.store.CreateClient(t.Context(), oauth.Client{ID: "later", SecretKey: 2}); err != nil {
		t.Fatal(err)
	}
	right := k.signer("later", ofLater)
	right.ClientSecret = mustSecret(t, k.Keys, &oauth.Client{ID: "later", SecretKey: 2})
	k.want("a client of the later key", "later", right, ofLater, instant, "")
	if len(k.kept.entries) != 1 {
		t.Errorf("%d keys are kept, want that of the later key alone", len(k.kept.entries))
	}
}

func TestKeptKeysAreBounded(t *testing.T) {
	k := newKeeper(t)
	for n := range uint64(maxKept + 100) {
		k.want("a new token", "mobile", k.signer("mobile", token(n)), token(n), instant, "")
	}
	if len(k.kept.entries) != maxKept {
		t.Errorf("%d keys are kept, want %d", len(k.kept.entries), maxKept)
	}
	for n := range uint64(100) {
		k.want("an older token", "mobile", k.signer("mobile", token(n)), token(n), instant, "", "")
	}
}

// Many at once, while keys and clients change, get what each would get alone.
func TestKeptKeysAtOnce(t *testing.T) {
	k := newKeeper(t)
	var group sync.WaitGroup
	for worker := range 16 {
		id := []string{"mobile", "other"}[worker%2]
		right, wrong := signBy(t, id, k.signer(id, token(uint64(worker/4)))), signBy(t, id, k.signer(id, token(99)))
		group.Go(func() {
			for n := range 200 {
				now := instant.Add(time.Duration(n%3) * oauth.ClientAge)
				if _, refusal, err := k.SignedByToken(context.Background(), right, token(uint64(worker/4)), now); err != nil || refusal != nil {
					t.Errorf("%s: %+v, %v", id, refusal, err)
				}
				if _, refusal, err := k.SignedByToken(context.Background(), wrong, token(uint64(worker/4)), now); err != nil || refusal == nil {
					t.Errorf("%s, with another token's secret: %+v, %v", id, refusal, err)
				}
			}
		})
	}
	rings := []*seal.Keyring{parseKeys(t, twoKeys), parseKeys(t, keyring)}
	group.Go(func() {
		for n := range 200 {
			k.Keys.Replace(rings[n%2])
		}
	})
	group.Wait()
}

func TestKeptKeyIsNotShown(t *testing.T) {
	k := newKeeper(t)
	signer := k.signer("mobile", token(1))
	k.want("at first", "mobile", signer, token(1), instant, "")
	a, verbs := k.Authenticator, []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t", "%c", "%U", "%o"}
	secrets := []string{signer.ClientSecret.Reveal(), signer.TokenSecret.Reveal(),
		fmt.Sprintf("%x", signer.ClientSecret.Reveal()), fmt.Sprintf("%x", signer.TokenSecret.Reveal())}
	for _, verb := range verbs { // the states of HMACs, those of the ring by SHA-256, begin so
		for hash, magic := range map[crypto.Hash]string{crypto.SHA1: "sha\x01", crypto.SHA256: "sha\x03"} {
			state := strings.Trim(fmt.Sprintf(verb, []byte(magic)), `[]{}"byte`)
			if shown := fmt.Sprintf(verb, mac.NewKey(hash, nil)); !strings.Contains(shown, state) {
				t.Errorf("%s shows a state otherwise than as %q: %s", verb, state, shown)
			}
			secrets = append(secrets, state)
		}
	}
	for _, verb := range verbs {
		for _, value := range []any{a, &a.kept, a.kept.entries, a.kept.entries[token(1)], a.kept.entries[token(1)].key, a.kept.ring, &a.kept.ring} {
			text := fmt.Sprintf(verb, value)
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s of a %T shows %q: %s", verb, value, secret, text)
				}
			}
		}
	}
}
