package deployment

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop/dpoptest"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/proxy"
)

// victim is a session that somebody else has a token of.
type victim struct {
	*boundSite
	session oauth.Session
	key     *dpoptest.Key // the session's own, where it has one
	proxy   apigateway.Handler
}

func newVictim(t *testing.T, onMismatch oauth.OnMismatch) *victim {
	t.Helper()
	s := newBoundSite(t, newSite(t).Store, map[string]string{"TOKEN_BINDING": "agent", "ON_MISMATCH": string(onMismatch)})
	backend := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(backend.Close)
	upstream, err := proxy.ParseUpstream(backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	s.Settings.Upstream = upstream
	return &victim{boundSite: s, key: dpoptest.NewKey(t), proxy: s.handler(s.Proxy()),
		session: oauth.Session{ID: oauth.SessionID{9}, Protocol: oauth.OAuth2, Client: "app", User: "u-alice", UserName: "alice",
			Created: instant, Renewed: instant, Expires: instant.AddDate(0, 1, 0),
			Binding: s.Keys.Bind(oauth.BindAgent, &oauth.Request{Header: http.Header{"User-Agent": {phone.agent}}})}}
}

// stolen begins the session and returns a token of it.
func (v *victim) stolen(kind seal.Kind, generation uint32) string {
	v.t.Helper()
	if err := v.Store.Create(v.t.Context(), v.session); err != nil {
		v.t.Fatal(err)
	}
	return v.Keys.Mint(kind, v.session.ID, generation).Reveal()
}

// refreshing is an event of a refresh by whoever has headers.
func (v *victim) refreshing(token string, headers map[string][]string) []byte {
	headers["Content-Type"] = []string{"application/x-www-form-urlencoded"}
	return event(map[string]any{"path": "/oauth/token", "httpMethod": "POST", "multiValueHeaders": headers,
		"body": "grant_type=refresh_token&client_id=app&refresh_token=" + token})
}

// attack is a use of a stolen token, and the handler that it is sent to.
type attack struct {
	name   string
	reason oauth.Reason
	from   viewer
	sent   func(*victim) (apigateway.Handler, []byte)
}

// attacks are all that the log has a reason for, but that of a code.
func attacks() []attack {
	withKey := func(v *victim) { v.session.Confirmation = v.key.Thumbprint() }
	return []attack{
		{"bearer", oauth.ReasonAgent, thief, func(v *victim) (apigateway.Handler, []byte) {
			return v.authorizer, question(v.stolen(seal.AccessToken, 0))
		}},
		{"bearer at the proxy", oauth.ReasonAgent, thief, func(v *victim) (apigateway.Handler, []byte) {
			return v.proxy, get("/api/x", map[string][]string{"Authorization": {"Bearer " + v.stolen(seal.AccessToken, 0)}})
		}},
		{"OAuth 1.0", oauth.ReasonAgent, thief, func(v *victim) (apigateway.Handler, []byte) {
			v.session.Protocol, v.session.Client = oauth.OAuth1, "old"
			client := oauth.Client{ID: "old", SecretKey: 1}
			return v.authorizer, signedBy(v.t, v.Keys, client, v.stolen(seal.OAuth1Token, 0), "https", instant, "nonce")
		}},
		{"DPoP without its key", oauth.ReasonKey, phone, func(v *victim) (apigateway.Handler, []byte) {
			withKey(v)
			return v.authorizer, question(v.stolen(seal.AccessToken, 0))
		}},
		{"DPoP with another key", oauth.ReasonKey, phone, func(v *victim) (apigateway.Handler, []byte) {
			withKey(v)
			return v.authorizer, asks(v.proven(dpoptest.NewKey(v.t), "GET", "/x", v.stolen(seal.AccessToken, 0), ""))
		}},
		{"DPoP from elsewhere", oauth.ReasonAgent, thief, func(v *victim) (apigateway.Handler, []byte) {
			withKey(v)
			return v.authorizer, asks(v.proven(v.key, "GET", "/x", v.stolen(seal.AccessToken, 0), ""))
		}},
		{"refresh from elsewhere", oauth.ReasonAgent, thief, func(v *victim) (apigateway.Handler, []byte) {
			return v.token, v.refreshing(v.stolen(seal.RefreshToken, 0), map[string][]string{})
		}},
		{"refresh with another key", oauth.ReasonKey, phone, func(v *victim) (apigateway.Handler, []byte) {
			withKey(v)
			proof := v.proven(dpoptest.NewKey(v.t), "POST", "/oauth/token", "", "")
			return v.token, v.refreshing(v.stolen(seal.RefreshToken, 0), proof)
		}},
		{"refresh token used twice", oauth.ReasonRefreshReuse, phone, func(v *victim) (apigateway.Handler, []byte) {
			v.session.Generation = 2
			return v.token, v.refreshing(v.stolen(seal.RefreshToken, 0), map[string][]string{})
		}},
	}
}

// Whoever reads the log of a kill knows whose session it was, and whoever
// caused it is told nothing of that.
func TestLogOfAKillNamesTheSession(t *testing.T) {
	for _, onMismatch := range oauth.OnMismatches() {
		for _, attack := range attacks() {
			v := newVictim(t, onMismatch)
			h, payload := attack.sent(v)
			v.log.Reset()
			answer := v.refused(h, attack.from.sends(t, payload))
			s := v.session
			want := fmt.Sprintf("client=%s user=%s session=%s protocol=%s", s.Client, s.User, s.ID, s.Protocol)
			if line := v.log.String(); !strings.Contains(line, "reason="+string(attack.reason)+" on_mismatch=") || !strings.Contains(line, want) ||
				strings.Count(line, "\n") != 1 || strings.Contains(line, attack.from.agent) || strings.Contains(line, attack.from.address) {
				t.Errorf("%s, %s: the log says %s, want %s", attack.name, onMismatch, line, want)
			}
			for _, secret := range []string{s.User, s.UserName, s.ID.String(), `"` + s.Client + `"`, string(attack.reason), "on_mismatch"} {
				if strings.Contains(answer, secret) {
					t.Errorf("%s, %s: the client is told %s in %s", attack.name, onMismatch, secret, answer)
				}
			}
		}
	}
}

// refused returns all that the client is told.
func (v *victim) refused(h apigateway.Handler, payload []byte) string {
	v.t.Helper()
	out, err := h.Invoke(v.t.Context(), payload)
	if errors.Is(err, apigateway.ErrUnauthorized) {
		return string(out)
	}
	var answer struct{ StatusCode int }
	if err := cmp.Or(err, json.Unmarshal(out, &answer)); err != nil || answer.StatusCode != http.StatusBadRequest && answer.StatusCode != http.StatusUnauthorized {
		v.t.Errorf("%s, %v, want a refusal", out, err)
	}
	return string(out)
}
