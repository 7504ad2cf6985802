package grants

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop"
	"gatehouse/internal/oauth/dpop/dpoptest"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

const tokenURL = "https://api.example.com/oauth/token"

// prove adds the proof of key to r.
func (h *house) prove(key *dpoptest.Key, r *oauth.Request) *oauth.Request {
	h.t.Helper()
	return h.proveAs(key, r, dpoptest.Claims{})
}

// proveAs is prove with claims that differ; a zero one is as it should be.
func (h *house) proveAs(key *dpoptest.Key, r *oauth.Request, claims dpoptest.Claims) *oauth.Request {
	h.t.Helper()
	r.Scheme, r.Host, r.Path = "https", "api.example.com", r.Route
	claims.Method = http.MethodPost
	if claims.URI == "" {
		claims.URI = tokenURL
	}
	if claims.IssuedAt.IsZero() {
		claims.IssuedAt = h.clock()
	}
	r.Header.Set(dpop.Header, key.Proof(h.t, claims))
	return r
}

// wantBound fails the test unless the tokens of answer are bound to key.
func (h *house) wantBound(name string, answer tokenAnswer, key *dpoptest.Key) {
	h.t.Helper()
	session, err := h.session(seal.AccessToken, answer.AccessToken)
	if err != nil || session.Confirmation != key.Thumbprint() || answer.TokenType != "DPoP" {
		h.t.Errorf("%s: %+v of %+v, %v, want it to be bound to %s", name, answer, session, err, key.Thumbprint())
	}
}

// Each grant binds its tokens to the key of the proof, whether the client has
// to send one or not, and costs one spending more.
func TestEachGrantIsBound(t *testing.T) {
	for _, policy := range []oauth.BindTo{"", oauth.BindDPoP} {
		h, key := newHouse(t), dpoptest.NewKey(t)
		h.Terms.Binding.To = policy
		old := h.signedIn()
		h.store.spends = 0
		for name, r := range map[string]*oauth.Request{
			"password":           h.password("mobile"),
			"client credentials": h.form("robot", "grant_type", "client_credentials"),
			"code":               h.redeeming("mobile", h.code(nil)),
			"exchange":           h.trading(old),
		} {
			h.wantBound(name, h.tokens(h.prove(key, r)), key)
		}
		if want := 4 + 1 + 1; h.store.spends != want { // a code and an OAuth 1.0 nonce
			t.Errorf("%d were spent, want %d", h.store.spends, want)
		}
	}
}

// Where sessions are bound to keys nobody gets tokens without one: neither by
// the deployment's word nor by the client's.
func TestProofRequired(t *testing.T) {
	h := newHouse(t)
	old := h.signedIn()
	refresh := h.tokens(h.password("mobile")).RefreshToken
	for name, require := range map[string]func(){
		"of the deployment": func() { h.Terms.Binding.To = oauth.BindDPoP },
		"of the client": func() {
			h.Terms.Binding.To = oauth.BindAgent
			for _, id := range []string{"mobile", "robot"} {
				client, err := h.store.Store.Client(t.Context(), id)
				client.Binding = oauth.BindDPoP
				if err != nil {
					t.Fatal(err)
				}
				storetest.PutClient(t, h.store, client)
			}
		},
	} {
		require()
		for grant, r := range map[string]*oauth.Request{
			"password":           h.password("mobile"),
			"client credentials": h.form("robot", "grant_type", "client_credentials"),
			"code":               h.redeeming("mobile", h.code(nil)),
			"refresh":            h.refreshing("mobile", refresh),
			"exchange":           h.trading(old),
		} {
			h.wantRefused(name+": "+grant, r, http.StatusBadRequest, oauth.InvalidDPoPProof)
		}
	}
	if answer := h.credentials(h.signed("n1")); answer.Get("oauth_token") == "" {
		t.Error("xAuth, which has no proofs, wants one")
	}
}

func TestBrokenProofsOfTokenRequests(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	for name, claims := range map[string]dpoptest.Claims{
		"of another address": {URI: "https://evil.example/oauth/token"},
		"of an hour ago":     {IssuedAt: instant.Add(-time.Hour)},
	} {
		h.wantRefused(name, h.proveAs(key, h.password("mobile"), claims), http.StatusBadRequest, oauth.InvalidDPoPProof)
	}
	two := h.prove(key, h.password("mobile"))
	two.Header.Add(dpop.Header, "x")
	h.wantRefused("two", two, http.StatusBadRequest, oauth.InvalidDPoPProof)
	wrong := h.prove(key, h.form("mobile", "grant_type", "password", "client_secret", "wrong"))
	h.wantRefused("of a client that is not who it says", wrong, http.StatusUnauthorized, oauth.InvalidClient)
	if h.store.spends != 0 || h.store.creates != 0 {
		t.Errorf("%d were spent and %d sessions begun", h.store.spends, h.store.creates)
	}
	h.store.spend = func() error { return errBroken }
	h.wantFault("the store is broken", h.prove(key, h.password("mobile")))
}

// 100 requests with one proof make one session.
func TestProofOfTokenRequestReplayed(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	r := h.prove(key, h.password("mobile"))
	var group sync.WaitGroup
	answers := make(chan int, 100)
	for range 100 {
		group.Go(func() {
			response, err := h.Serve(t.Context(), r)
			if err != nil || response.Refusal != nil && response.Refusal.Code != oauth.InvalidDPoPProof {
				t.Errorf("%+v, %v", response, err)
			}
			answers <- response.Status
		})
	}
	group.Wait()
	close(answers)
	good := 0
	for status := range answers {
		if status == http.StatusOK {
			good++
		}
	}
	if good != 1 || h.store.creates != 1 {
		t.Errorf("%d got tokens and %d sessions began", good, h.store.creates)
	}
}

