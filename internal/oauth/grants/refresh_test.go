package grants

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

func TestRefresh(t *testing.T) {
	h := newHouse(t)
	first := h.tokens(h.password("mobile"))
	h.wait(time.Minute)
	began, renewed := oauth.Milli(instant), oauth.Milli(h.clock())
	second := h.tokens(h.refreshing("mobile", first.RefreshToken))
	if second.ExpiresIn != 3600 || second.AccessToken == first.AccessToken || second.RefreshToken == first.RefreshToken {
		t.Errorf("answer %+v after %+v", second, first)
	}
	h.wantSession(seal.RefreshToken, second.RefreshToken, oauth.Session{Protocol: oauth.OAuth2, Client: "mobile", User: "u1", UserName: "alice",
		Scope: []string{"read", "write"}, Created: began, Generation: 1, Renewed: renewed,
		AccessExpires: renewed.Add(accessLife), Expires: renewed.Add(sessionLife),
		PreviousScope: []string{"read", "write"}, PreviousExpires: began.Add(accessLife)})
}

// A client that lost the answer gets the same again, only that time has gone
// on; it never goes below zero.
func TestLostAnswerOfARefresh(t *testing.T) {
	h := newHouse(t)
	h.Terms.Access, h.Terms.Grace = time.Minute, 5*time.Minute
	token := h.tokens(h.password("mobile")).RefreshToken
	first := h.tokens(h.refreshing("mobile", token))
	for _, test := range []struct {
		wait time.Duration
		left int64
	}{{0, 60}, {20 * time.Second, 40}, {40 * time.Second, 0}, {4 * time.Minute, 0}} {
		h.wait(test.wait)
		again := h.tokens(h.refreshing("mobile", token))
		if again.ExpiresIn != test.left {
			t.Errorf("expires_in is %d, want %d", again.ExpiresIn, test.left)
		}
		if again.ExpiresIn = first.ExpiresIn; again != first {
			t.Errorf("asked again: %+v, want %+v", again, first)
		}
	}
	h.wait(time.Millisecond)
	h.wantRefused("after grace", h.refreshing("mobile", token), http.StatusBadRequest, oauth.InvalidGrant)
	h.wantRefused("its successor, ended by that", h.refreshing("mobile", first.RefreshToken), http.StatusBadRequest, oauth.InvalidGrant)
}

// expires_in is there even when it is zero: left out it would mean unknown.
func TestExpiresInIsAlwaysThere(t *testing.T) {
	h := newHouse(t)
	h.Terms.Access, h.Terms.Grace = time.Minute, 5*time.Minute
	token := h.tokens(h.password("mobile")).RefreshToken
	h.tokens(h.refreshing("mobile", token))
	h.wait(2 * time.Minute)
	response, err := h.Serve(t.Context(), h.refreshing("mobile", token))
	var answer map[string]any
	if err != nil || json.Unmarshal(response.Body, &answer) != nil || answer["expires_in"] != 0.0 {
		t.Errorf("%s, %v, want expires_in 0", response.Body, err)
	}
}

func TestRacingRefreshesAgree(t *testing.T) {
	h := newHouse(t)
	token := h.tokens(h.password("mobile")).RefreshToken
	request := h.refreshing("mobile", token)
	answers := make([]string, 50)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			response, err := h.Serve(t.Context(), request)
			if err != nil {
				t.Error(err)
			}
			answers[i] = string(response.Body)
		})
	}
	group.Wait()
	for _, answer := range answers {
		if answer != answers[0] || !strings.Contains(answer, "gtha_") {
			t.Fatalf("one got %s, another %s", answer, answers[0])
		}
	}
}

// A token used twice ends the session, also when the store fails at first:
// the thief then gets no tokens, and the next try ends it.
func TestReuseEndsTheSession(t *testing.T) {
	h := newHouse(t)
	first := h.tokens(h.password("mobile")).RefreshToken
	second := h.tokens(h.refreshing("mobile", first))
	third := h.tokens(h.refreshing("mobile", second.RefreshToken))
	h.store.kill = broken
	h.wantFault("the store fails", h.refreshing("mobile", first))
	if _, err := h.session(seal.AccessToken, third.AccessToken); err != nil {
		t.Fatalf("the session is gone already: %v", err)
	}
	h.store.kill = nil
	h.wantRefused("asked again", h.refreshing("mobile", first), http.StatusBadRequest, oauth.InvalidGrant)
	if s, err := h.session(seal.AccessToken, third.AccessToken); err != nil || !s.Killed.All() || s.Killed.Reason != oauth.ReasonRefreshReuse {
		t.Errorf("the session goes on: %+v, %v", s, err)
	}
	for _, token := range []string{first, second.RefreshToken, third.RefreshToken} {
		h.wantRefused("afterwards", h.refreshing("mobile", token), http.StatusBadRequest, oauth.InvalidGrant)
	}
}

