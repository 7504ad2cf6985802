package grants

import (
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

func TestPasswordGrant(t *testing.T) {
	h := newHouse(t)
	answer := h.tokens(h.password("mobile"))
	if answer.TokenType != "Bearer" || answer.ExpiresIn != 3600 || answer.Scope != "write read" {
		t.Errorf("answer %+v", answer)
	}
	began := oauth.Milli(instant)
	want := oauth.Session{Protocol: oauth.OAuth2, Client: "mobile", User: "u1", UserName: "alice",
		Scope: []string{"read", "write"}, Created: began, Renewed: began,
		AccessExpires: began.Add(accessLife), Expires: began.Add(sessionLife)}
	h.wantSession(seal.AccessToken, answer.AccessToken, want)
	h.wantSession(seal.RefreshToken, answer.RefreshToken, want)
	if seen := h.door.seen[0]; seen.Name != "alice" || seen.Password.Reveal() != "right" || seen.Source != home || seen.Client != "mobile" {
		t.Errorf("signed in as %+v", seen)
	}
	if again := h.tokens(h.password("mobile")); again.AccessToken == answer.AccessToken || again.RefreshToken == answer.RefreshToken {
		t.Error("a second sign-in gave the first one's tokens")
	}
}

// Without the refresh_token grant there is no refresh token, and nothing
// outlives the access token.
func TestTermsOfAPasswordGrant(t *testing.T) {
	for _, test := range []struct {
		client          string
		access, session time.Duration
		refreshes       bool
		want            time.Duration // of the session
	}{
		{"mobile", time.Hour, 24 * time.Hour, true, 24 * time.Hour},
		{"web", time.Hour, 24 * time.Hour, true, 24 * time.Hour},
		{"mobile", time.Hour, time.Minute, true, time.Hour},
		{"brief", time.Hour, 24 * time.Hour, false, time.Hour},
		{"brief", time.Minute, 24 * time.Hour, false, time.Minute},
	} {
		h := newHouse(t)
		h.Terms.Access, h.Terms.Session = test.access, test.session
		answer := h.tokens(h.password(test.client))
		if answer.ExpiresIn != int64(test.access.Seconds()) || (answer.RefreshToken != "") != test.refreshes {
			t.Errorf("%+v: answer %+v", test, answer)
		}
		session, err := h.session(seal.AccessToken, answer.AccessToken)
		if want := oauth.End(oauth.Milli(instant).Add(test.want)); err != nil || !session.Expires.Equal(want) {
			t.Errorf("%+v: the session ends %v, %v, want %v", test, session.Expires, err, want)
		}
	}
}

func TestScopeOfAPasswordGrant(t *testing.T) {
	h := newHouse(t)
	for _, test := range []struct{ client, asked, want string }{
		{"mobile", "", "write read"},
		{"mobile", "read", "read"},
		{"mobile", "read write read", "read write"},
		{"web", "", ""},
	} {
		answer := h.tokens(h.password(test.client, "scope", test.asked))
		session, err := h.session(seal.AccessToken, answer.AccessToken)
		wanted, _ := oauth.ParseScope(test.want)
		if answer.Scope != test.want || err != nil || !oauth.Covers(wanted, session.Scope) || !oauth.Covers(session.Scope, wanted) {
			t.Errorf("%s asked for %q: told %q, stored %q, %v, want %q", test.client, test.asked, answer.Scope, session.Scope, err, test.want)
		}
	}
	for _, test := range []struct{ client, asked string }{
		{"mobile", "admin"}, {"mobile", "read admin"}, {"mobile", "read  write"}, {"mobile", " "}, {"mobile", "READ"},
		{"mobile", "read\twrite"}, {"mobile", strings.Repeat("read ", oauth.MaxScope) + "read"}, {"web", "read"},
	} {
		asked := len(h.door.seen)
		h.wantRefused(test.client+" "+test.asked, h.password(test.client, "scope", test.asked), http.StatusBadRequest, oauth.InvalidScope)
		if len(h.door.seen) != asked {
			t.Errorf("%q: a password was looked at for a scope that cannot be", test.asked)
		}
	}
}

// What cannot be right costs no sign-in and no write.
func TestPasswordGrantRefuses(t *testing.T) {
	h := newHouse(t)
	long := strings.Repeat("x", 1025)
	for _, test := range []struct {
		name, client string
		pairs        []string
		code         string
	}{
		{"no name", "mobile", []string{"username", ""}, oauth.InvalidRequest},
		{"no password", "mobile", []string{"password", ""}, oauth.InvalidRequest},
		{"long name", "mobile", []string{"username", long[:257]}, oauth.InvalidRequest},
		{"long password", "mobile", []string{"password", long}, oauth.InvalidRequest},
		{"no grant_type", "mobile", []string{"grant_type", ""}, oauth.InvalidRequest},
		{"unknown grant_type", "mobile", []string{"grant_type", "magic"}, oauth.UnsupportedGrantType},
		{"grant_type in another case", "mobile", []string{"grant_type", "Password"}, oauth.UnsupportedGrantType},
		{"xauth is not of OAuth 2", "mobile", []string{"grant_type", "xauth"}, oauth.UnsupportedGrantType},
		{"not allowed", "bare", nil, oauth.UnauthorizedClient},
		{"not allowed to refresh", "brief", []string{"grant_type", "refresh_token"}, oauth.UnauthorizedClient},
	} {
		h.wantRefused(test.name, h.password(test.client, test.pairs...), http.StatusBadRequest, test.code)
	}
	response := h.wantRefused("wrong client", h.password("mobile", "client_secret", "wrong"), http.StatusUnauthorized, oauth.InvalidClient)
	if challenge := response.Header.Get("WWW-Authenticate"); challenge != `Basic realm="test"` {
		t.Errorf("challenge %q", challenge)
	}
	if len(h.door.seen) != 0 || h.store.creates != 0 {
		t.Errorf("%d sign-ins and %d writes, want none", len(h.door.seen), h.store.creates)
	}
	h.wantRefused("as long as may be", h.password("mobile", "username", long[:256], "password", long[:1024]), http.StatusBadRequest, oauth.InvalidGrant)
	h.wantRefused("wrong password", h.password("mobile", "password", "wrong"), http.StatusBadRequest, oauth.InvalidGrant)
	if len(h.door.seen) != 2 || h.store.creates != 0 {
		t.Errorf("%d sign-ins and %d writes, want 2 and none", len(h.door.seen), h.store.creates)
	}
}

func TestTooManySignIns(t *testing.T) {
	h := newHouse(t)
	h.door.hook = func() (*oauth.Error, error) {
		return &oauth.Error{Status: http.StatusTooManyRequests, Code: oauth.SlowDown, RetryAfter: 90 * time.Second}, nil
	}
	response := h.wantRefused("password", h.password("mobile"), http.StatusTooManyRequests, oauth.SlowDown)
	if got := response.Header.Get("Retry-After"); got != "90" {
		t.Errorf("Retry-After %q, want 90", got)
	}
	response = h.wantRefused("xAuth", h.signed("n"), http.StatusTooManyRequests, oauth.PermissionDenied)
	if got := response.Header.Get("Retry-After"); got != "90" {
		t.Errorf("Retry-After %q, want 90", got)
	}
}

// No token leaves before its session is stored.
func TestPasswordGrantFaults(t *testing.T) {
	for name, breaks := range map[string]func(*house){
		"sign-in":    func(h *house) { h.door.hook = func() (*oauth.Error, error) { return nil, errBroken } },
		"create":     func(h *house) { h.store.create = broken },
		"randomness": func(h *house) { h.Rand = iotest.ErrReader(errBroken) },
	} {
		h := newHouse(t)
		breaks(h)
		h.wantFault(name, h.password("mobile"))
	}
}

func TestOtherRoutes(t *testing.T) {
	h := newHouse(t)
	for _, route := range []string{"/oauth/token/", "/oauth/authorize", ""} {
		r := h.password("mobile")
		r.Route = route
		h.wantRefused(route, r, http.StatusNotFound, oauth.InvalidRequest)
	}
	for _, route := range []string{"/oauth/token", "/oauth/access_token", "/oauth/request_token"} {
		r := h.password("mobile")
		r.Route, r.Method = route, http.MethodGet
		response, err := h.Serve(t.Context(), r)
		if err != nil || response.Status != http.StatusMethodNotAllowed || response.Header.Get("Allow") != http.MethodPost {
			t.Errorf("GET %s: %+v, %v", route, response, err)
		}
	}
}
