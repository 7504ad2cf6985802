package clientauth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

const (
	keyring    = `{"current":"1","1":"a key for tests that nobody must ever use"}`
	hardID     = "a b:c%+ü&="
	hardSecret = "p%:+ ü&=\"?"
)

var (
	instant   = time.Date(2035, 1, 2, 3, 4, 5, 0, time.UTC)
	errBroken = errors.New("the store is broken")
)

// countedClients counts how often a client is asked for; err, where it is
// set, is its answer.
type countedClients struct {
	oauth.Clients
	err   error
	asked int
}

func (c *countedClients) Client(ctx context.Context, id string) (oauth.Client, error) {
	c.asked++
	if c.err != nil {
		return oauth.Client{}, c.err
	}
	return c.Clients.Client(ctx, id)
}

// newAuthenticator knows the clients mobile, disabled, web (public), pages
// (public, for two origins), sunset (whose OAuth 1.0 ends now), hard (with
// characters that need encoding), retired (its key is gone) and broken (what
// is sealed is not its own).
func newAuthenticator(t testing.TB) (*Authenticator, *countedClients) {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(keyring))
	if err != nil {
		t.Fatal(err)
	}
	hard := oauth.Client{ID: hardID}
	if err := keys.GiveSecret(&hard, oauth.NewSecret(hardSecret)); err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	for _, client := range []oauth.Client{
		hard,
		{ID: "mobile", SecretKey: 1},
		{ID: "disabled", SecretKey: 1, Disabled: true},
		{ID: "web", Public: true},
		{ID: "pages", Public: true, Origins: []string{"https://app.example.com", "http://localhost:5173"}},
		{ID: "sunset", SecretKey: 1, Sunset: instant},
		{ID: "retired", SecretKey: 9},
		{ID: "diagnosed", SecretKey: 1, Diagnose: true},
		{ID: "broken", SecretKey: 1, SealedSecret: hard.SealedSecret},
	} {
		if err := store.CreateClient(t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	clients := &countedClients{Clients: store}
	return &Authenticator{Clients: storetest.Uncached{Clients: clients}, Keys: keys, Window: 5 * time.Minute}, clients
}

// secretOf is the derived secret of the client called id, existing or not.
func secretOf(t testing.TB, a *Authenticator, id string) string {
	t.Helper()
	secret, err := a.Keys.ClientSecret(&oauth.Client{ID: id, SecretKey: 1})
	if err != nil {
		t.Fatal(err)
	}
	return secret.Reveal()
}

func basicHeader(id, secret string) string {
	pair := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}

// request is one with these Authorization headers.
func request(authorization ...string) *oauth.Request {
	return &oauth.Request{Method: http.MethodPost, Header: http.Header{"Authorization": authorization}}
}

// params makes parameters of names and values by turns.
func params(pairs ...string) oauth.Params {
	var made oauth.Params
	for i := 0; i < len(pairs); i += 2 {
		made = append(made, oauth.Param{Name: pairs[i], Value: pairs[i+1]})
	}
	return made
}

// sign is a request of the client called id, signed with secret.
func sign(t testing.TB, id, secret string, method oauth.SignatureMethod) *oauth1.Signed {
	t.Helper()
	return signBy(t, id, oauth1.Signer{Method: method, ClientSecret: oauth.NewSecret(secret)})
}

func signBy(t testing.TB, id string, signer oauth1.Signer) *oauth1.Signed {
	t.Helper()
	protocol := params("oauth_consumer_key", id, "oauth_signature_method", string(signer.Method),
		"oauth_timestamp", fmt.Sprint(instant.Unix()), "oauth_nonce", "n")
	signature, err := signer.Sign(http.MethodGet, "https://api.example.com/x", protocol)
	if err != nil {
		t.Fatal(err)
	}
	r := &oauth.Request{Method: http.MethodGet, Scheme: "https", Host: "api.example.com", Path: "/x",
		Header: http.Header{"Authorization": {oauth1.FormatHeader("", append(protocol, params("oauth_signature", signature)...))}}}
	signed, refusal := oauth1.Parse(r)
	if refusal != nil {
		t.Fatalf("the request of %s: %+v", id, refusal)
	}
	return &signed
}
