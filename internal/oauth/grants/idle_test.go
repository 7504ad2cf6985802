package grants

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// idleHouse has sessions of both protocols that end after an hour without use.
func idleHouse(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.Terms.Idle, h.Terms.Access = time.Hour, 24*time.Hour
	return h
}

func TestIdleSessionsEnd(t *testing.T) {
	h := idleHouse(t)
	old, tokens := h.credentials(h.signed("n")), h.tokens(h.password("mobile"))
	for kind, token := range map[seal.Kind]string{seal.OAuth1Token: old.Get("oauth_token"), seal.AccessToken: tokens.AccessToken} {
		s, err := h.session(kind, token)
		if err != nil || s.Idle != time.Hour || !s.Expires.Equal(oauth.End(oauth.Milli(instant).Add(time.Hour))) {
			t.Errorf("%+v, %v", s, err)
		}
		if never := s.Until.IsZero(); never != (kind == seal.OAuth1Token) { // as it was without an idle time
			t.Errorf("until %v", s.Until)
		}
	}
	h.wait(40 * time.Minute)
	h.wantUsable("used", sofa, tokens.AccessToken, true)
	h.wait(50 * time.Minute)
	h.wantUsable("used again", sofa, tokens.AccessToken, true)
	h.wait(time.Hour + time.Second)
	h.wantUsable("unused", sofa, tokens.AccessToken, false)
	h.wantRefused("unused", h.refreshing("mobile", tokens.RefreshToken), http.StatusBadRequest, oauth.InvalidGrant)
	if _, err := h.session(seal.OAuth1Token, old.Get("oauth_token")); err == nil {
		t.Error("an OAuth 1.0 session outlived its idle time")
	}
}

// A refresh is a use, and takes over an idle time that is new or gone.
func TestRefreshOfAnIdleSession(t *testing.T) {
	h := idleHouse(t)
	tokens := h.tokens(h.password("mobile"))
	for range 3 {
		h.wait(59 * time.Minute)
		tokens = h.tokens(h.refreshing("mobile", tokens.RefreshToken))
		s, err := h.session(seal.RefreshToken, tokens.RefreshToken)
		if now := oauth.Milli(h.clock()); err != nil || !s.Expires.Equal(oauth.End(now.Add(time.Hour))) || !s.Until.Equal(oauth.End(now.Add(sessionLife))) {
			t.Errorf("%+v, %v", s, err)
		}
	}
	h.Terms.Idle = 0
	tokens = h.tokens(h.refreshing("mobile", tokens.RefreshToken))
	s, err := h.session(seal.RefreshToken, tokens.RefreshToken)
	if err != nil || s.Idle != 0 || !s.Until.IsZero() || !s.Expires.Equal(oauth.End(oauth.Milli(h.clock()).Add(sessionLife))) {
		t.Errorf("without an idle time: %+v, %v", s, err)
	}
}

// With an idle time above the session's own end that end counts.
func TestIdleTimeAboveTheEnd(t *testing.T) {
	h := idleHouse(t)
	h.Terms.Idle = 2 * sessionLife
	s, err := h.session(seal.RefreshToken, h.tokens(h.password("mobile")).RefreshToken)
	if end := oauth.End(oauth.Milli(instant).Add(sessionLife)); err != nil || !s.Expires.Equal(end) || !s.Until.Equal(end) {
		t.Errorf("%+v, %v", s, err)
	}
}

// That a use could not be written is for the log.
func TestExchangeOfAnIdleSession(t *testing.T) {
	h := idleHouse(t)
	old := h.signedIn()
	h.wait(40 * time.Minute)
	h.store.extend = broken
	response, err := h.Serve(t.Context(), h.trading(old))
	if err != nil || response.Status != http.StatusOK || !errors.Is(response.Fault, errBroken) {
		t.Errorf("%+v, %v", response, err)
	}
}
