package proxy

import (
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop"
	"gatehouse/internal/oauth/dpop/dpoptest"
	"gatehouse/internal/oauth/seal"
)

// bind begins a session that is bound to key, and returns its access token.
func (h *house) bind(key *dpoptest.Key) string {
	h.t.Helper()
	s := sessionBy(oauth.OAuth2)
	s.ID, s.Confirmation = oauth.SessionID{3}, key.Thumbprint()
	if err := h.Access.Sessions.Create(h.t.Context(), s); err != nil {
		h.t.Fatal(err)
	}
	return h.Keys.Mint(seal.AccessToken, s.ID, 0).Reveal()
}

// proven is a GET of target with a token and a proof by key.
func (h *house) proven(key *dpoptest.Key, token, target, nonce string) *oauth.Request {
	h.t.Helper()
	path, _, _ := strings.Cut(target, "?")
	proof := key.Proof(h.t, dpoptest.Claims{Method: "GET", URI: "https://api.example.com/prod" + path, IssuedAt: instant, Token: token, Nonce: nonce})
	return newRequest("GET", target, "", "Authorization", "DPoP "+token, dpop.Header, proof)
}

func TestProven(t *testing.T) {
	w := newWire(t, strings.Replace(fine, "Content-Type", "DPoP-Nonce: the backend's\r\nContent-Type", 1))
	h, key := newHouse(t, w.url).rules("* /api/open public"), dpoptest.NewKey(t)
	token := h.bind(key)
	for _, target := range []string{"/api/x", "/api/a%2fb/%7Ec?x=1&x=2", "/api/open"} {
		response := h.serve(h.proven(key, token, target, ""))
		got := w.last()
		if response.Status != 200 || response.Session == nil || got.value("Authorization") != "" || got.value("DPoP") != "" || got.value("X-OAuth-Client-Id") != "mobile" {
			t.Errorf("%s: %d %s, the backend got %q", target, response.Status, response.Body, got.header)
		}
	}
	alone := newRequest("GET", "/api/open", "", dpop.Header, "junk")
	if response := h.serve(alone); response.Status != 200 || w.last().value("DPoP") != "" {
		t.Errorf("a proof of nothing on a public path: %d, the backend got %q", response.Status, w.last().header)
	}
}

func TestProvenNonces(t *testing.T) {
	w := newWire(t, fine)
	h, key := newHouse(t, w.url), dpoptest.NewKey(t)
	h.Access.Nonces = true
	token := h.bind(key)
	now, aging := h.Keys.Nonce(instant), h.Keys.Nonce(instant.Add(-seal.NonceLifetime+time.Second))
	for _, test := range []struct {
		name, sent, challenge, next string
		status                      int
	}{
		{"none", "", `DPoP error="use_dpop_nonce"`, now, 401},
		{"a good one", now, "", "", 200},
		{"an aging one", aging, "", now, 200},
		{"junk", "junk", `DPoP error="use_dpop_nonce"`, now, 401},
	} {
		response := h.serve(h.proven(key, token, "/api/x", test.sent))
		if response.Status != test.status || !strings.HasPrefix(response.Header.Get("WWW-Authenticate"), test.challenge) || response.Header.Get(dpop.NonceHeader) != test.next {
			t.Errorf("%s: %d, headers %v, want status %d, challenge %s and nonce %q", test.name, response.Status, response.Header, test.status, test.challenge, test.next)
		}
	}
	if got := len(w.requests()); got != 2 {
		t.Errorf("the backend got %d requests, want 2", got)
	}
}

// Challenges name the scheme that was tried or is needed (RFC 9449 §7.1).
func TestChallengesOfProofs(t *testing.T) {
	w := newWire(t, fine)
	h, key := newHouse(t, w.url).rules("* /api/admin* admin"), dpoptest.NewKey(t)
	h.Access.Binding.OnMismatch = oauth.RejectOnly
	token := h.bind(key)
	replayed := h.proven(key, token, "/api/x", "")
	h.serve(replayed)
	const algorithms = `, algs="ES256 Ed25519 EdDSA RS256 PS256"`
	for _, test := range []struct {
		name, challenge string
		status          int
		r               *oauth.Request
	}{
		{"a replay", `DPoP error="invalid_dpop_proof"`, 401, replayed},
		{"no proof", `DPoP error="invalid_dpop_proof"`, 401, newRequest("GET", "/api/x", "", "Authorization", "DPoP "+token)},
		{"a junk token", `DPoP error="invalid_token"`, 401, newRequest("GET", "/api/x", "", "Authorization", "DPoP junk")},
		{"another key", `DPoP error="invalid_token"`, 401, h.proven(dpoptest.NewKey(t), token, "/api/x", "")},
		{"as Bearer", `DPoP error="invalid_token"`, 401, newRequest("GET", "/api/x", "", "Authorization", "Bearer "+token)},
		{"in a form", `DPoP error="invalid_token"`, 401, newRequest("POST", "/api/x", "access_token="+token, "Content-Type", formType)},
		{"too little scope", `DPoP error="insufficient_scope"`, 403, h.proven(key, token, "/api/admin", "")},
		{"another path's proof", `DPoP error="invalid_dpop_proof"`, 401, func() *oauth.Request {
			r := h.proven(key, token, "/api/x", "")
			r.Path, r.Route = "/prod/api/y", "/api/y"
			return r
		}()},
	} {
		response := h.serve(test.r)
		if got := response.Header.Get("WWW-Authenticate"); response.Status != test.status || got != test.challenge+algorithms {
			t.Errorf("%s: %d %s, want %d %s", test.name, response.Status, got, test.status, test.challenge+algorithms)
		}
	}
	if got := len(w.requests()); got != 1 {
		t.Errorf("the backend got %d requests, want 1", got)
	}
}
