package stress

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"gatehouse/internal/flowtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// What a user's consent gives to a client is sealed here with the site's own
// keys: the pages are tested elsewhere, and nothing is written by them.

// code is an authorization code that s gave to client for user, and the
// request that redeems it. jkt is the thumbprint of the key that it was asked for
// with, empty for none.
func (s *site) code(client flowtest.Client, user, jkt string) (sealed string, redeem request) {
	verifier := rand.Text() + rand.Text()
	sum := sha256.Sum256([]byte(verifier))
	code, err := s.keys.SealCode(seal.Code{Client: client.ID, Redirect: flowtest.Callback, Named: true, Scope: []string{"read", "write"},
		User: user, UserName: user, Key: jkt, Challenge: base64.RawURLEncoding.EncodeToString(sum[:])}, s.clock.Now().Add(seal.CodeLifetime))
	if err != nil {
		panic(err) // of a keyring that was read
	}
	return code.Reveal(), post("/oauth/token", by(client, "grant_type", "authorization_code", "code", code.Reveal(),
		"redirect_uri", flowtest.Callback, "code_verifier", verifier)...)
}

// legs are temporary credentials that user authorized for client.
type legs struct {
	credentials
	verifier string
}

func (s *site) legs(client flowtest.Client, user string) legs {
	now := s.clock.Now()
	identifier, secret, err := s.keys.SealTemporary(seal.Temporary{Client: client.ID, Callback: oauth.OutOfBand}, now.Add(seal.TemporaryLifetime))
	if err != nil {
		panic(err)
	}
	verifier, err := s.keys.SealVerifier(identifier.Reveal(), seal.Verifier{User: user, UserName: user, Scope: []string{"read", "write"}},
		now.Add(seal.VerifierLifetime))
	if err != nil {
		panic(err)
	}
	return legs{credentials{client, identifier.Reveal(), secret.Reveal()}, verifier.Reveal()}
}

// exchange asks for token credentials, with a nonce of its own.
func (s *site) exchange(l legs) request {
	return s.sign(l.credentials, "POST", "/oauth/access_token", "oauth_verifier", l.verifier)
}

// granted are the token credentials of an answer.
func granted(client flowtest.Client, a answer) credentials {
	form := a.form()
	return credentials{client, form.Get("oauth_token"), form.Get("oauth_token_secret")}
}

func refreshing(client flowtest.Client, token string) request {
	return post("/oauth/token", by(client, "grant_type", "refresh_token", "refresh_token", token)...)
}

const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange"

// mustExchange begins a session of OAuth 1.0.
func (s *site) mustExchange(t *testing.T) credentials {
	t.Helper()
	a := s.send(t.Context(), s.exchange(s.legs(s.Client, s.User)))
	if !a.ok() {
		t.Fatalf("a verifier: %s", a)
	}
	return granted(s.Client, a)
}

// mustRedeem begins a session of OAuth 2.
func (s *site) mustRedeem(t *testing.T) answer {
	t.Helper()
	_, redeem := s.code(s.Client, s.User, "")
	a := s.send(t.Context(), redeem)
	if !a.ok() {
		t.Fatalf("a code: %s", a)
	}
	return a
}

// tokens are those of one generation of a session of OAuth 2.
type tokens struct{ access, refresh string }

func (s *site) tokensOf(id oauth.SessionID, generation uint32) tokens {
	return tokens{s.keys.Mint(seal.AccessToken, id, generation).Reveal(), s.keys.Mint(seal.RefreshToken, id, generation).Reveal()}
}

// tokensIn are the tokens of an answer, empty where there are none.
func tokensIn(a answer) tokens { return tokens{a.text("access_token"), a.text("refresh_token")} }
