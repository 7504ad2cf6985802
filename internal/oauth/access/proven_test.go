package access

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop"
	"gatehouse/internal/oauth/dpop/dpoptest"
	"gatehouse/internal/oauth/seal"
)

// bound is a live session of mobile that is bound to key.
func bound(key *dpoptest.Key) oauth.Session {
	s := live(oauth.OAuth2)
	s.Confirmation = key.Thumbprint()
	return s
}

// proven is a request with the access token of a session and a proof by key of
// what claims say; its zero value is an honest one.
func (h *house) proven(s oauth.Session, key *dpoptest.Key, claims dpoptest.Claims) *oauth.Request {
	h.t.Helper()
	r := h.bearer(s)
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	or := func(value *string, otherwise string) {
		if *value == "" {
			*value = otherwise
		}
	}
	or(&claims.Method, r.Method)
	or(&claims.URI, "https://api.example.com/x")
	or(&claims.Token, token)
	if claims.IssuedAt.IsZero() {
		claims.IssuedAt = instant
	}
	r.Header.Set("Authorization", "DPoP "+token)
	r.Header.Set(dpop.Header, key.Proof(h.t, claims))
	return r
}

func TestProven(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	s := bound(key)
	h.begin(s)
	h.wantAllowed("current", h.proven(s, key, dpoptest.Claims{}), s)
	h.wantAsked("a check with a proof", 1, 1, 1)
	h.wantAllowed("with a nonce that nobody asked for", h.proven(s, key, dpoptest.Claims{Nonce: "any"}), s)
	small := h.proven(s, key, dpoptest.Claims{})
	small.Header.Set("Authorization", "dpop"+strings.TrimPrefix(small.Header.Get("Authorization"), "DPoP"))
	h.wantAllowed("the scheme in small letters", small, s)
	query := h.proven(s, key, dpoptest.Claims{})
	query.Query, query.RawQuery = oauth.Params{{Name: "a", Value: "b"}}, "a=b"
	h.wantAllowed("with a query", query, s)
}

// What does not hold costs nothing, and kills nothing.
func TestProofsThatDoNotHold(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	s := bound(key)
	h.begin(s)
	for name, claims := range map[string]dpoptest.Claims{
		"of another method":   {Method: http.MethodPost},
		"of another path":     {URI: "https://api.example.com/y"},
		"of another host":     {URI: "https://evil.example/x"},
		"of another token":    {Token: "another"},
		"of an hour ago":      {IssuedAt: instant.Add(-time.Hour)},
		"of an hour from now": {IssuedAt: instant.Add(time.Hour)},
	} {
		h.wantRefused(name, h.proven(s, key, claims), oauth.InvalidDPoPProof)
	}
	none, two, junk := h.proven(s, key, dpoptest.Claims{}), h.proven(s, key, dpoptest.Claims{}), h.proven(s, key, dpoptest.Claims{})
	none.Header.Del(dpop.Header)
	h.wantRefused("no proof", none, oauth.InvalidDPoPProof)
	two.Header.Add(dpop.Header, junk.Header.Get(dpop.Header))
	h.wantRefused("two proofs", two, oauth.InvalidDPoPProof)
	junk.Header.Set("Authorization", "DPoP junk")
	h.wantRefused("a junk token", junk, oauth.InvalidToken)
	refresh := h.proven(s, key, dpoptest.Claims{})
	refresh.Header.Set("Authorization", "DPoP "+h.Keys.Mint(seal.RefreshToken, s.ID, s.Generation).Reveal())
	h.wantRefused("a refresh token", refresh, oauth.InvalidToken)
	h.wantAsked("proofs that do not hold", 0, 0, 0)
	h.wantAllowed("afterwards", h.proven(s, key, dpoptest.Claims{}), s)
}

func TestProofReplayed(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	s := bound(key)
	h.begin(s)
	r := h.proven(s, key, dpoptest.Claims{})
	var allowed atomic.Int32
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			verdict, err := h.Check(t.Context(), r)
			switch {
			case err != nil:
				t.Error(err)
			case verdict.Allowed:
				allowed.Add(1)
			case verdict.Refusal.Code != oauth.InvalidDPoPProof || verdict.Refusal.Status != http.StatusUnauthorized:
				t.Errorf("%+v", verdict.Refusal)
			}
		})
	}
	group.Wait()
	if allowed.Load() != 1 {
		t.Errorf("%d of 100 were let through", allowed.Load())
	}
	h.wantAllowed("a proof of its own", h.proven(s, key, dpoptest.Claims{ID: "x"}), s)
	h.wantRefused("its jti, signed again", h.proven(s, key, dpoptest.Claims{ID: "x", IssuedAt: instant.Add(time.Second)}), oauth.InvalidDPoPProof)
	other := dpoptest.NewKey(t)
	h.wantRefused("its jti by another key", h.proven(s, other, dpoptest.Claims{ID: "x"}), oauth.InvalidToken)
}

