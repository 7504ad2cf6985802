package apigateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
)

// APIs that share an authorizer have addresses of their own: the stage's
// variable goes before the setting, and one API's says nothing of another's.
func TestStageBaseURL(t *testing.T) {
	for name, want := range map[string]string{
		"rest-proxy-form": "https://cdn.example.com/v2/oauth/access_token",
		"rest-authorizer": "https://cdn.example.com/v2",
		"http-authorizer": "https://cdn.example.com/v2",
		"http-proxy":      "https://cdn.example.com/v2",
	} {
		event := editEvent(t, name, func(event map[string]any) {
			event["stageVariables"] = map[string]any{"PUBLIC_BASE_URL": "https://CDN.example.com:443/v2/", "other": "x"}
		})
		for _, setting := range []string{"", "https://another.example.com"} {
			g, _ := newGateway(t, setting)
			r := requestOf(t, g, event)
			if got := r.Scheme + "://" + r.Host + r.Path; !strings.HasPrefix(got, want) {
				t.Errorf("%s with setting %q: %s, want %s…", name, setting, got, want)
			}
		}
	}
}

// A wrong one is the owner's to mend: nothing is served by it.
func TestWrongStageBaseURL(t *testing.T) {
	for _, name := range []string{"rest-proxy-form", "rest-authorizer", "http-authorizer", "http-proxy"} {
		event := editEvent(t, name, func(event map[string]any) {
			event["stageVariables"] = map[string]any{"PUBLIC_BASE_URL": "cdn.example.com"}
		})
		g, log := newGateway(t, "")
		serve := func(context.Context, *oauth.Request) (oauth.Response, error) { return oauth.Response{Status: 200}, nil }
		check := func(context.Context, *oauth.Request) (oauth.Verdict, error) { return allowed, nil }
		handler := g.Proxy(serve)
		if strings.HasSuffix(name, "authorizer") {
			handler = g.Authorizer(check)
		}
		answer, err := handler(t.Context(), event)
		if !errors.Is(err, apigateway.ErrBaseURL) || answer != nil || !strings.Contains(log.String(), "stage variable PUBLIC_BASE_URL") {
			t.Errorf("%s: %s, %v, log %s", name, answer, err, log)
		}
	}
}

// Web pages may read answers, faults among them, where the operator lets them.
func TestAllowedOrigin(t *testing.T) {
	for origin, vary := range map[string]string{"": "", "*": "", "https://app.example.com": "Origin"} {
		for _, fault := range []error{nil, errors.New("broken")} {
			g, _ := newGateway(t, "")
			g.AllowedOrigin = origin
			serve := func(context.Context, *oauth.Request) (oauth.Response, error) {
				return oauth.Response{Status: 200}, fault
			}
			answer, err := g.Proxy(serve)(t.Context(), readEvent(t, "rest-proxy-form"))
			var got struct {
				Headers http.Header       `json:"multiValueHeaders"`
				Single  map[string]string `json:"headers"`
			}
			if err != nil || json.Unmarshal(answer, &got) != nil {
				t.Fatalf("%s, %v", answer, err)
			}
			header := func(name string) string { return got.Headers.Get(name) + got.Single[name] }
			if header("Access-Control-Allow-Origin") != origin || header("Vary") != vary ||
				strings.Contains(header("Access-Control-Expose-Headers"), "Retry-After, DPoP-Nonce") != (origin != "") {
				t.Errorf("origin %q, fault %v: %s", origin, fault, answer)
			}
		}
	}
}