// Who has a token but is another client can neither use it nor end it.
func TestRefreshTokenOfAnotherClient(t *testing.T) {
	h := newHouse(t)
	first := h.tokens(h.password("mobile")).RefreshToken
	second := h.tokens(h.refreshing("mobile", first)).RefreshToken
	third := h.tokens(h.refreshing("mobile", second)).RefreshToken
	for _, token := range []string{first, second, third} {
		h.wantRefused("another client", h.refreshing("other", token), http.StatusBadRequest, oauth.InvalidGrant)
	}
	h.tokens(h.refreshing("mobile", third))
}

func TestRefreshOfWhatIsNoRefreshToken(t *testing.T) {
	h := newHouse(t)
	answer := h.tokens(h.password("mobile"))
	session, err := h.session(seal.AccessToken, answer.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"junk":                     "junk",
		"an access token":          answer.AccessToken,
		"an access token, dressed": "gthr_" + answer.AccessToken[5:],
		"an OAuth 1.0 token":       h.Keys.Mint(seal.OAuth1Token, session.ID, 0).Reveal(),
		"cut":                      answer.RefreshToken[:60],
		"longer":                   answer.RefreshToken + "A",
		"huge":                     "gthr_" + strings.Repeat("A", 60000),
	} {
		response := h.wantRefused(name, h.refreshing("mobile", token), http.StatusBadRequest, oauth.InvalidGrant)
		if response.Refusal.UnknownKey {
			t.Errorf("%s: said to be of an unknown key", name)
		}
	}
	h.wantRefused("none", h.refreshing("mobile", ""), http.StatusBadRequest, oauth.InvalidRequest)
	stranger := "gthr_" + strings.Repeat("A", 64)
	if response := h.wantRefused("unknown key", h.refreshing("mobile", stranger), http.StatusBadRequest, oauth.InvalidGrant); !response.Refusal.UnknownKey {
		t.Error("an unknown key is not said to be one")
	}
	if h.store.renewed != 0 {
		t.Errorf("the store was asked %d times about junk", h.store.renewed)
	}
	ahead := h.Keys.Mint(seal.RefreshToken, session.ID, 1).Reveal()
	h.wantRefused("yet to come", h.refreshing("mobile", ahead), http.StatusBadRequest, oauth.InvalidGrant)
	h.tokens(h.refreshing("mobile", answer.RefreshToken))
}

func TestRefreshAfterTheEnd(t *testing.T) {
	h := newHouse(t)
	token := h.tokens(h.password("mobile")).RefreshToken
	h.wait(sessionLife - time.Second)
	token = h.tokens(h.refreshing("mobile", token)).RefreshToken // and the session goes on from here
	h.wait(sessionLife + time.Second)
	response := h.wantRefused("ended", h.refreshing("mobile", token), http.StatusBadRequest, oauth.InvalidGrant)
	if !strings.Contains(response.Refusal.Description, "expired") {
		t.Errorf("the description does not say why: %s", response.Refusal.Description)
	}
}

func TestScopeOfARefresh(t *testing.T) {
	h := newHouse(t)
	first := h.tokens(h.password("mobile", "scope", "read")).RefreshToken
	for _, scope := range []string{"write", "read write", "admin"} {
		h.wantRefused(scope, h.refreshing("mobile", first, "scope", scope), http.StatusBadRequest, oauth.InvalidScope)
	}
	h.wantRefused("malformed", h.refreshing("mobile", first, "scope", "read "), http.StatusBadRequest, oauth.InvalidScope)
	if answer := h.tokens(h.refreshing("mobile", first)); answer.Scope != "read" {
		t.Errorf("scope %q, want read", answer.Scope)
	}
	wide := h.tokens(h.password("mobile"))
	narrow := h.tokens(h.refreshing("mobile", wide.RefreshToken, "scope", "write"))
	whole := h.tokens(h.refreshing("mobile", narrow.RefreshToken))
	if narrow.Scope != "write" || whole.Scope != "read write" { // RFC 6749 §6: what was granted stays so
		t.Errorf("scope %q and then %q, want write and then all", narrow.Scope, whole.Scope)
	}
}

func TestRefreshFault(t *testing.T) {
	h := newHouse(t)
	token := h.tokens(h.password("mobile")).RefreshToken
	h.store.refresh = broken
	h.wantFault("refresh", h.refreshing("mobile", token))
	h.store.refresh = nil
	h.tokens(h.refreshing("mobile", token))
}

// An operator who takes the grant away ends refreshing, not the session.
func TestRefreshNoLongerAllowed(t *testing.T) {
	h := newHouse(t)
	token := h.tokens(h.password("mobile")).RefreshToken
	storetest.PutClient(t, h.store, oauth.Client{ID: "mobile", SecretKey: 1, Grants: []oauth.Grant{oauth.GrantPassword}})
	h.wantRefused("taken away", h.refreshing("mobile", token), http.StatusBadRequest, oauth.UnauthorizedClient)
	if _, err := h.session(seal.RefreshToken, token); err != nil {
		t.Errorf("the session: %v", err)
	}
}
