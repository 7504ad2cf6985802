package sessions

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

func TestRevokeByToken(t *testing.T) {
	for _, test := range []struct {
		name       string
		client     string
		kind       seal.Kind
		generation uint32
		extra      []string
	}{
		{"access token", "mobile", seal.AccessToken, 0, nil},
		{"refresh token", "mobile", seal.RefreshToken, 0, nil},
		{"OAuth 1.0 token", "mobile", seal.OAuth1Token, 0, nil},
		{"of a public client", "web", seal.RefreshToken, 0, nil},
		{"of another generation", "mobile", seal.RefreshToken, 7, nil},
		{"access token of a public client", "web", seal.AccessToken, 0, nil},
		{"with a hint", "mobile", seal.AccessToken, 0, []string{"token_type_hint", "access_token"}},
		{"with a wrong hint", "mobile", seal.AccessToken, 0, []string{"token_type_hint", "refresh_token"}},
		{"with an unknown hint", "mobile", seal.AccessToken, 0, []string{"token_type_hint", "magic"}},
	} {
		h := newHouse(t)
		s, bystander := h.begin(test.client, "alice", oauth.OAuth2), h.begin(test.client, "alice", oauth.OAuth2)
		r := h.revoking(test.client, h.Keys.Mint(test.kind, s.ID, test.generation).Reveal(), test.extra...)
		for range 2 { // RFC 7009 §2.2: what is revoked already is revoked
			response := h.want(test.name, r, http.StatusOK)
			if len(response.Body) != 0 || response.Session == nil || response.Session.ID != s.ID {
				t.Errorf("%s: %s, session %+v", test.name, response.Body, response.Session)
			}
			h.wantLive(test.name, s, false)
		}
		h.wantLive(test.name+", another session", bystander, true)
	}
}

// A public client proves nothing. An access token of it that is over may be in
// the log of any API, and ends nothing; the answer tells nobody (RFC 7009 §2.2).
func TestRevokeByADeadToken(t *testing.T) {
	for _, test := range []struct {
		name       string
		client     string
		kind       seal.Kind
		generation uint32
		live       bool
	}{
		{"replaced twice", "web", seal.AccessToken, 3, true},
		{"replaced before the grace", "web", seal.AccessToken, 4, true},
		{"killed", "web", seal.AccessToken, 5, true},
		{"OAuth 1.0, long replaced", "web", seal.OAuth1Token, 0, true},
		{"a refresh token used before", "web", seal.RefreshToken, 0, false},
		{"a client that proved itself", "mobile", seal.AccessToken, 3, false},
	} {
		h := newHouse(t)
		h.Access.Grace = 30 * time.Second
		s := h.begin(test.client, "alice", oauth.OAuth2)
		s.ID[5], s.Generation, s.Killed = 9, 5, oauth.Killing{Reason: oauth.ReasonAgent, Generation: 5, At: instant}
		if err := h.store.Create(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		response := h.want(test.name, h.revoking(test.client, h.Keys.Mint(test.kind, s.ID, test.generation).Reveal()), http.StatusOK)
		if len(response.Body) != 0 || (response.Session == nil) != test.live || (response.Refusal != nil) != test.live {
			t.Errorf("%s: %s, %+v, %+v", test.name, response.Body, response.Session, response.Refusal)
		}
		h.wantLive(test.name, s, test.live)
		if h.store.revokes != 1 {
			t.Errorf("%s: %d writes", test.name, h.store.revokes)
		}
	}
}

// The token before the last refresh is accepted for the grace of the authorizer,
// and ends its session as long.
func TestRevokeWithinGrace(t *testing.T) {
	h := newHouse(t)
	s := h.begin("web", "alice", oauth.OAuth2)
	s.ID[5], s.Generation, s.Renewed = 9, 1, instant.Add(-10*time.Second)
	if err := h.store.Create(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	r := h.revoking("web", h.Keys.Mint(seal.AccessToken, s.ID, 0).Reveal())
	for _, h.Access.Grace = range []time.Duration{0, 10 * time.Second} {
		h.want("after", r, http.StatusOK)
		h.wantLive("after", s, true)
	}
	h.Access.Grace = 11 * time.Second
	h.want("within", r, http.StatusOK)
	h.wantLive("within", s, false)
}

// RFC 7009 §2.1
func TestRevokeTokenOfAnotherClient(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth2)
	for _, client := range []string{"other", "web"} {
		r := h.revoking(client, h.Keys.Mint(seal.RefreshToken, s.ID, 0).Reveal())
		h.wantRefused(client, r, http.StatusBadRequest, oauth.InvalidGrant)
		h.wantLive(client, s, true)
	}
}

// Anybody can make an imported token up. Whoever asks learns neither whether there
// is such a token nor whose it is, and nothing is said to have ended that was not.
func TestRevokeImportedToken(t *testing.T) {
	h := newHouse(t)
	const foreign = "Ue0vN3gQ8cT5sXyLr4Kd"
	token, _ := seal.Imported(foreign)
	s := h.begin("moved", "alice", oauth.OAuth1)
	s.ID, s.SealedSecret = token.Session, "sealed"
	if err := h.store.Create(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	silent := func(name, client, presented string) {
		t.Helper()
		response := h.want(name, h.revoking(client, presented), http.StatusOK)
		if len(response.Body) != 0 || response.Session != nil || response.Act != "" || response.Refusal == nil {
			t.Errorf("%s: %s, %+v, %s", name, response.Body, response.Session, response.Act)
		}
	}
	silent("made up", "moved", "junk")
	silent("another client's", "moved too", foreign)
	silent("of a client that has none", "mobile", foreign)
	h.wantLive("so far", s, true)
	if response := h.want("right", h.revoking("moved", foreign), http.StatusOK); response.Session == nil || response.Session.ID != s.ID || response.Act != oauth.ActTokenRevoked {
		t.Errorf("%+v, %s", response.Session, response.Act)
	}
	h.wantLive("afterwards", s, false)
	silent("again", "moved", foreign)
}

// What no keyring made is as good as revoked, and asks the store for nothing.
func TestRevokeJunk(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth2)
	good := h.Keys.Mint(seal.AccessToken, s.ID, 0).Reveal()
	unknownKey := "gtha_" + strings.Repeat("A", 64)
	for name, token := range map[string]string{"junk": "junk", "a kind alone": "gtha_", "changed": good[:30] + "x" + good[31:],
		"dressed as another": "gthr_" + good[5:], "huge": strings.Repeat("A", 60000), "unknown key": unknownKey} {
		response := h.want(name, h.revoking("mobile", token), http.StatusOK)
		if len(response.Body) != 0 || response.Session != nil || response.Refusal == nil || response.Refusal.UnknownKey != (token == unknownKey) {
			t.Errorf("%s: %s, %+v, %+v", name, response.Body, response.Refusal, response.Session)
		}
	}
	if h.store.revokes != 0 {
		t.Errorf("the store was asked %d times", h.store.revokes)
	}
	h.wantLive("afterwards", s, true)
}

func TestRevokeRefuses(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth2)
	token := h.Keys.Mint(seal.AccessToken, s.ID, 0).Reveal()
	h.wantRefused("no token", h.revoking("mobile", ""), http.StatusBadRequest, oauth.InvalidRequest)
	h.wantRefused("wrong client", h.revoking("mobile", token, "client_secret", "x"), http.StatusUnauthorized, oauth.InvalidClient)
	h.wantRefused("no client", h.revoking("mobile", token, "client_id", ""), http.StatusUnauthorized, oauth.InvalidClient)
	h.wantRefused("unknown client", h.revoking("nobody", token), http.StatusUnauthorized, oauth.InvalidClient)
	h.wantRefused("wrong client and no token", h.revoking("mobile", "", "client_secret", "x"), http.StatusUnauthorized, oauth.InvalidClient)
	get, large, caller := h.revoking("mobile", token), h.revoking("mobile", token), by(s, http.MethodPost, "/oauth/revoke")
	get.Method = http.MethodGet
	large.Body = append(large.Body, "&a="+strings.Repeat("x", oauth.MaxBody)...)
	if response := h.wantRefused("GET", get, http.StatusMethodNotAllowed, oauth.InvalidRequest); response.Header.Get("Allow") != "POST" {
		t.Errorf("Allow %q, want POST", response.Header.Get("Allow"))
	}
	h.wantRefused("large", large, http.StatusBadRequest, oauth.InvalidRequest)
	h.wantRefused("a caller instead of a client", caller, http.StatusBadRequest, oauth.InvalidRequest)
	h.wantLive("afterwards", s, true)
	h.store.revoke = func() error { return errBroken }
	h.wantFault("a broken store", h.revoking("mobile", token))
}

