package examples_test

import (
	"bytes"
	"testing"
	"time"

	"gatehouse/internal/oauth/dpop"
	"gatehouse/internal/oauth/dpop/dpoptest"
	"gatehouse/internal/signing"
)

// kept is how long cached-bearer keeps answers.
const kept = 60 * time.Second

// A policy that is kept gives each route its own answer, whichever it was made for.
func TestKeptPolicyOnOtherRoutes(t *testing.T) {
	s := newSite(t, read(t, "cached-bearer"))
	requests := []struct {
		method, path string
		status       int
		text         string
	}{{"GET", "/notes", 200, alice}, {"POST", "/notes", 403, denied}, {"GET", "/notes?x=1", 200, alice}, {"POST", "/notes/", 403, denied}}
	for first := range requests {
		token := s.signIn(s.target.Client, "read")
		s.asked = 0
		for i := range requests {
			next := requests[(first+i)%len(requests)]
			s.want(next.method+" "+next.path, phone.bearer(s, next.method, next.path, token), next.status, next.text)
		}
		if s.asked != 1 {
			t.Errorf("the authorizer was asked %d times, want once", s.asked)
		}
	}
	s.want("another token", phone.bearer(s, "POST", "/notes", s.signIn(s.target.Client, "read write")), 200, alice)
}

// A token that is bound to a phone is let in by a kept answer for the phone alone.
func TestKeptAnswerIsForItsCaller(t *testing.T) {
	for _, thief := range []caller{{"198.51.100.7", phone.agent}, {phone.address, "curl/8"}, {"198.51.100.7", "curl/8"}, {phone.address, ""}} {
		s := newSite(t, read(t, "cached-bearer"))
		token := s.signIn(s.target.Bound, "read")
		s.want("phone", phone.bearer(s, "GET", "/notes", token), 200, "alice")
		s.want("phone, kept", phone.bearer(s, "GET", "/notes", token), 200, "alice")
		for range 2 {
			s.want("thief", thief.bearer(s, "GET", "/notes", token), 401, "invalid_token")
		}
		if thief.agent == "" {
			continue // a source of the key is missing, so the authorizer knows nothing of it
		}
		// The token is dead, and the phone goes on for no longer than its answer is kept.
		s.want("phone, kept still", phone.bearer(s, "GET", "/notes", token), 200, "alice")
		s.now = s.now.Add(kept)
		s.want("phone, later", phone.bearer(s, "GET", "/notes", token), 401, "invalid_token")
	}
}

// Answers are not kept beyond their time.
func TestAnswersAreKeptForAMinute(t *testing.T) {
	s := newSite(t, read(t, "cached-bearer"))
	token := s.signIn(s.target.Client, "read")
	for want, wait := range []time.Duration{0, kept - time.Second, time.Second} {
		s.now = s.now.Add(wait)
		s.want("phone", phone.bearer(s, "GET", "/notes", token), 200, alice)
		if want = max(want, 1); s.asked != want {
			t.Errorf("the authorizer was asked %d times, want %d", s.asked, want)
		}
	}
}

// What proves more than a token is refused, however it is sent: a kept answer
// would let it in without its proof.
func TestNothingButBearer(t *testing.T) {
	const refusal = "this API takes bearer tokens"
	s := newSite(t, read(t, "cached-bearer"))
	send := s.signed(s.api, s.xauth(), signing.InHeader, "GET", "/notes")
	for range 2 {
		s.want("signed", send(), 403, refusal)
	}
	key := dpoptest.NewKey(t)
	proof := func(method, uri, token string) string {
		return key.Proof(t, dpoptest.Claims{Method: method, URI: uri, IssuedAt: s.now, Token: token})
	}
	token := s.signIn(s.target.Client, "read", dpop.Header, proof("POST", "http://example.com/oauth/token", ""))
	s.want("proven", phone.send(s.api, "GET", "/notes", "", "Authorization", "DPoP "+token,
		dpop.Header, proof("GET", "http://example.com/notes", token)), 403, refusal)
	s.want("stolen", phone.send(s.api, "GET", "/notes", "", "Authorization", "DPoP "+token), 403, refusal)
}

// Without the stage variable a signed request could be sent again, and its
// signature would open other routes: what BEARER_ONLY is for.
func TestWithoutBearerOnly(t *testing.T) {
	e := read(t, "cached-bearer")
	variable := []byte("Variables: { BEARER_ONLY: 'true' }")
	if !bytes.Contains(e.text, variable) {
		t.Fatalf("the template has no %s", variable)
	}
	e.text = bytes.Replace(e.text, variable, nil, 1)
	s := newSite(t, e)
	send := s.signed(s.api, s.xauth(), signing.InHeader, "GET", "/notes")
	for range 2 {
		s.want("signed", send(), 200, alice)
	}
}
