package deployment_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse"
	"gatehouse/internal/flowtest"
	"gatehouse/internal/local"
	"gatehouse/internal/memory"
	"gatehouse/internal/oauth/seal"
)

func TestRulesOnBothProtocols(t *testing.T) {
	for _, stage := range []string{"", "prod"} {
		keys, err := seal.ParseKeyring([]byte(flowKeyring))
		if err != nil {
			t.Fatal(err)
		}
		s := memory.New()
		target := flowtest.Register(t, s, keys)
		target.URL = flowtest.Serve(t, stage, func(baseURL string) map[string]local.Handler {
			return functions(t, s, keys, map[string]string{"PUBLIC_BASE_URL": baseURL, "ROUTE_SCOPES": flowtest.RouteScopes})
		})
		flowtest.RunRules(t, target)
	}
}

// cached is the template with an authorizer whose results are kept, and that
// is in front of the same functions; asked counts its events.
type cached struct {
	t       *testing.T
	handler http.Handler
	client  flowtest.Client
	asked   int
}

func newCached(t *testing.T, routeRules string) *cached {
	t.Helper()
	const fresh = "Identity: { ReauthorizeEvery: 0 }"
	template := strings.Replace(string(gatehouse.Template), fresh,
		"Identity: { Headers: [Authorization, User-Agent], Context: [identity.sourceIp], ReauthorizeEvery: 300 }", 1)
	if template == string(gatehouse.Template) {
		t.Fatalf("the template has no %s", fresh)
	}
	keys, err := seal.ParseKeyring([]byte(flowKeyring))
	if err != nil {
		t.Fatal(err)
	}
	s := memory.New()
	c := &cached{t: t, client: flowtest.Register(t, s, keys).Client}
	made := functions(t, s, keys, map[string]string{"ROUTE_SCOPES": routeRules})
	made["functions/authorizer"] = counting{made["functions/authorizer"], &c.asked}
	c.handler, err = local.New([]byte(template), made, local.Options{Log: local.NewLog(new(bytes.Buffer), time.Now), Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type counting struct {
	local.Handler
	events *int
}

func (c counting) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	*c.events++
	return c.Handler.Invoke(ctx, event)
}

func (c *cached) send(method, path, token string, form url.Values) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("User-Agent", "test")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer := httptest.NewRecorder()
	c.handler.ServeHTTP(answer, r)
	return answer
}

func (c *cached) signIn(scope string) string {
	c.t.Helper()
	answer := c.send("POST", "/oauth/token", "", url.Values{"grant_type": {"password"}, "username": {"alice"}, "password": {"correct horse"},
		"client_id": {c.client.ID}, "client_secret": {c.client.Secret}, "scope": {scope}})
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &tokens); err != nil || tokens.AccessToken == "" {
		c.t.Fatalf("%s, %v", answer.Body, err)
	}
	return tokens.AccessToken
}

// A policy that is kept gives each route its own answer, whichever of them it
// was made for.
func TestKeptPolicyFitsEveryRoute(t *testing.T) {
	type request struct {
		method, path string
		status       int
	}
	requests := []request{{"GET", "/oauth/session", 200}, {"GET", "/oauth/sessions", 200}, {"DELETE", "/oauth/sessions/none", 403},
		{"DELETE", "/oauth/sessions", 403}}
	c := newCached(t, "DELETE /oauth/sessions* write; * /oauth/session* read")
	for first := range requests {
		token := c.signIn("read")
		c.asked = 0
		for i := range requests {
			next := requests[(first+i)%len(requests)]
			answer := c.send(next.method, next.path, token, nil)
			if answer.Code != next.status {
				t.Errorf("%s %s after %v: status %d, want %d: %s", next.method, next.path, requests[first], answer.Code, next.status, answer.Body)
			}
			const refusal = `{"error":"insufficient_scope","error_description":"the token lacks scope that is needed here: write"}`
			if next.status == http.StatusForbidden && answer.Body.String() != refusal {
				t.Errorf("%s %s after %v: %s", next.method, next.path, requests[first], answer.Body)
			}
		}
		if c.asked != 1 {
			t.Errorf("the authorizer was asked %d times, want once", c.asked)
		}
	}
	if answer := c.send("DELETE", "/oauth/sessions/none", c.signIn("read write"), nil); answer.Code != http.StatusNotFound {
		t.Errorf("another token is answered by the policy of the first: %d, %s", answer.Code, answer.Body)
	}
}