func TestBoundRefresh(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	first := h.tokens(h.prove(key, h.password("page")))
	second := h.tokens(h.prove(key, h.refreshing("page", first.RefreshToken)))
	h.wantBound("refresh", second, key)
	again := h.tokens(h.prove(key, h.refreshing("page", first.RefreshToken)))
	if again.AccessToken != second.AccessToken {
		t.Error("asked for again, with a new proof, it is another token")
	}
	refused := h.wantRefused("without a proof", h.refreshing("page", second.RefreshToken), http.StatusBadRequest, oauth.InvalidGrant)
	if refused.Refusal.Reason != "" {
		t.Errorf("a forgotten proof is taken for a theft: %+v", refused.Refusal)
	}
	h.wantBound("after that", h.tokens(h.prove(key, h.refreshing("page", second.RefreshToken))), key)
}

// A refresh token with the proof of another key was stolen.
func TestRefreshWithAnotherKey(t *testing.T) {
	for _, policy := range oauth.OnMismatches() {
		h, key, other := newHouse(t), dpoptest.NewKey(t), dpoptest.NewKey(t)
		h.Terms.Binding.OnMismatch = policy
		token := h.tokens(h.prove(key, h.password("page"))).RefreshToken
		refused := h.wantRefused(string(policy), h.prove(other, h.refreshing("page", token)), http.StatusBadRequest, oauth.InvalidGrant)
		if refused.Refusal.Reason != oauth.ReasonKey {
			t.Errorf("%s: %+v", policy, refused.Refusal)
		}
		if policy == oauth.RejectOnly {
			h.tokens(h.prove(key, h.refreshing("page", token)))
			continue
		}
		h.wantRefused("its owner", h.prove(key, h.refreshing("page", token)), http.StatusBadRequest, oauth.InvalidGrant)
	}
}

func TestRefreshGivesAKey(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	first := h.tokens(h.password("mobile"))
	second := h.tokens(h.prove(key, h.refreshing("mobile", first.RefreshToken)))
	h.wantBound("a session that had none", second, key)
	h.wantRefused("and needs it from then on", h.refreshing("mobile", second.RefreshToken), http.StatusBadRequest, oauth.InvalidGrant)
}

// RFC 9449 §10
func TestCodeOfAKey(t *testing.T) {
	h, key, other := newHouse(t), dpoptest.NewKey(t), dpoptest.NewKey(t)
	code := h.code(func(c *seal.Code) { c.Key = key.Thumbprint() })
	h.wantRefused("without a proof", h.redeeming("mobile", code), http.StatusBadRequest, oauth.InvalidDPoPProof)
	h.wantRefused("with another key", h.prove(other, h.redeeming("mobile", code)), http.StatusBadRequest, oauth.InvalidGrant)
	h.wantBound("with its key", h.tokens(h.prove(key, h.redeeming("mobile", code))), key)
	h.wantRefused("used twice", h.prove(key, h.redeeming("mobile", code)), http.StatusBadRequest, oauth.InvalidGrant)
}

func TestNoncesOfTokenRequests(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	h.Access.Nonces = true
	for name, nonce := range map[string]string{"none": "", "junk": "junk", "an old one": h.Keys.Nonce(instant.Add(-time.Hour))} {
		refused := h.wantRefused(name, h.proveAs(key, h.password("mobile"), dpoptest.Claims{Nonce: nonce}), http.StatusBadRequest, oauth.UseDPoPNonce)
		if got := refused.Header.Get(dpop.NonceHeader); got != h.Keys.Nonce(instant) {
			t.Errorf("%s: the answer has the nonce %q", name, got)
		}
	}
	for name, test := range map[string]struct{ sent, next string }{
		"young": {h.Keys.Nonce(instant), ""},
		"aging": {h.Keys.Nonce(instant.Add(-seal.NonceLifetime + 2*time.Second)), h.Keys.Nonce(instant)},
	} {
		response, err := h.Serve(t.Context(), h.proveAs(key, h.password("mobile"), dpoptest.Claims{Nonce: test.sent}))
		if err != nil || response.Status != http.StatusOK || response.Header.Get(dpop.NonceHeader) != test.next {
			t.Errorf("%s: %+v, %v", name, response, err)
		}
	}
	h.tokens(h.password("mobile")) // who has no key needs no nonce
}

// A thief who binds a stolen session to a key of his own loses it when its owner
// refreshes, within the grace period or after it, whatever the policy.
func TestAThiefWithAKey(t *testing.T) {
	for _, policy := range oauth.OnMismatches() {
		for _, later := range []time.Duration{time.Second, time.Hour} {
			h, key := newHouse(t), dpoptest.NewKey(t)
			h.Terms.Binding.OnMismatch = policy
			owner := h.tokens(h.password("page"))
			thief := h.tokens(h.prove(key, h.refreshing("page", owner.RefreshToken)))
			h.wait(later)
			refused := h.wantRefused("its owner", h.refreshing("page", owner.RefreshToken), http.StatusBadRequest, oauth.InvalidGrant)
			if refused.Refusal.Reason != oauth.ReasonRefreshReuse {
				t.Errorf("%s, %s later: %+v", policy, later, refused.Refusal)
			}
			h.wantRefused("the thief", h.prove(key, h.refreshing("page", thief.RefreshToken)), http.StatusBadRequest, oauth.InvalidGrant)
			if s, err := h.session(seal.AccessToken, thief.AccessToken); err != nil || !s.Killed.All() {
				t.Errorf("%s, %s later: %+v, %v", policy, later, s.Killed, err)
			}
		}
	}
}
