package sessions

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

func (h *house) introspecting(client, token string, extra ...string) *oauth.Request {
	h.t.Helper()
	r := h.revoking(client, token, extra...)
	r.Route = "/oauth/introspect"
	return r
}

func TestIntrospect(t *testing.T) {
	h := newHouse(t)
	s2, s1 := h.begin("mobile", "alice", oauth.OAuth2), h.begin("mobile", "alice", oauth.OAuth1)
	for kind, want := range map[seal.Kind]introspection{
		seal.AccessToken:  {TokenType: "Bearer", IssuedAt: s2.Renewed.Unix(), Expires: s2.Expires.Unix()},
		seal.RefreshToken: {TokenType: "refresh_token", IssuedAt: s2.Renewed.Unix(), Expires: s2.Expires.Unix()},
		seal.OAuth1Token:  {TokenType: "oauth1", IssuedAt: s1.Renewed.Unix(), Expires: s1.Expires.Unix()},
	} {
		want.Active, want.ClientID, want.Subject, want.UserName, want.Scope = true, "mobile", "alice", "alice", "read write"
		id := s2.ID
		if kind == seal.OAuth1Token {
			id = s1.ID
		}
		token := h.Keys.Mint(kind, id, 0).Reveal()
		for _, asker := range []string{"mobile", "other"} {
			want := want
			if kind == seal.RefreshToken && asker == "other" { // nobody but its client ever gets one
				want = introspection{}
			}
			if got := decoded[introspection](t, h.want(asker, h.introspecting(asker, token), http.StatusOK)); got != want {
				t.Errorf("%s for %s: %+v, want %+v", kind, asker, got, want)
			}
		}
	}
}

// RFC 9449 §6.2
func TestIntrospectBound(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth2)
	s.ID, s.Confirmation = oauth.SessionID{77}, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
	if err := h.Sessions.Create(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for kind, tokenType := range map[seal.Kind]string{seal.AccessToken: "DPoP", seal.RefreshToken: "refresh_token"} {
		got := h.want(tokenType, h.introspecting("mobile", h.Keys.Mint(kind, s.ID, 0).Reveal()), http.StatusOK)
		for _, want := range []string{`"active":true`, `"token_type":"` + tokenType + `"`, `"cnf":{"jkt":"` + s.Confirmation + `"}`} {
			if !strings.Contains(string(got.Body), want) {
				t.Errorf("%s: %s, want %s", kind, got.Body, want)
			}
		}
	}
}

// RFC 7662 §2.2: nothing is said of a token that is not live.
func TestIntrospectInactive(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth2)
	unknownKey := "gtha_" + strings.Repeat("A", 64)
	for _, token := range []string{"junk", unknownKey, h.Keys.Mint(seal.RefreshToken, s.ID, 7).Reveal(),
		h.Keys.Mint(seal.AccessToken, oauth.SessionID{9}, 0).Reveal()} {
		answer := h.want(token, h.introspecting("mobile", token), http.StatusOK)
		if strings.TrimSpace(string(answer.Body)) != `{"active":false}` {
			t.Errorf("%s: %s", token, answer.Body)
		}
		if answer.Refusal == nil || answer.Refusal.UnknownKey != (token == unknownKey) {
			t.Errorf("%s: the log says %+v", token, answer.Refusal)
		}
	}
}

func TestIntrospectRefuses(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth2)
	token := h.Keys.Mint(seal.AccessToken, s.ID, 0).Reveal()
	h.wantRefused("a public client", h.introspecting("web", token), http.StatusUnauthorized, oauth.InvalidClient)
	h.wantRefused("wrong secret", h.introspecting("mobile", token, "client_secret", "x"), http.StatusUnauthorized, oauth.InvalidClient)
	h.wantRefused("no token", h.introspecting("mobile", ""), http.StatusBadRequest, oauth.InvalidRequest)
	get := h.introspecting("mobile", token)
	get.Method = http.MethodGet
	h.wantRefused("GET", get, http.StatusMethodNotAllowed, oauth.InvalidRequest)
}
