package local_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	denied           = `{"message":"User is not authorized to access this resource"}`
	explicitlyDenied = `{"message":"User is not authorized to access this resource with an explicit deny"}`
	nothing          = `{"message":null}`
)

func TestAuthorizerAnswers(t *testing.T) {
	const arn = "arn:aws:execute-api:local:123456789012:local/prod"
	statement := func(s string) string {
		return `{"principalId":"a","policyDocument":{"Statement":[` + s + `]}}`
	}
	tests := []struct {
		name, answer string
		err          error
		status       int
		body         string
	}{
		{"allow the stage", allow(everything, "{}"), nil, 200, "fine"},
		{"allow the method", allow(arn+"/GET/a/1", "{}"), nil, 200, "fine"},
		{"allow by ?", allow(arn+"/GET/a/?", "{}"), nil, 200, "fine"},
		{"allow all", allow("*", "{}"), nil, 200, "fine"},
		{"allow another method", allow(arn+"/POST/a/1", "{}"), nil, 403, denied},
		{"allow another path", allow(arn+"/GET/a", "{}"), nil, 403, denied},
		{"allow another stage", allow(strings.Replace(everything, "prod", "test", 1), "{}"), nil, 403, denied},
		{"deny", policy("Deny", everything, "{}"), nil, 403, explicitlyDenied},
		{"deny another", policy("Deny", arn+"/POST/*", "{}"), nil, 403, denied},
		{"deny wins", statement(`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":["execute-api:*"],"Resource":["x","` + everything + `"]}`), nil, 403, explicitlyDenied},
		{"another action", statement(`{"Effect":"Allow","Action":"s3:Get","Resource":"*"}`), nil, 403, denied},
		{"no context", statement(`{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}`), nil, 200, "fine"},
		{"Unauthorized", "", errUnauthorized, 401, `{"message":"Unauthorized"}`},
		{"another error", "", errors.New("unauthorized"), 500, nothing},
		{"longer error", "", errors.New("Unauthorized: why"), 500, nothing},
		{"no JSON", "no", nil, 500, nothing},
		{"null", "null", nil, 500, nothing},
		{"no principal", strings.Replace(allow("*", "{}"), "alice", "", 1), nil, 500, nothing},
		{"no policy", `{"principalId":"a"}`, nil, 500, nothing},
		{"simple response", `{"isAuthorized":true}`, nil, 500, nothing},
		{"no statement", statement(""), nil, 500, nothing},
		{"unknown effect", statement(`{"Effect":"allow","Action":"*","Resource":"*"}`), nil, 500, nothing},
		{"no resource", statement(`{"Effect":"Allow","Action":"*"}`), nil, 500, nothing},
		{"condition", statement(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}`), nil, 500, nothing},
		{"object in the context", allow("*", `{"a":{}}`), nil, 500, nothing},
		{"list in the context", allow("*", `{"a":[]}`), nil, 500, nothing},
		{"null in the context", allow("*", `{"a":null}`), nil, 500, nothing},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, template(authorized, event("GET", "/a/{x}", "")), nil)
			b.authorizer.answer, b.authorizer.err = test.answer, test.err
			expect(t, b.do("GET", "/a/1", ""), test.status, test.body)
			if test.status != http.StatusOK && len(b.backend.events) > 0 {
				t.Error("the function was called")
			}
		})
	}
}

func TestAuthorizerPanics(t *testing.T) {
	b := newBench(t, template(authorized, event("GET", "/a", "")), nil)
	b.authorizer.panics = true
	expect(t, b.do("GET", "/a", ""), http.StatusInternalServerError, nothing)
}

func TestContextReachesTheFunction(t *testing.T) {
	b := newBench(t, template(authorized, event("GET", "/a", "")), nil)
	b.authorizer.answer = allow(everything, `{"text":"t","number":1700000000,"truth":true,"empty":""}`)
	b.do("GET", "/a", "")
	got := b.backend.last(t)["requestContext"].(map[string]any)["authorizer"].(map[string]any)
	for name, want := range map[string]string{"principalId": "alice", "text": "t", "number": "1700000000", "truth": "true", "empty": ""} {
		if got[name] != want {
			t.Errorf("%s is %#v, want %q", name, got[name], want)
		}
	}
}

func TestWhichAuthorizer(t *testing.T) {
	b := newBench(t, template(authorized, event("GET", "/default", "")+event("GET", "/none", ", Auth: { Authorizer: NONE }")+
		event("GET", "/named", ", Auth: { Authorizer: Cached }")+event("OPTIONS", "/default", "")), nil)
	b.authorizer.err = errUnauthorized
	for target, want := range map[string]int{"/default": 401, "/none": 200, "/named": 401} {
		if got := b.do("GET", target, "").StatusCode; got != want {
			t.Errorf("%s: got %d, want %d", target, got, want)
		}
	}
	// AddDefaultAuthorizerToCorsPreflight: false covers an OPTIONS of one's own.
	if got := b.do("OPTIONS", "/default", "").StatusCode; got != 200 {
		t.Errorf("OPTIONS: got %d, want 200", got)
	}
}

func TestIdentitySources(t *testing.T) {
	b := newBench(t, template(authorized, event("GET", "/a", ", Auth: { Authorizer: Cached }")), nil)
	for _, headers := range [][]string{nil, {"Authorization: x"}, {"User-Agent: x"}, {"Authorization: x", "User-Agent: "}} {
		expect(t, b.do("GET", "/a", "", headers...), http.StatusUnauthorized, `{"message":"Unauthorized"}`)
	}
	if len(b.authorizer.events) > 0 {
		t.Error("the authorizer was called without its identity")
	}
}

func TestResultsAreKept(t *testing.T) {
	b := newBench(t, template(authorized, event("GET", "/a", ", Auth: { Authorizer: Cached }")+event("GET", "/b", ", Auth: { Authorizer: Cached }")), nil)
	b.authorizer.answer = allow("arn:aws:execute-api:local:123456789012:local/prod/GET/a", `{"user":"u"}`)
	asked := func(want int) {
		t.Helper()
		if got := len(b.authorizer.events); got != want {
			t.Fatalf("the authorizer was asked %d times, want %d", got, want)
		}
	}
	credentials := []string{"Authorization: x", "User-Agent: y"}
	expect(t, b.do("GET", "/a", "", credentials...), 200, "fine")
	expect(t, b.do("GET", "/a", "", credentials...), 200, "fine")
	asked(1)
	// A policy for one method is reused for another, and refuses it: the trap.
	expect(t, b.do("GET", "/b", "", credentials...), 403, denied)
	asked(1)
	expect(t, b.do("GET", "/a", "", "Authorization: x", "User-Agent: z"), 200, "fine")
	asked(2)
	b.now = b.now.Add(300 * time.Second)
	expect(t, b.do("GET", "/a", "", credentials...), 200, "fine")
	asked(3)
	if got := b.backend.last(t)["requestContext"].(map[string]any)["authorizer"].(map[string]any)["user"]; got != "u" {
		t.Errorf("user is %v", got)
	}
}

// A policy with statements for some routes is judged anew for each of them,
// kept or not, and in whatever order they are called.
func TestKeptDenyIsForItsRoutes(t *testing.T) {
	const at = "arn:aws:execute-api:local:123456789012:local/prod/"
	answer := `{"principalId":"a","policyDocument":{"Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":["` + everything + `"]},
		{"Effect":"Deny","Action":"execute-api:Invoke","Resource":["` + at + `DELETE/a*","` + at + `*/a/?/x","` + at + `GET/*/b"]}]},
		"context":{"error":"insufficient_scope","reason":"write","client":"c"}}`
	routes := ""
	for _, path := range []string{"/a", "/a/{y}/x", "/a/{y}/b"} {
		routes += event("GET", path, ", Auth: { Authorizer: Cached }") + event("DELETE", path, ", Auth: { Authorizer: Cached }")
	}
	responses := "GatewayResponses: { ACCESS_DENIED: { ResponseTemplates: { application/json: '$context.authorizer.error: $context.authorizer.reason' } } }\n"
	calls := []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/a", 200, "fine"}, {"DELETE", "/a", 403, "insufficient_scope: write"}, {"GET", "/a/1/x", 403, "insufficient_scope: write"},
		{"GET", "/a/12/x", 200, "fine"}, {"DELETE", "/a/12/x", 403, "insufficient_scope: write"}, {"GET", "/a/1/b", 403, "insufficient_scope: write"},
	}
	for first := range calls {
		b := newBench(t, template(authorized+responses, routes), nil)
		b.authorizer.answer = answer
		for i := range calls {
			next := calls[(first+i)%len(calls)]
			expect(t, b.do(next.method, next.path, "", "Authorization: x", "User-Agent: y"), next.status, next.body)
		}
		if got := len(b.authorizer.events); got != 1 {
			t.Errorf("the authorizer was asked %d times, want once", got)
		}
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	b := newBench(t, template(authorized, event("GET", "/a", ", Auth: { Authorizer: Cached }")), nil)
	b.authorizer.err = errUnauthorized
	for range 2 {
		expect(t, b.do("GET", "/a", "", "Authorization: x", "User-Agent: y"), 401, `{"message":"Unauthorized"}`)
	}
	if got := len(b.authorizer.events); got != 2 {
		t.Errorf("the authorizer was asked %d times, want 2", got)
	}
}

func TestNothingIsKeptWithoutReauthorizeEvery(t *testing.T) {
	b := newBench(t, template(authorized, event("GET", "/a", "")), nil)
	b.do("GET", "/a", "")
	b.do("GET", "/a", "")
	if got := len(b.authorizer.events); got != 2 {
		t.Errorf("the authorizer was asked %d times, want 2", got)
	}
}
