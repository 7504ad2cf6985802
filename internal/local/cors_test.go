package local_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// origins are values of the parameter AllowedOrigin.
func origins() []string { return []string{"*", "https://app.example.com"} }

// send sends a request of a web page; headers are written "Name: value".
func send(handler http.Handler, method, target string, headers ...string) (int, http.Header) {
	r := httptest.NewRequest(method, target, nil)
	for _, header := range append(headers, "Origin: https://app.example.com") {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Code, w.Header()
}

// Browsers ask before they send an Authorization header or DELETE, without
// credentials: every path lets its function answer.
func TestPreflightsOfTheRealTemplate(t *testing.T) {
	backend, authorizer := &function{answer: fine}, &function{err: errUnauthorized}
	handler := mountReal(t, backend, authorizer, nil)
	paths := []string{"/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/access_token", "/oauth/request_token", "/oauth/client.js",
		"/.well-known/oauth-authorization-server", "/oauth/session", "/oauth/sessions", "/oauth/sessions/x"}
	for _, path := range paths {
		if status, _ := send(handler, "OPTIONS", path, "Access-Control-Request-Method: GET"); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
	if len(backend.events) != len(paths) || len(authorizer.events) > 0 {
		t.Errorf("functions were asked %d times, and the authorizer %d", len(backend.events), len(authorizer.events))
	}
}

// lists reports whether value is one of the header's.
func lists(header http.Header, name, value string) bool {
	for listed := range strings.SplitSeq(header.Get(name), ",") {
		if strings.TrimSpace(listed) == value {
			return true
		}
	}
	return false
}

// A page that can't read a refusal knows neither that its token is over nor
// that it should wait.
func TestRefusalsOfTheRealTemplate(t *testing.T) {
	deny := &function{answer: policy("Deny", everything, `{"error":"insufficient_scope","reason":"r"}`)}
	for _, test := range []struct {
		name                  string
		status                int
		backend, authorizer   *function
		method, target, extra string
	}{
		{"not authorized", 401, nil, &function{err: errUnauthorized}, "GET", "/oauth/session", "A: b"},
		{"denied", 403, nil, deny, "GET", "/oauth/session", "A: b"},
		{"authorizer out of order", 500, nil, &function{err: errors.New("broken")}, "GET", "/oauth/session", "A: b"},
		{"function out of order", 502, &function{err: errors.New("broken")}, nil, "POST", "/oauth/token", "A: b"},
		{"no such path", 404, nil, nil, "GET", "/none", "A: b"},
		{"no such path, with credentials", 404, nil, nil, "GET", "/none", "Authorization: Bearer x"},
		{"no such method", 404, nil, nil, "PUT", "/oauth/sessions", "Authorization: Bearer x"},
		{"headers too large", 431, nil, nil, "GET", "/oauth/client.js", "A: " + strings.Repeat("a", 11000)},
	} {
		for _, origin := range origins() {
			handler := mountReal(t, test.backend, test.authorizer, map[string]string{"AllowedOrigin": origin})
			status, header := send(handler, test.method, test.target, test.extra)
			if status != test.status || header.Get("Access-Control-Allow-Origin") != origin ||
				!lists(header, "Access-Control-Expose-Headers", "WWW-Authenticate") || !lists(header, "Access-Control-Expose-Headers", "Retry-After") {
				t.Errorf("%s for %s: %d %v, want %d", test.name, origin, status, header, test.status)
			}
		}
	}
}
