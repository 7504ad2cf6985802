package deployment_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse"
	"gatehouse/internal/flowtest"
	"gatehouse/internal/local"
	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// page is the origin of the web pages that may use the client web-app.
const page = "https://app.example.com"

// web is a deployment that lets the pages of allowed read its answers.
type web struct {
	t       *testing.T
	allowed string
	handler http.Handler
}

func newWeb(t *testing.T, allowed string) *web {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(flowKeyring))
	if err != nil {
		t.Fatal(err)
	}
	s := memory.New()
	flowtest.Register(t, s, keys)
	if err := s.CreateClient(t.Context(), oauth.Client{ID: "web-app", Public: true, Origins: []string{page},
		Grants: []oauth.Grant{oauth.GrantPassword, oauth.GrantRefreshToken}}); err != nil {
		t.Fatal(err)
	}
	handler, err := local.New(gatehouse.Template, functions(t, s, keys, map[string]string{"ALLOWED_ORIGIN": allowed}), local.Options{
		Log: local.NewLog(new(bytes.Buffer), time.Now), Clock: time.Now, Rand: rand.Reader,
		Parameters: map[string]string{"AllowedOrigin": allowed}})
	if err != nil {
		t.Fatal(err)
	}
	return &web{t, allowed, handler}
}

// ask sends a form, where there is one, and checks that pages may read the
// answer, which must have status. An origin or token that is empty is left out.
func (w *web) ask(origin, method, target, token string, status int, form ...string) map[string]any {
	w.t.Helper()
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	r := httptest.NewRequest(method, target, strings.NewReader(values.Encode()))
	for name, value := range map[string]string{"Origin": origin, "Authorization": token, "Content-Type": "application/x-www-form-urlencoded"} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, r)
	header := answer.Header()
	exposed := header.Get("Access-Control-Expose-Headers")
	if answer.Code != status || header.Get("Access-Control-Allow-Origin") != w.allowed ||
		!strings.Contains(exposed, "WWW-Authenticate") || !strings.Contains(exposed, "Retry-After") {
		w.t.Errorf("%s %s of %q: %d %v, want %d, readable by %s: %s", method, target, origin, answer.Code, header, status, w.allowed, answer.Body)
	}
	// What the authorizer refuses never reaches a function.
	if varies := slices.Contains(header.Values("Vary"), "Origin"); varies != (w.allowed != "*") && status != http.StatusUnauthorized {
		w.t.Errorf("%s %s: Vary %v", method, target, header.Values("Vary"))
	}
	var fields map[string]any
	_ = json.Unmarshal(answer.Body.Bytes(), &fields) // the script is not JSON, and some answers are empty
	return fields
}

// signIn asks for tokens as a page of origin does.
func (w *web) signIn(origin string, status int) map[string]any {
	w.t.Helper()
	return w.ask(origin, "POST", "/oauth/token", "", status, "grant_type", "password", "client_id", "web-app",
		"username", "alice", "password", "correct horse")
}

// A page reads every answer that its script needs, refusals among them.
func TestWebPages(t *testing.T) {
	for _, allowed := range []string{"*", page} {
		w := newWeb(t, allowed)
		w.ask(page, "GET", "/oauth/client.js", "", http.StatusOK)
		w.ask(page, "GET", "/.well-known/oauth-authorization-server", "", http.StatusOK)
		tokens := w.signIn(page, http.StatusOK)
		access, _ := tokens["access_token"].(string)
		renewal, _ := tokens["refresh_token"].(string)
		w.ask(page, "GET", "/oauth/session", "Bearer "+access, http.StatusOK)
		w.ask(page, "GET", "/oauth/session", "Bearer junk", http.StatusUnauthorized)
		w.ask(page, "GET", "/oauth/session", "", http.StatusUnauthorized)
		w.ask(page, "GET", "/oauth/sessions", "Bearer "+access, http.StatusOK)
		w.ask(page, "DELETE", "/oauth/sessions/none", "Bearer "+access, http.StatusNotFound)
		w.ask(page, "POST", "/oauth/token", "", http.StatusOK, "grant_type", "refresh_token", "client_id", "web-app", "refresh_token", renewal)
		w.ask(page, "POST", "/oauth/token", "", http.StatusBadRequest, "grant_type", "password", "client_id", "web-app")
		w.ask(page, "POST", "/oauth/token", "", http.StatusUnauthorized, "grant_type", "password", "client_id", "nobody")
		w.ask(page, "PUT", "/oauth/token", "", http.StatusMethodNotAllowed)
		w.ask(page, "POST", "/oauth/revoke", "", http.StatusBadRequest, "client_id", "web-app")
		w.ask(page, "POST", "/oauth/revoke", "", http.StatusOK, "client_id", "web-app", "token", access)
		again, _ := w.signIn(page, http.StatusOK)["access_token"].(string)
		w.ask(page, "DELETE", "/oauth/sessions", "Bearer "+again, http.StatusNoContent)
	}
}

// Browsers ask before they send an Authorization header or DELETE. What they
// ask for must be in the answer.
func TestPreflights(t *testing.T) {
	for _, allowed := range []string{"*", page} {
		w := newWeb(t, allowed)
		for _, path := range []string{"/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/access_token", "/oauth/request_token",
			"/oauth/client.js", "/.well-known/oauth-authorization-server", "/oauth/session", "/oauth/sessions", "/oauth/sessions/x"} {
			r := httptest.NewRequest("OPTIONS", path, nil)
			r.Header = http.Header{"Origin": {page}, "Access-Control-Request-Method": {"DELETE"},
				"Access-Control-Request-Headers": {"authorization,x-mine"}}
			answer := httptest.NewRecorder()
			w.handler.ServeHTTP(answer, r)
			header := answer.Header()
			if answer.Code != http.StatusNoContent || header.Get("Access-Control-Allow-Origin") != allowed ||
				!strings.Contains(header.Get("Access-Control-Allow-Methods"), "DELETE") || header.Get("Access-Control-Allow-Headers") != "authorization,x-mine" {
				t.Errorf("%s for %s: %d %v", path, allowed, answer.Code, header)
			}
		}
	}
}

// Which pages may use a client is the client's to say, even where all pages
// may read answers. Apps send no Origin.
func TestPagesOfOthers(t *testing.T) {
	w := newWeb(t, "*")
	tokens := w.signIn("", http.StatusOK)
	access, _ := tokens["access_token"].(string)
	for _, origin := range []string{"https://evil.example", "null", "http://app.example.com", page + ".evil.example"} {
		for _, refused := range []map[string]any{
			w.signIn(origin, http.StatusBadRequest),
			w.ask(origin, "POST", "/oauth/revoke", "", http.StatusBadRequest, "client_id", "web-app", "token", access),
		} {
			if refused["error"] != oauth.UnauthorizedClient || refused["access_token"] != nil {
				t.Errorf("%s: %v", origin, refused)
			}
		}
	}
	w.ask("", "GET", "/oauth/session", "Bearer "+access, http.StatusOK)
}

// The pages that ask for a password are for nobody's script to read.
func TestPagesAreNotRead(t *testing.T) {
	w := newWeb(t, "*")
	r := httptest.NewRequest("GET", "/oauth/authorize?client_id=web-app", nil)
	r.Header.Set("Origin", page)
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, r)
	if got := answer.Header().Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("pages of %s may read it: %d", got, answer.Code)
	}
}
