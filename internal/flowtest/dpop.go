package flowtest

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop"
	"gatehouse/internal/oauth/dpop/dpoptest"
)

// proof is the header of key for a request to a path, with a token or without.
func (g Target) proof(t *testing.T, key *dpoptest.Key, method, path, token string) string {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	return key.Proof(t, dpoptest.Claims{Method: method, URI: g.URL + path, IssuedAt: time.Now(), Token: token})
}

// proven is a request with an access token and the proof of key.
func (g Target) proven(t *testing.T, key *dpoptest.Key, method, path, token string) *http.Request {
	t.Helper()
	return newRequest(t, method, g.URL+path, "", "Authorization", "DPoP "+token, dpop.Header, g.proof(t, key, method, path, token))
}

// postProven asks for tokens that are bound to key.
func (g Target) postProven(t *testing.T, key *dpoptest.Key, pairs ...string) reply {
	t.Helper()
	return send(t, newRequest(t, "POST", g.URL+"/oauth/token", encode(pairs), "Content-Type", form,
		dpop.Header, g.proof(t, key, "POST", "/oauth/token", "")))
}

// signInProven is signIn with a key.
func signInProven(t *testing.T, g Target, key *dpoptest.Key) map[string]any {
	t.Helper()
	tokens := g.postProven(t, key, passwordForm(g)...).want(t, http.StatusOK).json(t)
	if tokens["token_type"] != "DPoP" {
		t.Errorf("token_type %v, want DPoP", tokens["token_type"])
	}
	return tokens
}

func renewProven(t *testing.T, g Target, key *dpoptest.Key, token string) reply {
	t.Helper()
	return g.postProven(t, key, refreshForm(g, token)...)
}

// tokensOfAKey are used with their proof, by the authorizer and by the reverse
// proxy, refreshed and introspected.
func tokensOfAKey(t *testing.T, g Target) {
	key := dpoptest.NewKey(t)
	first := signInProven(t, g, key)
	token := text(t, first, "access_token")
	for _, path := range []string{"/oauth/session", "/oauth/sessions?limit=3&note=a%20b", "/api/notes/a%2Fb?x=1"} {
		send(t, g.proven(t, key, "GET", path, token)).want(t, http.StatusOK)
	}
	if got := send(t, g.proven(t, key, "GET", "/api/notes", token)).seen(t); got.Header.Get(dpop.Header) != "" || got.Header.Get("X-Oauth-User-Name") != g.User {
		t.Errorf("the backend got %v", got.Header)
	}
	said := g.post(t, "/oauth/introspect", "client_id", g.Other.ID, "client_secret", g.Other.Secret, "token", token).want(t, http.StatusOK).json(t)
	if cnf, _ := said["cnf"].(map[string]any); said["token_type"] != "DPoP" || cnf["jkt"] != key.Thumbprint() {
		t.Errorf("introspection says %v", said)
	}
	second := renewProven(t, g, key, text(t, first, "refresh_token")).want(t, http.StatusOK).json(t)
	send(t, g.proven(t, key, "GET", "/oauth/session", text(t, second, "access_token"))).want(t, http.StatusOK)
	g.postProven(t, key, "grant_type", "client_credentials", "client_id", g.Client.ID, "client_secret", g.Client.Secret).want(t, http.StatusOK)
	exchange := g.sign(t, xauthTokens(t, g), "POST", "/oauth/token", "grant_type", exchangeGrant)
	exchange.Header.Set(dpop.Header, g.proof(t, key, "POST", "/oauth/token", ""))
	if tokens := send(t, exchange).want(t, http.StatusOK).json(t); tokens["token_type"] != "DPoP" {
		t.Errorf("exchanged for %v", tokens)
	}
}

// boundCode is a code of dpop_jkt: of no use without the key.
func boundCode(t *testing.T, g Target) {
	key := dpoptest.NewKey(t)
	a := newAsking(g.Public, "dpop_jkt", key.Thumbprint())
	code := newPerson(t, g).answer(t, "allow", a.query...).Query().Get("code")
	pairs := []string{"grant_type", "authorization_code", "client_id", g.Public.ID, "code", code, "redirect_uri", Callback, "code_verifier", a.verifier}
	g.post(t, "/oauth/token", pairs...).wantError(t, http.StatusBadRequest, oauth.InvalidDPoPProof)
	g.postProven(t, dpoptest.NewKey(t), pairs...).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
	token := text(t, g.postProven(t, key, pairs...).want(t, http.StatusOK).json(t), "access_token")
	send(t, g.proven(t, key, "GET", "/oauth/session", token)).want(t, http.StatusOK)
}

// stolenBoundTokens are tried as whoever has them can.
func stolenBoundTokens(t *testing.T, g Target) {
	key, thiefs := dpoptest.NewKey(t), dpoptest.NewKey(t)
	tokens := signInProven(t, g, key)
	token, refresh := text(t, tokens, "access_token"), text(t, tokens, "refresh_token")
	used := g.proven(t, key, "GET", "/oauth/session", token)
	send(t, used).want(t, http.StatusOK)
	send(t, repeat(t, used)).want(t, http.StatusUnauthorized)
	elsewhere := g.proven(t, key, "GET", "/oauth/sessions", token)
	elsewhere.Header.Set(dpop.Header, g.proof(t, key, "DELETE", "/oauth/sessions", token))
	send(t, elsewhere).want(t, http.StatusUnauthorized)
	send(t, newRequest(t, "GET", g.URL+"/oauth/session", "", "Authorization", "DPoP "+token)).want(t, http.StatusUnauthorized)
	renew(t, g, refresh).wantError(t, http.StatusBadRequest, oauth.InvalidGrant) // without the key
	send(t, g.proven(t, key, "GET", "/oauth/session", token)).want(t, http.StatusOK)

	send(t, g.proven(t, thiefs, "GET", "/oauth/session", token)).want(t, http.StatusUnauthorized)
	send(t, g.proven(t, key, "GET", "/oauth/session", token)).want(t, http.StatusUnauthorized) // killed by that
	token = text(t, renewProven(t, g, key, refresh).want(t, http.StatusOK).json(t), "access_token")
	send(t, g.proven(t, key, "GET", "/oauth/session", token)).want(t, http.StatusOK)
	g.bearer(t, "GET", "/api/notes", token).wantError(t, http.StatusUnauthorized, oauth.InvalidToken)
	send(t, g.proven(t, key, "GET", "/api/notes", token)).wantError(t, http.StatusUnauthorized, oauth.InvalidToken)

	unbound := text(t, signIn(t, g), "access_token")
	send(t, g.proven(t, key, "GET", "/oauth/session", unbound)).want(t, http.StatusUnauthorized)
}

