package apigateway_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/rules"
)

const routeRules = "* /api/health public; GET,HEAD /api/notes* read; DELETE,PUT /api/notes* write; * /api/admin* admin"

func parseRules(t testing.TB, text string) rules.Rules {
	t.Helper()
	parsed, err := rules.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// asked is a REST API's question about a path of its own.
func asked(t testing.TB, method, path string) []byte {
	t.Helper()
	return editEvent(t, "rest-authorizer", func(event map[string]any) {
		event["methodArn"] = api + "/prod/" + method + path
		event["httpMethod"], event["path"] = method, path
		event["resource"], event["pathParameters"] = "", nil
		event["requestContext"].(map[string]any)["path"] = "/prod" + path
	})
}

// answerWith asks on behalf of a session with this scope.
func answerWith(t testing.TB, rs rules.Rules, scope string, event []byte) policyAnswer {
	t.Helper()
	verdict := allowed
	verdict.Session.Scope, _ = oauth.ParseScope(scope)
	g, _ := newGateway(t, "")
	g.Rules = rs
	out, err := g.Authorizer(answering(verdict)).Invoke(context.Background(), event)
	if err != nil {
		t.Fatal(err)
	}
	return decodeJSON[policyAnswer](t, out)
}

// allows evaluates a policy as IAM does: a Deny wins, and what nothing allows
// is denied. Resources have * and ? for wildcards; a policy variable, which API
// Gateway has no value for, matches nothing.
func (p policyAnswer) allows(arn string) bool {
	permitted := false
	for _, statement := range p.PolicyDocument.Statement {
		for _, resource := range statement.Resource {
			pattern := strings.NewReplacer(`\*`, "(?s:.*)", `\?`, "(?s:.)").Replace(regexp.QuoteMeta(resource))
			if strings.Contains(resource, "${") || !regexp.MustCompile("^"+pattern+"$").MatchString(arn) {
				continue
			}
			if statement.Effect == "Deny" {
				return false
			}
			permitted = true
		}
	}
	return permitted
}

func TestUnmetRulesAreDenied(t *testing.T) {
	at := api + "/prod/"
	tests := map[string][]string{ // what a scope is denied
		"read write admin": nil,
		"write admin read": nil,
		"read write":       {at + "*/api/admin*"},
		"read":             {at + "DELETE/api/notes*", at + "PUT/api/notes*", at + "*/api/admin*"},
		"":                 {at + "GET/api/notes*", at + "HEAD/api/notes*", at + "DELETE/api/notes*", at + "PUT/api/notes*", at + "*/api/admin*"},
	}
	for scope, denied := range tests {
		want := statements("Allow", "prod")
		if denied != nil {
			want = append(want, policyStatement{Action: "execute-api:Invoke", Effect: "Deny", Resource: denied})
		}
		got := answerWith(t, parseRules(t, routeRules), scope, asked(t, "GET", "/other"))
		if !reflect.DeepEqual(got.PolicyDocument.Statement, want) {
			t.Errorf("%q: got %+v, want %+v", scope, got.PolicyDocument.Statement, want)
		}
	}
}

// Whichever request was asked about first, the answer is right for all others.
func TestPolicyIsRightForEveryRoute(t *testing.T) {
	rs := parseRules(t, routeRules)
	var requests [][2]string
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE"} {
		for _, path := range []string{"/", "/api/health", "/api/notes", "/api/notes/1/a", "/api/admin", "/api/admin/users", "/other", "/x/api/notes"} {
			requests = append(requests, [2]string{method, path})
		}
	}
	for _, scope := range []string{"", "read", "write", "read write", "admin", "read write admin"} {
		granted, _ := oauth.ParseScope(scope)
		for _, first := range requests {
			policy := answerWith(t, rs, scope, asked(t, first[0], first[1]))
			for _, next := range requests {
				want := rs.Judge(next[0], next[1], granted) == nil
				if got := policy.allows(api + "/prod/" + next[0] + next[1]); got != want {
					t.Fatalf("%q: the policy of %v has %v for %v, want %v", scope, first, got, next, want)
				}
			}
		}
	}
}

func TestWhatAnInsufficientScopeIsTold(t *testing.T) {
	rs := parseRules(t, routeRules)
	for _, test := range []struct{ method, path, scope, reason string }{
		{"DELETE", "/api/notes/1", "read", "the token lacks scope that is needed here: write"},
		{"GET", "/other", "read", "the token lacks scope that is needed here: write admin"}, // for requests that the policy is reused for
		{"GET", "/other", "read write admin", ""},
	} {
		got := answerWith(t, rs, test.scope, asked(t, test.method, test.path))
		reason, ok := got.Context["reason"]
		if ok != (test.reason != "") || ok && (reason != test.reason || got.Context["error"] != "insufficient_scope") {
			t.Errorf("%s %s: got %v, want %q", test.method, test.path, got.Context, test.reason)
		}
		if got.Context["client"] != "mobile" || got.Context["scope"] != test.scope {
			t.Errorf("%s %s: it is not said who asked: %v", test.method, test.path, got.Context)
		}
	}
}

