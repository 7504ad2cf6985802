package deployment

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/signing"
)

// signedQuestion is an event about a request that was signed for a URL of
// scheme by a client with its right secrets.
func (s *site) signedQuestion(scheme, id string) []byte {
	s.t.Helper()
	client, err := s.Store.Client(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	token := s.Keys.Mint(seal.OAuth1Token, oauth.SessionID{1}, 0).Reveal()
	return signedBy(s.t, s.Keys, client, token, scheme, s.clock(), "nonce")
}

// signedBy is an event about a request that was signed for a URL of scheme with
// the secrets of client and token.
func signedBy(t testing.TB, keys *seal.Keyring, client oauth.Client, token, scheme string, now time.Time, nonce string) []byte {
	t.Helper()
	opened, err := keys.Open(seal.OAuth1Token, token)
	if err != nil {
		t.Fatal(err)
	}
	clientSecret, errClient := keys.ClientSecret(&client)
	tokenSecret, errToken := keys.TokenSecret(opened)
	if err := errors.Join(errClient, errToken); err != nil {
		t.Fatal(err)
	}
	r := &signing.Request{Method: http.MethodGet, Header: http.Header{},
		URL: &url.URL{Scheme: scheme, Host: "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com", Path: "/prod/x"}}
	credentials := signing.Credentials{ConsumerKey: client.ID, Token: token, Place: signing.InHeader,
		Signer: oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: clientSecret, TokenSecret: tokenSecret}}
	if _, err := credentials.Sign(r, now, nonce); err != nil {
		t.Fatal(err)
	}
	return event(map[string]any{"type": "REQUEST", "methodArn": arnPrefix + "/prod/GET/x", "path": "/x", "httpMethod": "GET",
		"multiValueHeaders": r.Header})
}

// diagnosed invokes the authorizer, which must refuse, and counts diagnoses in
// its log.
func (s *site) diagnosed(h apigateway.Handler, payload []byte) int {
	s.t.Helper()
	s.log.Reset()
	if _, err := h.Invoke(s.t.Context(), payload); !errors.Is(err, apigateway.ErrUnauthorized) {
		s.t.Errorf("got %v, want a refusal", err)
	}
	return strings.Count(s.log.String(), "diagnosis=")
}

func TestDiagnosisInTheLog(t *testing.T) {
	s := newSite(t)
	registry := s.Store.(oauth.Registry)
	if err := registry.CreateClient(t.Context(), oauth.Client{ID: "diagnosed", SecretKey: 1, Diagnose: true}); err != nil {
		t.Fatal(err)
	}
	h := s.handler(s.Authorizer())
	if got := s.diagnosed(h, s.signedQuestion("http", "old")); got != 0 {
		t.Errorf("a client that does not want it: %s", s.log)
	}
	if got := s.diagnosed(h, s.signedQuestion("http", "diagnosed")); got != 1 ||
		!strings.Contains(s.log.String(), `diagnosis="scheme: The URL was signed with http, and the request came by https`) {
		t.Errorf("not diagnosed: %s", s.log)
	}
	if got := strings.Count(s.log.String(), "\n"); got != 1 {
		t.Errorf("%d lines, want one: %s", got, s.log)
	}
}

// Strangers who know the id of a client cannot make a function work for them
// without bounds.
func TestDiagnosesAreFew(t *testing.T) {
	s := newSite(t)
	d := &diagnoses{window: time.Minute}
	client := oauth.Client{ID: "c", Diagnose: true}
	junk := &oauth.Request{Method: "GET", Scheme: "https", Host: "a", Path: "/", Header: http.Header{"Authorization": {
		`OAuth oauth_consumer_key="c", oauth_signature_method="HMAC-SHA1", oauth_signature="x", oauth_timestamp="1", oauth_nonce="n"`}}}
	ask := func() (said int) {
		for range 20 {
			if d.of(junk, &client, oauth1.Key{ClientSecret: oauth.NewSecret("s")}, s.clock()) != "" {
				said++
			}
		}
		return said
	}
	for range 2 {
		if got := ask(); got != diagnosesPerSecond {
			t.Errorf("%d diagnoses in a second, want %d", got, diagnosesPerSecond)
		}
		s.wait(time.Second)
	}
}

func TestLargeBodiesAreNotDiagnosed(t *testing.T) {
	client := oauth.Client{ID: "c", Diagnose: true}
	now := time.Unix(1500000000, 0)
	for size, want := range map[int]bool{diagnosisBody: true, diagnosisBody + 1: false} {
		d := &diagnoses{window: time.Minute}
		r := &oauth.Request{Method: "POST", Scheme: "https", Host: "a", Path: "/", Body: make([]byte, size), BodySeen: true, Header: http.Header{"Authorization": {
			`OAuth oauth_consumer_key="c", oauth_signature_method="HMAC-SHA1", oauth_signature="x", oauth_timestamp="1", oauth_nonce="n"`}}}
		said := d.of(r, &client, oauth1.Key{ClientSecret: oauth.NewSecret("s")}, now)
		if said != "" != want || d.count > 0 != want {
			t.Errorf("%d bytes: %q, and %d counted", size, said, d.count)
		}
	}
}
