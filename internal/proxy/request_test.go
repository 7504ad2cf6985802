package proxy

import (
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/signing"
)

// What the backend reads is what was sent: bytes that other clients would
// escape, and escapes that others would decode.
func TestByteForByte(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	for _, test := range []struct{ method, target, body string }{
		{"GET", "/api/notes", ""},
		{"GET", "/api/", ""},
		{"GET", "/api/a%2Fb%2fc/%C3%BC/ü+~;v=1@:,'()*!$&=", ""},
		{"GET", "/api//a///b/", ""},
		{"GET", `/api/"<>|^{}[]` + "`", ""},
		{"GET", "/api/%zz/%", ""},
		{"GET", "/api/a%252e%252e/...", ""},
		{"GET", "/api/x?a=1&a=2&&b=&c&=d&%61=%2B+%20", ""},
		{"GET", "/api/x?a='\"<>[]{}|^`ü", ""},
		{"DELETE", "/api/x", ""},
		{"DELETE", "/api/x", "why"},
		{"GET", "/api/x", "a body"},
		{"OPTIONS", "/api/x", ""},
		{"POST", "/api/x", ""},
		{"POST", "/api/x", "\x00\xff\r\n\r\nGET / HTTP/1.1\r\n\r\n"},
		{"PUT", "/api/x", strings.Repeat("0123456789", 100_000)},
		{"PATCH", "/api/x", "{}"},
		{"PROPFIND", "/api/x", "<a/>"},
		{"get", "/api/x", ""},
	} {
		h.serve(h.bearer(test.method, test.target, test.body))
		got := w.last()
		if want := test.method + " " + test.target + " HTTP/1.1"; got.line != want || got.body != test.body {
			t.Errorf("got  %s %.40q\nwant %s %.40q", got.line, got.body, want, test.body)
		}
	}
}

// As nginx does with proxy_pass, but that a path needs no slash at its end.
func TestWhereRequestsGo(t *testing.T) {
	for _, test := range []struct{ base, route, want string }{
		{"", "/api/notes/1", "/api/notes/1"},
		{"", "/api/", "/api/"},
		{"/", "/api/notes/1", "/notes/1"},
		{"/", "/api/", "/"},
		{"/", "/api//evil.example/x", "/evil.example/x"},
		{"/", "/api///a%2Fb%20c|", "/a%2Fb%20c|"},
		{"/v1", "/api//x", "/v1//x"},
		{"/v1", "/api/notes/1", "/v1/notes/1"},
		{"/v1/", "/api/notes/1", "/v1/notes/1"},
		{"/v%201//", "/api/a%2Fb", "/v%201/a%2Fb"},
	} {
		w := newWire(t, fine)
		h := newHouse(t, w.url+test.base)
		h.serve(h.bearer("GET", test.route+"?q=1", ""))
		if got := w.last(); got.line != "GET "+test.want+"?q=1 HTTP/1.1" || got.value("Host") != strings.TrimPrefix(w.url, "http://") {
			t.Errorf("%s at %s: got %s of %s, want %s", test.route, test.base, got.line, got.value("Host"), test.want)
		}
	}
}