// A path may need scope in one of its readings and yet match no statement of
// the policy. Then nothing is allowed.
func TestDisguisedPathsAreDenied(t *testing.T) {
	rs := parseRules(t, routeRules)
	for _, path := range []string{"/api/x/../admin", "/api//admin", "/api/%61dmin", "/api/x/%2e%2e/admin", "/API/admin", "/api/notes/%2e%2e/admin",
		"/api/admin;x", "/api/admin/../other", `/api\admin`, "/api/other%00", "/api/x/${aws:username}/../../admin", "/*/../api/admin"} {
		got := answerWith(t, rs, "read write", asked(t, "GET", path))
		if got.allows(api + "/prod/GET" + path) {
			t.Errorf("%q is allowed: %+v", path, got.PolicyDocument)
		}
		if got.Context["error"] != "insufficient_scope" || got.Context["reason"] != "the token lacks scope that is needed here: admin" {
			t.Errorf("%q: %v", path, got.Context)
		}
	}
}

// The path that a function sees and the one that API Gateway compares may
// differ; both have to be within the scope.
func TestBothPathsAreJudged(t *testing.T) {
	for _, paths := range [][2]string{{"/api/admin", "/other"}, {"/other", "/api/admin"}} {
		event := editEvent(t, "rest-authorizer", func(event map[string]any) {
			event["methodArn"], event["path"] = api+"/prod/GET"+paths[0], paths[1]
			event["resource"], event["pathParameters"] = "", nil
			event["requestContext"].(map[string]any)["path"] = "/prod" + paths[1]
		})
		got := answerWith(t, parseRules(t, routeRules), "read write", event)
		if got.allows(api+"/prod/GET/api/admin") || got.allows(api+"/prod/GET"+paths[0]) {
			t.Errorf("%v: %+v", paths, got.PolicyDocument)
		}
	}
}

// A policy that API Gateway might not take is one for this request alone, or
// for none where that can't be said.
func TestTooManyRulesForAPolicy(t *testing.T) {
	var text []string
	for i := range rules.MaxRules {
		text = append(text, fmt.Sprintf("GET,PUT /r%d w", i))
	}
	for name, rs := range map[string]rules.Rules{"many": parseRules(t, strings.Join(text, ";")),
		"long": parseRules(t, "GET,PUT /r1 w; * /"+strings.Repeat("a", 500)+" w")} {
		got := answerWith(t, rs, "read", asked(t, "GET", "/x"))
		if !got.allows(api+"/prod/GET/x") || got.allows(api+"/prod/GET/r1") || got.allows(api+"/prod/GET/y") || got.allows(api+"/prod/PUT/x") {
			t.Errorf("%s: %+v", name, got.PolicyDocument)
		}
		for _, path := range []string{"/r1", "/r1/", "/*", "/?", "/r?", "/${aws:x}", "/" + strings.Repeat("x", 512)} {
			got := answerWith(t, rs, "read", asked(t, "GET", path))
			if want := statements("Deny", "prod"); !reflect.DeepEqual(got.PolicyDocument.Statement, want) || got.Context["error"] != "insufficient_scope" {
				t.Errorf("%s, %s: %+v, want all denied", name, path, got)
			}
		}
		got = answerWith(t, rs, "w", asked(t, "GET", "/*"))
		if want := statements("Allow", "prod"); !reflect.DeepEqual(got.PolicyDocument.Statement, want) {
			t.Errorf("%s: with scope %+v", name, got.PolicyDocument)
		}
	}
}

// A route that is public has no authorizer; where there is one, it asks for
// credentials.
func TestPublicRulesNeedCredentialsHere(t *testing.T) {
	g, _ := newGateway(t, "")
	g.Rules = parseRules(t, "* /* public")
	refusal := oauth.Refuse(oauth.Unauthorized(oauth.InvalidToken, "no credentials"))
	if _, err := g.Authorizer(answering(refusal)).Invoke(context.Background(), asked(t, "GET", "/x")); !errors.Is(err, apigateway.ErrUnauthorized) {
		t.Error(err)
	}
}

