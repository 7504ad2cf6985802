package apigateway_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
)

// seed adds the events whose file names begin with prefix; there must be some.
func seed(f *testing.F, prefix string) {
	f.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", prefix+"*.json"))
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds called %s: %v", prefix, err)
	}
	for _, name := range names {
		event, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(event)
	}
}

func FuzzRESTProxy(f *testing.F)      { fuzzProxy(f, "rest-proxy") }
func FuzzHTTPProxy(f *testing.F)      { fuzzProxy(f, "http-proxy") }
func FuzzFunctionURL(f *testing.F)    { fuzzProxy(f, "function-url") }
func FuzzRESTAuthorizer(f *testing.F) { fuzzAuthorizer(f, "rest-authorizer") }
func FuzzHTTPAuthorizer(f *testing.F) { fuzzAuthorizer(f, "http-authorizer") }
func FuzzOtherEvents(f *testing.F)    { fuzzAuthorizer(f, "token") }

// FuzzFields puts what a client chooses into otherwise sound events, since few
// changed bytes leave an event that can be decoded.
func FuzzFields(f *testing.F) {
	f.Add("/prod/api/a%2Fb", "/api/{proxy+}", "a/b", "a=1&a=%2B", "X-Forwarded-Host", "evil.example", "AP8=", "2001:db8::7%eth0")
	f.Add("//x", "/x", "", "%FF", "authorization", "Bearer \x00", "", "::ffff:192.0.2.1")
	f.Add("/a b?c#d", "$default", "", "&&=&", "cookie", "a=\r\nb", "!", "")
	f.Fuzz(func(t *testing.T, path, template, greedy, query, name, value, body, source string) {
		set := func(event map[string]any) {
			gateway := event["requestContext"].(map[string]any)
			event["path"], event["rawPath"], gateway["path"] = path, path, path
			event["resource"], event["routeKey"] = template, "GET "+template
			event["pathParameters"] = map[string]string{"proxy": greedy, "id": greedy}
			event["rawQueryString"], event["multiValueQueryStringParameters"] = query, map[string]any{name: []string{value}}
			event["headers"] = map[string]string{name: value}
			if event["version"] == nil {
				event["multiValueHeaders"] = map[string][]string{name: {value, body}, strings.ToLower(name): {value}}
			}
			event["body"], gateway["identity"] = body, map[string]any{"sourceIp": source}
			gateway["authorizer"] = map[string]any{"client": value, "session": body, "expiry": source, "protocol": name}
		}
		for _, kind := range []string{"rest-proxy-base64", "http-proxy", "function-url"} {
			proxyNeverBreaks(t, editEvent(t, kind, set))
		}
		for _, kind := range []string{"rest-authorizer", "http-authorizer"} {
			authorizerNeverBreaks(t, editEvent(t, kind, set))
		}
	})
}

func fuzzProxy(f *testing.F, prefix string) {
	seed(f, prefix)
	f.Fuzz(proxyNeverBreaks)
}

func fuzzAuthorizer(f *testing.F, prefix string) {
	seed(f, prefix)
	f.Fuzz(authorizerNeverBreaks)
}

// proxyNeverBreaks holds that an event is either refused as none or answered,
// and that what serve sees keeps the promises of oauth.Request.
func proxyNeverBreaks(t *testing.T, event []byte) {
	g, log := newGateway(t, "")
	handler := g.Proxy(func(_ context.Context, r *oauth.Request) (oauth.Response, error) {
		checkRequest(t, r)
		return oauth.Response{Status: 200, Header: r.Header, Body: r.Body}, nil
	})
	out, err := handler.Invoke(context.Background(), event)
	if strings.Contains(log.String(), "panic") {
		t.Fatal(log)
	}
	if err == nil {
		decodeJSON[proxyAnswer](t, out)
	} else if !errors.Is(err, apigateway.ErrNotJSON) && !errors.Is(err, apigateway.ErrNotProxy) {
		t.Fatal(err)
	}
}

// authorizerNeverBreaks holds that a refusal never becomes an Allow.
func authorizerNeverBreaks(t *testing.T, event []byte) {
	g, log := newGateway(t, "")
	ctx := context.Background()
	out, err := g.Authorizer(func(_ context.Context, r *oauth.Request) (oauth.Verdict, error) {
		checkRequest(t, r)
		return oauth.Verdict{Session: allowed.Session}, nil
	}).Invoke(ctx, event)
	if err == nil || out != nil || strings.Contains(log.String(), "panic") {
		t.Fatalf("the zero verdict made %s: %s", out, log)
	}
	out, err = g.Authorizer(answering(allowed)).Invoke(ctx, event)
	if err == nil {
		checkResource(t, decodeJSON[policyAnswer](t, out))
	}
}

func checkResource(t *testing.T, policy policyAnswer) {
	t.Helper()
	resource := policy.PolicyDocument.Statement[0].Resource[0]
	if !strings.HasSuffix(resource, "/*/*") || strings.Count(resource, "*") != 2 || len(resource) > 512 {
		t.Errorf("resource %s", resource)
	}
}

func checkRequest(t *testing.T, r *oauth.Request) {
	t.Helper()
	switch {
	case r.Method == "" || r.Scheme != "https" || r.Host != strings.ToLower(r.Host):
	case !strings.HasPrefix(r.Path, "/") || !strings.HasPrefix(r.Route, "/") || strings.HasPrefix(r.Route, "//"):
	case len(r.Query) > oauth.MaxParams:
	case r.Caller != nil && r.Caller.Client == "":
	case r.Source.Zone() != "" || r.Source.Is4In6():
	default:
		for name := range r.Header {
			if name != http.CanonicalHeaderKey(name) {
				t.Errorf("header %q", name)
			}
		}
		return
	}
	t.Errorf("%+v", r)
}