// Nothing that was verified goes on, and nothing else is touched.
func TestCredentialsAreRemoved(t *testing.T) {
	const query, form = "/api/x?b=%7e&a=%2B+&oauth=1&a=&&xoauth_token=2", "c=%7e&d=1+2&oauth=1&&e="
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	token := h.bearerToken()
	for name, test := range map[string]struct {
		r                *oauth.Request
		target, protocol string
		body             string
	}{
		"bearer header":       {h.bearer("POST", query, form, "Content-Type", formType), query, "oauth2", form},
		"bearer in a form":    {newRequest("POST", query, "access_token="+token+"&"+form, "Content-Type", formType), query, "oauth2", form},
		"bearer in its midst": {newRequest("PUT", query, "a=1&access%5Ftoken="+token+"&b=2", "Content-Type", formType+"; charset=utf-8"), query, "oauth2", "a=1&b=2"},
		"bearer form alone":   {newRequest("POST", "/api/x", "access_token="+token, "Content-Type", formType), "/api/x", "oauth2", ""},
		"OAuth 1.0 header":    {h.signed(signing.InHeader, "POST", query, "c=~&d=1"), query, "oauth1", "c=~&d=1"},
		"OAuth 1.0 query":     {h.signed(signing.InQuery, "POST", query, "c=~&oauth_verifier=1"), query, "oauth1", "c=~&oauth_verifier=1"},
		"OAuth 1.0 form":      {h.signed(signing.InBody, "POST", query, "c=~&d=1"), query, "oauth1", "c=~&d=1"},
		"query, nothing else": {h.signed(signing.InQuery, "GET", "/api/x", ""), "/api/x", "oauth1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if response := h.serve(test.r); response.Status != 200 {
				t.Fatalf("status %d: %s", response.Status, response.Body)
			}
			got := w.last()
			if want := test.r.Method + " " + test.target + " HTTP/1.1"; got.line != want || got.body != test.body {
				t.Errorf("got  %s %q\nwant %s %q", got.line, got.body, want, test.body)
			}
			if got.value("Authorization") != "" || got.value("X-OAuth-Protocol") != test.protocol {
				t.Errorf("headers %q", got.header)
			}
			everything := got.line + strings.Join(got.header, "\n") + got.body
			for _, secret := range []string{token, "oauth_signature=", "oauth_nonce", "oauth_token=gth"} {
				if strings.Contains(everything, secret) {
					t.Errorf("the backend saw %s", secret)
				}
			}
		})
		h = newHouse(t, w.url) // nonces are spent
	}
}

// What is no credential of this request stays: oauth_verifier of a callback on
// a public path, or access_token of a signed form.
func TestParametersThatAreNoCredentials(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url).rules("* /api/callback public")
	h.serve(newRequest("GET", "/api/callback?oauth_token=a&oauth_verifier=b", ""))
	if got := w.last(); got.line != "GET /api/callback?oauth_token=a&oauth_verifier=b HTTP/1.1" {
		t.Errorf("got %s", got.line)
	}
	h.serve(h.signed(signing.InHeader, "POST", "/api/x", "access_token=mine"))
	if got := w.last(); got.body != "access_token=mine" {
		t.Errorf("got %s", got.body)
	}
}

// A digest of a body that lost its credentials would be wrong.
func TestDigestsOfAChangedBody(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	digest := []string{"Content-Digest", "sha-256=:x:", "Content-Md5", "x", "Content-Type", formType}
	h.serve(newRequest("POST", "/api/x", "access_token="+h.bearerToken()+"&a=1", digest...))
	if got := w.last(); got.value("Content-Digest")+got.value("Content-MD5") != "" || got.value("Content-Length") != "3" {
		t.Errorf("changed: %q", got.header)
	}
	h.serve(h.bearer("POST", "/api/x", "a=1", digest...))
	if got := w.last(); got.value("Content-Digest") == "" || got.value("Content-MD5") == "" {
		t.Errorf("unchanged: %q", got.header)
	}
}

// FuzzCutPairs: cutting nothing is the identity, and what is cut is what a
// decoder would have found.
func FuzzCutPairs(f *testing.F) {
	for _, seed := range []string{"", "&", "a=1&access_token=x&b", "access%5ftoken=1", "access_token", "=access_token", "a=%zz&access_token=&&", "access_token=1;a=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := cutPairs(text, func(string) bool { return false }); got != text {
			t.Errorf("%q became %q", text, got)
		}
		before, err := oauth.ParseForm(text)
		if err != nil {
			return
		}
		after, err := oauth.ParseForm(cutPairs(text, func(name string) bool { return name == "access_token" }))
		if err != nil || after.Has("access_token") || len(before)-before.Count("access_token") != len(after) {
			t.Errorf("%q: %v became %v, %v", text, before, after, err)
		}
	})
}
