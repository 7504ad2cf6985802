package local_test

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/internal/local"
)

const unknown = `{"message":"Missing Authentication Token"}`

func TestRoutes(t *testing.T) {
	b := newBench(t, template("", event("GET", "/a", "")+event("any", "/a/{x}", "")+event("post", "/a/b", "")+
		event("GET", "/a/{x}/c", "")+event("ANY", "/p/{proxy+}", "")+event("GET", "/", "")), nil)
	tests := []struct{ method, target, resource string }{
		{"GET", "/", "/"},
		{"GET", "/a", "/a"},
		{"GET", "//a", "/a"},
		{"GET", "/a/", "/a"},
		{"PATCH", "/a/1", "/a/{x}"},
		{"POST", "/a/b", "/a/b"},
		{"GET", "/a/b", ""}, // the resource /a/b has no GET, and no other is asked
		{"GET", "/a/1/c", "/a/{x}/c"},
		{"DELETE", "/p/1/2/3?q", "/p/{proxy+}"},
		{"GET", "/p", ""},
		{"GET", "/p/", ""},
		{"POST", "/a", ""},
		{"HEAD", "/a", ""},
		{"GET", "/A", ""},
		{"GET", "/a/1/c/d", ""},
	}
	for _, test := range tests {
		t.Run(test.method+test.target, func(t *testing.T) {
			response := b.do(test.method, test.target, "")
			if test.resource == "" {
				expect(t, response, http.StatusForbidden, unknown)
				return
			}
			expect(t, response, http.StatusOK, "fine")
			if got := b.backend.last(t)["resource"]; got != test.resource {
				t.Errorf("resource %v, want %s", got, test.resource)
			}
		})
	}
}

func TestUnknownRouteWithCredentials(t *testing.T) {
	b := newBench(t, template("", event("GET", "/a", "")), nil)
	response := b.do("GET", "/b", "", "Authorization: Bearer x")
	if got := bodyOf(t, response); response.StatusCode != http.StatusForbidden || !strings.Contains(got, "key=value pair") {
		t.Errorf("got %d %s", response.StatusCode, got)
	}
	if got := response.Header.Get("X-Amzn-ErrorType"); got != "IncompleteSignatureException" {
		t.Errorf("x-amzn-ErrorType %q", got)
	}
}

func TestStage(t *testing.T) {
	b := newBench(t, template("", event("GET", "/a", "")), func(o *local.Options) { o.Stage = "v1" })
	expect(t, b.do("GET", "/v1/a", ""), http.StatusOK, "fine")
	context := b.backend.last(t)["requestContext"].(map[string]any)
	if context["path"] != "/v1/a" || context["stage"] != "v1" {
		t.Errorf("path %v and stage %v", context["path"], context["stage"])
	}
	expect(t, b.do("GET", "/v1//a", ""), http.StatusOK, "fine")
	for _, target := range []string{"/a", "/", "/v1a", "/v2/a"} {
		expect(t, b.do("GET", target, ""), http.StatusForbidden, `{"message":"Forbidden"}`)
	}
	expect(t, b.do("GET", "/v1", ""), http.StatusForbidden, unknown)
}

func TestPathParameters(t *testing.T) {
	b := newBench(t, template("", event("GET", "/u/{id}/x", "")+event("GET", "/p/{proxy+}", "")), nil)
	for target, want := range map[string]map[string]any{
		"/u/a%2Bb+c/x":           {"id": "a+b+c"},
		"/u/a%2Fb/x":             {"id": "a/b"},
		"/u//7/x":                {"id": "7"},
		"/p/users/a%2Bb+c@d%2Fe": {"proxy": "users/a+b+c@d/e"},
	} {
		response := b.do("GET", target, "")
		expect(t, response, http.StatusOK, "fine")
		got := b.backend.last(t)["pathParameters"].(map[string]any)
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s is %v, want %v", target, name, got[name], value)
			}
		}
	}
}