// The ARNs of an HTTP API may have a stage or base path before the route's.
func TestRulesOfAnHTTPAPI(t *testing.T) {
	tests := []struct{ event, stage, rules, denied, allowed string }{
		{"http-authorizer", "$default", "GET /api/7 admin", "GET/api/7 GET/v1/api/7", "GET/api/8 PUT/api/7"},
		{"http-authorizer", "$default", "GET /api/8 admin", "GET/api/8 GET/v1/api/8", "GET/api/7 PUT/api/8"},
		{"http-authorizer", "$default", "GET /7 admin", "GET/7 GET/v1/7 GET/api/8", "GET/api/7"}, // this request alone
		{"http-authorizer-stage", "prod", "* /me admin", "GET/prod/me PUT/prod/me GET/me", "GET/prod/other GET/prod/me/a"},
		{"http-authorizer-stage", "prod", "* /other* admin", "GET/prod/other GET/other", "GET/prod/me"},
	}
	for _, test := range tests {
		got := answerWith(t, parseRules(t, test.rules), "read", readEvent(t, test.event))
		for path := range strings.FieldsSeq(test.denied) {
			if got.allows(api + "/" + test.stage + "/" + path) {
				t.Errorf("%s, %s: %s is allowed: %+v", test.event, test.rules, path, got.PolicyDocument)
			}
		}
		for path := range strings.FieldsSeq(test.allowed) {
			if !got.allows(api + "/" + test.stage + "/" + path) {
				t.Errorf("%s, %s: %s is denied: %+v", test.event, test.rules, path, got.PolicyDocument)
			}
		}
	}
}

// What a refresh narrowed a token to is what counts.
func TestScopeOfTheToken(t *testing.T) {
	verdict := allowed
	verdict.Session.AccessScope = []string{"read"}
	g, log := newGateway(t, "")
	g.Rules = parseRules(t, routeRules)
	out, err := g.Authorizer(answering(verdict)).Invoke(context.Background(), asked(t, "PUT", "/api/notes"))
	if err != nil || decodeJSON[policyAnswer](t, out).allows(api+"/prod/PUT/api/notes") {
		t.Errorf("%s, %v", out, err)
	}
	wantAttrs(t, logLine(t, log.String()), map[string]any{"level": "INFO", "msg": "refused", "duration_ms": 1.5, "status": 403.0,
		"request_id": logLine(t, log.String())["request_id"], "method": "PUT", "route": "/api/notes", "error": "insufficient_scope",
		"description": "the token lacks scope that is needed here: write",
		"client":      "mobile", "user": "u-alice", "session": sessionID.String(), "protocol": "oauth2"})
}

// What the gateway responses need does not confuse the function behind.
func TestContextWithReasonReachesTheCaller(t *testing.T) {
	policy := answerWith(t, parseRules(t, routeRules), "read", asked(t, "GET", "/other"))
	event := editEvent(t, "rest-proxy-authorized", func(event map[string]any) {
		policy.Context["expiry"] = "1728999482"
		event["requestContext"].(map[string]any)["authorizer"] = policy.Context
	})
	g, _ := newGateway(t, "")
	if got := requestOf(t, g, event).Caller; got == nil || got.Client != "mobile" || !reflect.DeepEqual(got.Scope, []string{"read"}) {
		t.Errorf("got %+v", got)
	}
}

// FuzzScoped holds that the answer to a request denies that request wherever
// the rules refuse it, and that no Resource is longer than API Gateway takes.
func FuzzScoped(f *testing.F) {
	for _, path := range []string{"/api/admin", "/api/notes/1", "/api//admin", "/api/admin/../x", "/api/x/%2e%2e/admin", "/*", "/?", "/${a}", "/api/admin/..", "/é", "/" + strings.Repeat("a", 600)} {
		f.Add("GET", path, "read")
		f.Add("DELETE", path, "")
	}
	rs := parseRules(f, routeRules)
	f.Fuzz(func(t *testing.T, method, path, scope string) {
		granted, ok := oauth.ParseScope(scope)
		if !ok || method == "" || strings.Contains(method, "/") || !strings.HasPrefix(path, "/") {
			return
		}
		event := asked(t, method, path)
		r := requestOf(t, &apigateway.Gateway{Log: discard(), Clock: clock}, event)
		got := answerWith(t, rs, scope, event)
		if rs.Judge(r.Method, r.Route, granted) != nil && got.allows(api+"/prod/"+r.Method+r.Route) {
			t.Errorf("%q %q with %q is allowed: %+v", r.Method, r.Route, scope, got.PolicyDocument)
		}
		for _, statement := range got.PolicyDocument.Statement {
			for _, resource := range statement.Resource {
				if len(resource) > 512 {
					t.Errorf("resource %q", resource)
				}
			}
		}
	})
}