func TestRevokeSigned(t *testing.T) {
	h := newHouse(t)
	s, bystander := h.begin("mobile", "alice", oauth.OAuth1), h.begin("mobile", "alice", oauth.OAuth1)
	r := h.signed("mobile", s)
	if response := h.want("signed", r, http.StatusOK); len(response.Body) != 0 || response.Session == nil || response.Session.ID != s.ID {
		t.Errorf("%s, session %+v", response.Body, response.Session)
	}
	h.wantLive("signed", s, false)
	h.wantRefused("again", r, http.StatusUnauthorized, oauth.TokenRevoked)
	h.wantLive("another session", bystander, true)
}

func TestRevokeSignedRefuses(t *testing.T) {
	h := newHouse(t)
	s, oauth2s := h.begin("mobile", "alice", oauth.OAuth1), h.begin("mobile", "alice", oauth.OAuth2)
	moved, large := h.signed("mobile", s), h.signed("mobile", s)
	moved.Query = oauth.Params{{Name: "a", Value: "b"}}
	large.Body = make([]byte, oauth.MaxBody+1)
	for _, test := range []struct {
		name   string
		r      *oauth.Request
		status int
		code   string
	}{
		{"changed", moved, http.StatusUnauthorized, oauth.SignatureInvalid},
		{"large", large, http.StatusBadRequest, oauth.InvalidRequest},
		{"unknown client", h.signed("nobody", s), http.StatusUnauthorized, oauth.ConsumerKeyUnknown},
		{"another client", h.signed("other", s), http.StatusUnauthorized, oauth.TokenRejected},
		{"an OAuth 2 session", h.signed("mobile", oauth2s), http.StatusUnauthorized, oauth.TokenRejected},
	} {
		response := h.wantRefused(test.name, test.r, test.status, test.code)
		if challenge := response.Header.Get("WWW-Authenticate"); (challenge != "") != (test.status == http.StatusUnauthorized) {
			t.Errorf("%s: challenge %q", test.name, challenge)
		}
	}
	get := h.signed("mobile", s)
	get.Method = http.MethodGet
	h.wantRefused("GET", get, http.StatusMethodNotAllowed, oauth.InvalidRequest)
	h.wantLive("afterwards", s, true)
	h.store.revoke = func() error { return errBroken }
	h.wantFault("a broken store", h.signed("mobile", s))
}
