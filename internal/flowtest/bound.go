package flowtest

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/oauth"
)

// byThief is a request as it is, by another User-Agent than all others here
// come with.
func byThief(request *http.Request) *http.Request {
	request.Header.Set("User-Agent", "Thief/1.0")
	return request
}

// stolen shows an access token as a thief does.
func (g Target) stolen(t *testing.T, path, token string) reply {
	t.Helper()
	return send(t, byThief(newRequest(t, "GET", g.URL+path, "", "Authorization", "Bearer "+token)))
}

// boundSession is what a client has whose sessions are bound.
type boundSession struct{ access, refresh string }

// boundTokens gets tokens by a code that p, who is signed in, allows.
func boundTokens(t *testing.T, g Target, p *person) boundSession {
	t.Helper()
	code := newAsking(g.Bound)
	tokens := code.redeem(t, g, p.answer(t, "allow", code.query...)).want(t, http.StatusOK).json(t)
	session := boundSession{text(t, tokens, "access_token"), text(t, tokens, "refresh_token")}
	for _, path := range []string{"/oauth/session", "/api/notes"} { // that the functions know the client
		g.bearer(t, "GET", path, session.access).want(t, http.StatusOK)
	}
	return session
}

func (s boundSession) renew(t *testing.T, g Target) reply {
	t.Helper()
	g.Client = g.Bound
	return renew(t, g, s.refresh)
}

func (s boundSession) stolen(t *testing.T, g Target) reply {
	t.Helper()
	g.Client = g.Bound
	return send(t, byThief(g.refreshing(t, s.refresh)))
}

// bound has a stolen token end, and its client go on by a refresh, until the
// refresh token is stolen too.
func bound(t *testing.T, g Target) {
	g.Client = g.Bound
	for _, path := range []string{"/oauth/session", "/api/notes"} {
		first := signIn(t, g)
		access := text(t, first, "access_token")
		g.bearer(t, "GET", path, access).want(t, http.StatusOK)
		g.stolen(t, path, access).want(t, http.StatusUnauthorized)
		g.bearer(t, "GET", path, access).want(t, http.StatusUnauthorized)

		second := renew(t, g, text(t, first, "refresh_token")).want(t, http.StatusOK).json(t)
		access = text(t, second, "access_token")
		g.bearer(t, "GET", path, access).want(t, http.StatusOK)
		wantKilled(t, g.bearer(t, "GET", "/oauth/sessions", access), 0, false)
		send(t, byThief(g.refreshing(t, text(t, second, "refresh_token")))).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
		g.bearer(t, "GET", path, access).want(t, http.StatusUnauthorized)
		renew(t, g, text(t, second, "refresh_token")).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
		g.revoke(t, access).want(t, http.StatusOK)
		wantKilled(t, g.bearer(t, "GET", "/oauth/sessions", text(t, signIn(t, g), "access_token")), 1, true)
	}
}

// wantKilled fails the test unless the session that a list has at this place
// was killed for its agent.
func wantKilled(t *testing.T, list reply, at int, ended bool) {
	t.Helper()
	listed, _ := list.want(t, http.StatusOK).json(t)["sessions"].([]any)
	if len(listed) <= at {
		t.Fatalf("the list is too short: %s", list.body)
	}
	killed, _ := listed[at].(map[string]any)["killed"].(map[string]any)
	if killed["reason"] != "user_agent" || killed["ended"] != ended || killed["at"] == nil {
		t.Errorf("killed is %v, want ended to be %v: %s", killed, ended, list.body)
	}
}

// boundSigned is of OAuth 1.0, where there is no refresh: the session is over.
func boundSigned(t *testing.T, g Target) {
	g.Client = g.Bound
	for _, steal := range []func(credentials) *http.Request{
		func(c credentials) *http.Request { return g.sign(t, c, "GET", "/oauth/session") },
		func(c credentials) *http.Request { return g.sign(t, c, "POST", "/api/notes", "a", "b") },
		func(c credentials) *http.Request { return g.sign(t, c, "POST", "/oauth/revoke", "a", "b") },
		func(c credentials) *http.Request {
			return g.sign(t, c, "POST", "/oauth/token", "grant_type", exchangeGrant)
		},
	} {
		c := xauthTokens(t, g)
		send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusOK)
		if answer := send(t, byThief(steal(c))); answer.status != http.StatusUnauthorized && answer.status != http.StatusBadRequest {
			t.Errorf("a thief gets %d %s", answer.status, answer.body)
		}
		send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusUnauthorized)
		send(t, g.sign(t, c, "POST", "/oauth/token", "grant_type", exchangeGrant)).wantError(t, http.StatusBadRequest, oauth.InvalidRequest)
	}
}

// boundRace has a thief and the owner use the same tokens at once. No refresh
// brings back what was killed.
func boundRace(t *testing.T, g Target) {
	g.Client = g.Bound
	tokens := signIn(t, g)
	access, fresh := text(t, tokens, "access_token"), text(t, tokens, "refresh_token")
	const racers = 100
	var answers [racers]reply
	var requests [racers]*http.Request
	for i := range racers {
		if i%2 == 0 {
			requests[i] = byThief(newRequest(t, "GET", g.URL+"/oauth/session", "", "Authorization", "Bearer "+access))
			continue
		}
		requests[i] = g.refreshing(t, fresh)
	}
	var group sync.WaitGroup
	for i := range racers {
		group.Go(func() { answers[i] = sendBy(t, http.DefaultClient, requests[i]) })
	}
	group.Wait()
	var renewed string
	for i := range racers {
		if i%2 == 0 {
			answers[i].want(t, http.StatusUnauthorized)
			continue
		}
		now := text(t, answers[i].want(t, http.StatusOK).json(t), "access_token")
		if renewed != "" && now != renewed {
			t.Error("the refresh gave different tokens")
		}
		renewed = now
	}
	g.bearer(t, "GET", "/oauth/session", access).want(t, http.StatusUnauthorized)
	g.bearer(t, "GET", "/oauth/session", renewed).want(t, http.StatusOK)
}

// RunIdleCosts counts what uses of a session cost that ends after an hour
// without one: a read each, and one in half of the hour a write. wait moves the
// clock of the functions.
func RunIdleCosts(t *testing.T, g Target, counter *dynamodbtest.Counter, wait func(time.Duration)) {
	access, other := text(t, signIn(t, g), "access_token"), text(t, signIn(t, g), "access_token")
	g.bearer(t, "GET", "/oauth/session", access).want(t, http.StatusOK)
	for _, use := range []struct {
		after  time.Duration
		status int
		want   cost
	}{
		{0, 200, cost{1, 0.5, 0}},
		{29 * time.Minute, 200, cost{1, 0.5, 0}},
		{2 * time.Minute, 200, cost{2, 0.5, 1}},
		{0, 200, cost{1, 0.5, 0}},
		{29 * time.Minute, 200, cost{1, 0.5, 0}},
		{30 * time.Minute, 200, cost{2, 0.5, 1}},
		{time.Hour + 2*time.Second, 401, cost{2, 1.5, 0}}, // a refusal rests on a strong read
	} {
		wait(use.after)
		g.bearer(t, "GET", "/oauth/session", other) // that the client is known
		t.Run("after another "+use.after.String(), func(t *testing.T) {
			use.want.check(t, counter, func() { g.bearer(t, "GET", "/oauth/session", access).want(t, use.status) })
		})
	}
}
