package flowtest

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// ProxyRules are the route rules that Run expects of its target.
const ProxyRules = "* /api/open* public; PATCH /api/notes* admin"

// seen is a request as the backend got it, which is its answer.
type seen struct {
	Method string
	URI    string
	Header http.Header
	Body   []byte
}

// Backend starts what is behind the reverse proxy until the test ends, and
// returns its URL. It answers with what it was sent, in JSON, and sets two
// cookies; at /api/binary with the very body.
func Backend(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("the backend could not read the body: %v", err)
		}
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		if r.URL.Path == "/api/binary" {
			w.Header().Set("Content-Type", "application/octet-stream")
			_, _ = w.Write(body)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(seen{r.Method, r.RequestURI, r.Header, body})
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// seen is what the backend says that it got.
func (r reply) seen(t *testing.T) (s seen) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.want(t, http.StatusOK).body), &s); err != nil {
		t.Fatalf("the answer is not the backend's: %v: %q", err, r.body)
	}
	return s
}

// reverseProxy carries both protocols, credentials in whatever place, to a
// backend that sees none of them.
func reverseProxy(t *testing.T, g Target) {
	token, c := text(t, signIn(t, g), "access_token"), xauthTokens(t, g)
	for name, test := range map[string]struct {
		request *http.Request
		uri     string
		body    string
	}{
		"bearer":     {newRequest(t, "GET", g.URL+"/api/notes/a%2Fb?x=1&x=2", "", "Authorization", "Bearer "+token), "/api/notes/a%2Fb?x=1&x=2", ""},
		"form token": {newRequest(t, "POST", g.URL+"/api/notes", "a=%7e&access_token="+token+"&b=+", "Content-Type", form), "/api/notes", "a=%7e&b=+"},
		"JSON":       {newRequest(t, "PUT", g.URL+"/api/notes/1", `{"a":1}`, "Authorization", "Bearer "+token, "Content-Type", "application/json"), "/api/notes/1", `{"a":1}`},
		"signed":     {g.sign(t, c, "GET", "/api/notes?a=%C3%BC&b=x%20y"), "/api/notes?a=%C3%BC&b=x%20y", ""},
		"signed form": {g.sign(t, c, "POST", "/api/notes", "status", "Hello + good-bye, a signed request!"), "/api/notes",
			"status=Hello%20%2B%20good-bye%2C%20a%20signed%20request%21"},
	} {
		answer := send(t, test.request)
		got := answer.seen(t)
		if got.Method != test.request.Method || got.URI != test.uri || string(got.Body) != test.body || got.Header.Get("Authorization") != "" {
			t.Errorf("%s: the backend got %s %s %q with %v", name, got.Method, got.URI, got.Body, got.Header)
		}
		if cookies := answer.header.Values("Set-Cookie"); len(cookies) != 2 {
			t.Errorf("%s: cookies %q", name, cookies)
		}
	}
	const binary = "\x00\xff\r\n\x80"
	if answer := send(t, newRequest(t, "POST", g.URL+"/api/binary", binary, "Authorization", "Bearer "+token, "Content-Type", "image/png")); answer.body != binary {
		t.Errorf("%q came back as %q", binary, answer.body)
	}
}

// identityAtTheBackend is the gateway's to say.
func identityAtTheBackend(t *testing.T, g Target) {
	token := text(t, signIn(t, g), "access_token")
	forged := []string{"X-OAuth-User-Id", "root", "X_OAuth_User_Id", "root", "X-Forwarded-For", "203.0.113.7", "Remote-User", "root"}
	open := send(t, newRequest(t, "GET", g.URL+"/api/open", "", forged...)).seen(t)
	known := send(t, newRequest(t, "GET", g.URL+"/api/open/x", "", append(forged, "Authorization", "Bearer "+token)...)).seen(t)
	for name, want := range map[string]string{"X-Oauth-User-Id": "user-1", "X-Oauth-User-Name": g.User, "X-Oauth-Client-Id": g.Client.ID,
		"X-Oauth-Scope": "read write", "X-Oauth-Protocol": "oauth2"} {
		if got := known.Header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
		if got := open.Header.Values(name); got != nil {
			t.Errorf("without credentials %s is %q", name, got)
		}
	}
	for _, got := range []seen{open, known} {
		if got.Header["X_oauth_user_id"] != nil || got.Header.Get("Remote-User") != "" || strings.Contains(got.Header.Get("X-Forwarded-For"), "203.0.113.7") {
			t.Errorf("the backend saw %v", got.Header)
		}
	}
	checkAssertion(t, g, known.Header.Get("X-Oauth-Assertion"))
}

// checkAssertion looks at what the assertion says, and for its key among those
// that are published; that it verifies is for the proxy's own tests.
func checkAssertion(t *testing.T, g Target, assertion string) {
	t.Helper()
	var head, claims map[string]any
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no JWT", assertion)
	}
	for i, into := range []*map[string]any{&head, &claims} {
		part, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(part, into) != nil {
			t.Fatalf("%q is no JWT", assertion)
		}
	}
	if claims["iss"] != g.URL || claims["sub"] != "user-1" || claims["htm"] != "GET" || claims["path"] != "/api/open/x" {
		t.Errorf("claims %v", claims)
	}
	keys := send(t, newRequest(t, "GET", g.URL+"/.well-known/jwks.json", "")).want(t, http.StatusOK)
	if kid, _ := head["kid"].(string); kid == "" || !strings.Contains(keys.body, `"`+kid+`"`) {
		t.Errorf("the key %v is not published: %s", head, keys.body)
	}
}

func refusedByTheProxy(t *testing.T, g Target) {
	token, c := text(t, signIn(t, g), "access_token"), xauthTokens(t, g)
	signed := g.sign(t, c, "POST", "/api/notes", "a", "b")
	send(t, signed).want(t, http.StatusOK)
	send(t, repeat(t, signed)).wantProblem(t, http.StatusUnauthorized, oauth.NonceUsed)
	changed := newRequest(t, "POST", g.URL+"/api/notes", "a=c", "Content-Type", form, "Authorization",
		g.sign(t, c, "POST", "/api/notes", "a", "b").Header.Get("Authorization"))
	send(t, changed).wantProblem(t, http.StatusUnauthorized, oauth.SignatureInvalid)
	g.bearer(t, "GET", "/api/notes", "junk").wantError(t, http.StatusUnauthorized, oauth.InvalidToken)
	g.bearer(t, "GET", "/api/open", "junk").wantError(t, http.StatusUnauthorized, oauth.InvalidToken)
	g.bearer(t, "PATCH", "/api/notes/1", token).wantError(t, http.StatusForbidden, oauth.InsufficientScope)
	g.bearer(t, "PATCH", "/api/%6Eotes/1", token).wantError(t, http.StatusForbidden, oauth.InsufficientScope)
	g.bearer(t, "GET", "/api/open/%2e%2e/notes", token).wantError(t, http.StatusBadRequest, oauth.InvalidRequest)
	nothing := send(t, newRequest(t, "GET", g.URL+"/api/notes", "")).wantError(t, http.StatusUnauthorized, oauth.InvalidRequest)
	if challenge := nothing.header.Get("X-Amzn-Remapped-Www-Authenticate"); !strings.Contains(challenge, "Bearer") || !strings.Contains(challenge, "OAuth") {
		t.Errorf("challenge %q, want both schemes", challenge)
	}
	g.revoke(t, token).want(t, http.StatusOK)
	g.bearer(t, "GET", "/api/notes", token).wantError(t, http.StatusUnauthorized, oauth.InvalidToken)
}
