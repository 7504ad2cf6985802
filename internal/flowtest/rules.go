package flowtest

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// RouteScopes are what RunRules expects of its target.
const RouteScopes = "DELETE /oauth/sessions* write; GET,HEAD /oauth/sessions admin; * /oauth/session public"

// RunRules drives requests of both protocols against a target with RouteScopes.
func RunRules(t *testing.T, g Target) {
	full := text(t, signIn(t, g), "access_token")
	narrow := text(t, signIn(t, g, "scope", "read"), "access_token")
	signed := xauthTokens(t, g) // with both scopes
	ask := map[string]func(method, path string) reply{
		"full":   func(method, path string) reply { return g.bearer(t, method, path, full) },
		"narrow": func(method, path string) reply { return g.bearer(t, method, path, narrow) },
		"signed": func(method, path string) reply { return send(t, g.sign(t, signed, method, path)) },
		"nobody": func(method, path string) reply { return send(t, newRequest(t, method, g.URL+path, "")) },
	}
	for _, test := range []struct {
		who, method, path string
		status            int
		missing           string
	}{
		{"narrow", "GET", "/oauth/session", http.StatusOK, ""},
		{"full", "GET", "/oauth/session", http.StatusOK, ""},
		{"signed", "GET", "/oauth/session", http.StatusOK, ""},
		{"nobody", "GET", "/oauth/session", http.StatusUnauthorized, ""}, // the authorizer is there, so it asks
		{"nobody", "DELETE", "/oauth/sessions/none", http.StatusUnauthorized, ""},
		{"narrow", "DELETE", "/oauth/sessions", http.StatusForbidden, "write"},
		{"narrow", "DELETE", "/oauth/sessions/none", http.StatusForbidden, "write"},
		{"narrow", "DELETE", "/oauth/sessions/n%6fne", http.StatusForbidden, "write"},
		{"full", "DELETE", "/oauth/sessions/none", http.StatusNotFound, ""},
		{"signed", "DELETE", "/oauth/sessions/none", http.StatusNotFound, ""},
		{"full", "GET", "/oauth/sessions", http.StatusForbidden, "admin"},
		{"signed", "GET", "/oauth/sessions", http.StatusForbidden, "admin"},
		{"narrow", "GET", "/oauth/session", http.StatusOK, ""},
	} {
		what := test.who + ": " + test.method + " " + test.path
		answer := ask[test.who](test.method, test.path)
		if answer.status != test.status {
			t.Errorf("%s: status %d, want %d: %s", what, answer.status, test.status, answer.body)
		}
		if test.missing != "" {
			wantMissing(t, what, answer, test.missing)
		}
	}
}

// wantMissing fails the test unless the answer to what was asked names the scope
// that is missing.
func wantMissing(t *testing.T, what string, answer reply, scope string) {
	t.Helper()
	answer.wantError(t, http.StatusForbidden, oauth.InsufficientScope)
	if said, _ := answer.json(t)["error_description"].(string); !strings.HasSuffix(said, ": "+scope) {
		t.Errorf("%s: %q, want it to name %s", what, said, scope)
	}
}