// A token is of no use to who has stolen it, and trying ends it as the policy
// says: with a valid proof of another key, or as a bearer token.
func TestStolenBoundToken(t *testing.T) {
	key, thiefs := dpoptest.NewKey(t), dpoptest.NewKey(t)
	tries := map[string]func(*house, oauth.Session) *oauth.Request{
		"with another key":  func(h *house, s oauth.Session) *oauth.Request { return h.proven(s, thiefs, dpoptest.Claims{}) },
		"as a bearer token": func(h *house, s oauth.Session) *oauth.Request { return h.bearer(s) },
		"as a bearer token with a proof": func(h *house, s oauth.Session) *oauth.Request {
			r := h.proven(s, key, dpoptest.Claims{})
			r.Header.Set("Authorization", "Bearer"+strings.TrimPrefix(r.Header.Get("Authorization"), "DPoP"))
			return r
		},
		"in a form": func(h *house, s oauth.Session) *oauth.Request {
			r := h.bearer(s)
			r.Body = []byte("access_token=" + strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			r.Method, r.BodySeen = http.MethodPost, true
			r.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
			return r
		},
	}
	for name, try := range tries {
		for _, policy := range oauth.OnMismatches() {
			h := newHouse(t)
			h.Binding.OnMismatch = policy
			s := bound(key)
			h.begin(s)
			verdict, err := h.Check(t.Context(), try(h, s))
			if err != nil || verdict.Allowed || verdict.Refusal.Code != oauth.InvalidToken || verdict.Refusal.Reason != oauth.ReasonKey || verdict.Refusal.OnMismatch != policy {
				t.Errorf("%s, %s: %+v, %v", name, policy, verdict.Refusal, err)
			}
			verdict, err = h.Check(t.Context(), h.proven(s, key, dpoptest.Claims{}))
			if err != nil || verdict.Allowed != (policy == oauth.RejectOnly) {
				t.Errorf("%s, %s: its owner's next request: %+v, %v", name, policy, verdict.Refusal, err)
			}
		}
	}
}

func TestUnboundTokenWithAProof(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	s := live(oauth.OAuth2)
	h.begin(s)
	h.wantRefused("as one of a key", h.proven(s, key, dpoptest.Claims{}), oauth.InvalidToken)
	r := h.proven(s, key, dpoptest.Claims{})
	r.Header.Set("Authorization", "Bearer"+strings.TrimPrefix(r.Header.Get("Authorization"), "DPoP"))
	h.wantAllowed("as Bearer beside a proof", r, s)
}

// The token before a refresh that gave the session its key is no stolen one.
func TestBearerFromBeforeTheKey(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	h.Binding.OnMismatch = oauth.KillSession
	s := bound(key)
	s.Renewed, s.PreviousExpires = instant.Add(-time.Second), instant.Add(time.Minute)
	h.begin(s)
	before := s
	before.Generation--
	h.wantRefused("before", h.bearer(before), oauth.InvalidToken)
	h.wantAllowed("the session goes on", h.proven(s, key, dpoptest.Claims{}), s)
}

func TestProofsWithNonces(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	h.Nonces = true
	s := bound(key)
	h.begin(s)
	for name, nonce := range map[string]string{"none": "", "junk": "junk", "an old one": h.Keys.Nonce(instant.Add(-seal.NonceLifetime - time.Second))} {
		verdict, err := h.Check(t.Context(), h.proven(s, key, dpoptest.Claims{Nonce: nonce}))
		if err != nil || verdict.Allowed || verdict.Refusal.Code != oauth.UseDPoPNonce || verdict.Refusal.Status != http.StatusUnauthorized || verdict.Refusal.Nonce != h.Keys.Nonce(instant) {
			t.Errorf("%s: %+v, %v", name, verdict.Refusal, err)
		}
	}
	h.wantAsked("nonces that do not hold", 0, 0, 0)
	for name, test := range map[string]struct{ sent, next string }{
		"young": {h.Keys.Nonce(instant), ""},
		"aging": {h.Keys.Nonce(instant.Add(-seal.NonceLifetime/2 - time.Second)), h.Keys.Nonce(instant)},
	} {
		verdict, err := h.Check(t.Context(), h.proven(s, key, dpoptest.Claims{Nonce: test.sent}))
		if err != nil || !verdict.Allowed || verdict.Nonce != test.next {
			t.Errorf("%s: %+v, %v, want the next nonce %q", name, verdict, err, test.next)
		}
	}
}

func TestNonceOfAnUnknownKey(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	h.Nonces = true
	other, err := seal.ParseKeyring([]byte(`{"current":"2","2":"a key for tests that this one does not have"}`))
	if err != nil {
		t.Fatal(err)
	}
	verdict, err := h.Check(t.Context(), h.proven(bound(key), key, dpoptest.Claims{Nonce: other.Nonce(instant)}))
	if err != nil || verdict.Refusal == nil || !verdict.Refusal.UnknownKey {
		t.Errorf("%+v, %v, want UnknownKey", verdict.Refusal, err)
	}
}

func TestProvenFaults(t *testing.T) {
	key := dpoptest.NewKey(t)
	for name, breaks := range map[string]func(*house){
		"the session can't be read": func(h *house) { h.store.eventual = func() found { return found{err: errBroken} } },
		"the proof can't be spent":  func(h *house) { h.store.spend = func() error { return errBroken } },
		"the client can't be found": func(h *house) { h.store.client = errBroken },
		"both": func(h *house) {
			h.store.eventual, h.store.spend = func() found { return found{err: errBroken} }, func() error { return errBroken }
		},
	} {
		h := newHouse(t)
		s := bound(key)
		h.begin(s)
		breaks(h)
		h.wantFault(name, h.proven(s, key, dpoptest.Claims{}), errBroken)
	}
}

func TestProve(t *testing.T) {
	h, key := newHouse(t), dpoptest.NewKey(t)
	request := func(proofs ...string) *oauth.Request {
		return &oauth.Request{Method: http.MethodPost, Scheme: "https", Host: "api.example.com", Path: "/oauth/token", Header: http.Header{"Dpop": proofs}}
	}
	claims := dpoptest.Claims{Method: http.MethodPost, URI: "https://api.example.com/oauth/token", IssuedAt: instant}
	if proven, refusal, err := h.Prove(t.Context(), request(), instant); err != nil || refusal != nil || proven != (Proven{}) {
		t.Errorf("without a proof: %+v, %+v, %v", proven, refusal, err)
	}
	h.wantAsked("without a proof", 0, 0, 0)
	proof := key.Proof(t, claims)
	if proven, refusal, err := h.Prove(t.Context(), request(proof), instant); err != nil || refusal != nil || proven != (Proven{Key: key.Thumbprint()}) {
		t.Errorf("%+v, %+v, %v", proven, refusal, err)
	}
	h.wantAsked("a proof", 0, 0, 1)
	for name, proofs := range map[string][]string{"again": {proof}, "empty": {""}, "junk": {"junk"}, "two": {key.Proof(t, claims), key.Proof(t, claims)}} {
		proven, refusal, err := h.Prove(t.Context(), request(proofs...), instant)
		if err != nil || refusal == nil || refusal.Code != oauth.InvalidDPoPProof || refusal.Status != http.StatusBadRequest || proven != (Proven{}) {
			t.Errorf("%s: %+v, %+v, %v", name, proven, refusal, err)
		}
	}
	h.Nonces = true
	_, refusal, err := h.Prove(t.Context(), request(key.Proof(t, claims)), instant)
	if err != nil || refusal == nil || refusal.Code != oauth.UseDPoPNonce || refusal.Status != http.StatusBadRequest || refusal.Nonce == "" {
		t.Errorf("without a nonce: %+v, %v", refusal, err)
	}
	claims.Nonce = h.Keys.Nonce(instant.Add(-seal.NonceLifetime + time.Second))
	if proven, refusal, err := h.Prove(t.Context(), request(key.Proof(t, claims)), instant); err != nil || refusal != nil || proven.Nonce != h.Keys.Nonce(instant) {
		t.Errorf("with an aging one: %+v, %+v, %v", proven, refusal, err)
	}
	h.store.spend = func() error { return errBroken }
	if _, _, err := h.Prove(context.Background(), request(key.Proof(t, claims)), instant); !errors.Is(err, errBroken) {
		t.Errorf("where the store is broken: %v", err)
	}
}
