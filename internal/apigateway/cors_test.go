package apigateway_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

func preflightEvent(t *testing.T, headers map[string][]string) []byte {
	t.Helper()
	return editEvent(t, "rest-proxy-form", func(event map[string]any) {
		event["httpMethod"] = "OPTIONS"
		event["multiValueHeaders"] = headers
		event["body"] = nil
	})
}

// A preflight never reaches the function's own code: it has no credentials.
func TestPreflight(t *testing.T) {
	g, _ := newGateway(t, "")
	g.AllowedOrigin = "https://app.example.com"
	for asked, want := range map[string]string{
		"x-custom,authorization": "x-custom,authorization",
		"":                       "Authorization, Content-Type, DPoP",
		"a\r\nSet-Cookie: b":     "Authorization, Content-Type, DPoP",
	} {
		headers := map[string][]string{"origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"PUT"}}
		if asked != "" {
			headers["access-control-request-headers"] = []string{asked}
		}
		got := invokeProxy(t, g, preflightEvent(t, headers), serving(oauth.Response{Status: 401}))
		if got.StatusCode != 204 || got.Body != "" || got.Headers["Access-Control-Allow-Headers"] != want ||
			!strings.Contains(got.Headers["Access-Control-Allow-Methods"], "PUT") || got.Headers["Access-Control-Max-Age"] != "600" ||
			got.Headers["Access-Control-Allow-Origin"] != "https://app.example.com" ||
			!reflect.DeepEqual(got.MultiValueHeaders["Vary"], []string{"Access-Control-Request-Headers", "Origin"}) {
			t.Errorf("%q: %+v", asked, got)
		}
	}
}

// Other OPTIONS requests are the function's, and without an AllowedOrigin all
// are.
func TestNoPreflight(t *testing.T) {
	g, _ := newGateway(t, "")
	g.AllowedOrigin = "*"
	plain := invokeProxy(t, g, preflightEvent(t, map[string][]string{"Origin": {"https://a.example"}}), serving(oauth.Response{Status: 401}))
	g.AllowedOrigin = ""
	closed := invokeProxy(t, g, preflightEvent(t, map[string][]string{"Origin": {"x"}, "Access-Control-Request-Method": {"PUT"}}), serving(oauth.Response{Status: 401}))
	if plain.StatusCode != 401 || closed.StatusCode != 401 || closed.Headers["Access-Control-Allow-Origin"] != "" {
		t.Errorf("got %+v and %+v", plain, closed)
	}
}

// What an answer says of who may read it stays.
func TestOriginOfTheAnswer(t *testing.T) {
	g, _ := newGateway(t, "")
	g.AllowedOrigin = "*"
	header := http.Header{"Access-Control-Allow-Origin": {"https://a.example"}, "Access-Control-Allow-Credentials": {"true"}}
	got := invokeProxy(t, g, readEvent(t, "rest-proxy-form"), serving(oauth.Response{Status: 200, Header: header}))
	want := map[string]string{"Access-Control-Allow-Origin": "https://a.example", "Access-Control-Allow-Credentials": "true"}
	if !reflect.DeepEqual(got.Headers, want) {
		t.Errorf("headers %v", got.Headers)
	}
}