// replayedProof is sent many times at once: one gets through.
func replayedProof(t *testing.T, g Target) {
	key := dpoptest.NewKey(t)
	token := text(t, signInProven(t, g, key), "access_token")
	request := g.proven(t, key, "GET", "/oauth/session", token)
	statuses := make([]int, 20)
	var group sync.WaitGroup
	for i := range statuses {
		again := repeat(t, request)
		group.Go(func() {
			if response, err := http.DefaultClient.Do(again); err == nil {
				_ = response.Body.Close()
				statuses[i] = response.StatusCode
			}
		})
	}
	group.Wait()
	good := 0
	for _, status := range statuses {
		if status == http.StatusOK {
			good++
		} else if status != http.StatusUnauthorized {
			t.Errorf("status %d", status)
		}
	}
	if good != 1 {
		t.Errorf("%d of %d got through", good, len(statuses))
	}
}

// proofChallenges name the algorithms that the metadata does.
func proofChallenges(t *testing.T, g Target) {
	metadata := send(t, newRequest(t, "GET", g.URL+"/.well-known/oauth-authorization-server", "")).want(t, http.StatusOK).json(t)
	var names []string
	listed, _ := metadata["dpop_signing_alg_values_supported"].([]any)
	for _, name := range listed {
		names = append(names, name.(string))
	}
	want := `DPoP algs="` + strings.Join(names, " ") + `"`
	authorizer := send(t, newRequest(t, "GET", g.URL+"/oauth/session", "")).want(t, http.StatusUnauthorized).header.Get("WWW-Authenticate")
	proxy := send(t, newRequest(t, "GET", g.URL+"/api/notes", "")).want(t, http.StatusUnauthorized).header.Get("X-Amzn-Remapped-Www-Authenticate")
	for _, got := range []string{authorizer, proxy} {
		if len(names) != 5 || !strings.HasSuffix(got, ", "+want) {
			t.Errorf("challenge %s, want %s in it", got, want)
		}
	}
}

// RunProofCosts is RunCosts for proofs of keys.
func RunProofCosts(t *testing.T, g Target, counter *dynamodbtest.Counter) {
	key, thiefs := dpoptest.NewKey(t), dpoptest.NewKey(t)
	tokens := signInProven(t, g, key)
	token, refresh := text(t, tokens, "access_token"), text(t, tokens, "refresh_token")
	send(t, g.proven(t, key, "GET", "/oauth/session", token)).want(t, http.StatusOK)
	send(t, g.proven(t, key, "GET", "/api/notes", token)).want(t, http.StatusOK)
	own := []string{"client_id", g.Client.ID, "client_secret", g.Client.Secret, "grant_type"}
	replayed := g.proven(t, key, "GET", "/oauth/session", token)
	count(t, counter, []operation{
		{"check", 200, cost{1, 0.5, 1}, func(t *testing.T) reply { return send(t, replayed) }},
		{"check of a replay", 401, cost{1, 0.5, 1}, func(t *testing.T) reply { return send(t, repeat(t, replayed)) }},
		{"check of another address's proof", 401, cost{}, func(t *testing.T) reply {
			r := g.proven(t, key, "GET", "/oauth/sessions", token)
			r.Header.Set(dpop.Header, g.proof(t, key, "GET", "/oauth/session", token))
			return send(t, r)
		}},
		{"check of a junk token", 401, cost{}, func(t *testing.T) reply { return send(t, g.proven(t, key, "GET", "/oauth/session", "junk")) }},
		{"check by the reverse proxy", 200, cost{1, 0.5, 1}, func(t *testing.T) reply { return send(t, g.proven(t, key, "GET", "/api/notes", token)) }},
		{"refresh without the proof", 400, cost{1, 0, 1}, func(t *testing.T) reply { return renew(t, g, refresh) }},
		// The jti, then as without a proof.
		{"refresh", 200, cost{2, 0, 2}, func(t *testing.T) reply { return renewProven(t, g, key, refresh) }},
		{"client credentials", 200, cost{2, 0, 2}, func(t *testing.T) reply { return g.postProven(t, key, append(own, "client_credentials")...) }},
		{"token request with junk for a proof", 400, cost{}, func(t *testing.T) reply {
			return send(t, newRequest(t, "POST", g.URL+"/oauth/token", encode(append(own, "client_credentials")), "Content-Type", form, dpop.Header, "junk"))
		}},
		// The token that was shown is the one before the refresh: it is killed.
		{"check with another key", 401, cost{2, 0.5, 2}, func(t *testing.T) reply { return send(t, g.proven(t, thiefs, "GET", "/oauth/session", token)) }},
	})
}
