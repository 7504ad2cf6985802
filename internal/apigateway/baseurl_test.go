package apigateway_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
)

func TestParseBaseURL(t *testing.T) {
	tests := map[string]string{
		"https://api.example.com":           "https://api.example.com",
		"https://API.Example.com:443/v1/":   "https://api.example.com/v1",
		"http://127.0.0.1:8080":             "http://127.0.0.1:8080",
		"http://[::1]:80/":                  "http://[::1]",
		"https://api.example.com:80/a%2Fb/": "https://api.example.com:80/a%2Fb",
	}
	for text, want := range tests {
		base, err := apigateway.ParseBaseURL(text)
		if err != nil || base.String() != want {
			t.Errorf("%s: got %v, %v, want %s", text, base, err, want)
		}
	}
}

func TestParseBaseURLErrors(t *testing.T) {
	tests := map[string]string{
		"":                               "begin with https://",
		"api.example.com/v1":             "begin with https://",
		"ftp://api.example.com":          "begin with https://",
		"https:///v1":                    "no host",
		"https:api.example.com":          "no host",
		"https://:8080":                  "no host",
		"https://u:hunter2@example.com":  "a user",
		"https://u:hunter2@exa mple.com": "can't be parsed",
		"https://example.com?":           "a query",
		"https://example.com/?a=b":       "a query",
		"https://example.com/#":          "a fragment",
		"https://example.com/%zz":        "can't be parsed",
	}
	for text, want := range tests {
		_, err := apigateway.ParseBaseURL(text)
		if !errors.Is(err, apigateway.ErrBaseURL) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error shows the password", text)
		}
	}
}

func TestPlainHTTP(t *testing.T) {
	gateway, _ := newGateway(t, "")
	gateway.PlainHTTP = true
	event := editEvent(t, "rest-proxy-form", func(event map[string]any) {
		event["requestContext"].(map[string]any)["domainName"] = "LocalHost:80"
	})
	var got string
	_, err := gateway.Proxy(func(_ context.Context, r *oauth.Request) (oauth.Response, error) {
		got = r.Scheme + "://" + r.Host
		return oauth.Response{Status: 200}, nil
	})(t.Context(), event)
	if want := "http://localhost"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
