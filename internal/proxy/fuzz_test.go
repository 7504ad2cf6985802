package proxy

import (
	"bufio"
	"bytes"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// odd are requests: method, route, query, name and value of a header, body.
var odd = [][6]string{
	{"GET", "/api/x", "a=1&b=%20+", "X-Custom", "v\t1", ""},
	{"POST", "/api/", "", "Content-Length", "3", "abc"},
	{"POST", "/api/a%2Fb;v=1", "?&&", "Transfer-Encoding", "chunked", "0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n"},
	{"PATCH", "/api/%zz/~+@", "%zz", "X_OAuth.User_Id", "root", "access_token=x&a=1"},
	{"GET", "/api/..%2f..%5cadmin", "", "Host", "evil.example", ""},
	{"GET", "/api/x/%2e%2e;a/y", "#", "X-A\r\nX-B", "b", ""},
	{"GET", "/api//\\evil.example/x", "q=http://a/../b", "Forwarded", "for=1", ""},
	{"get", "/api/%25%32%65%25%32%65/x", "a b", "Connection", "X-Forwarded-For, X-Custom", "\x00\xff"},
	{"GET", "/api/x?y", "", "X-A", "a", ""},
	{"GET", "/api/x", "", "X-A", "a\r\n b", ""},
	{"M-SEARCH", "/api/\u00e9", "\u00e9", "X-A", "\u00e9", ""},
}

// FuzzCarried holds that what is admitted is one request on the wire, read
// there byte by byte, with the method, path, query, header and body that were
// sent, below Prefix in each way that a backend may read the path, and with an
// identity that nobody but the proxy wrote.
func FuzzCarried(f *testing.F) {
	for _, seed := range odd {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5])
	}
	h := newHouse(f, "http://backend.example:8080")
	session := sessionBy(oauth.OAuth2)
	f.Fuzz(func(t *testing.T, method, route, query, name, value, body string) {
		r := newRequest(method, "/api/", body, "Authorization", "Bearer "+h.bearerToken())
		r.Route, r.Path, r.RawQuery = route, "/prod"+route, query
		if key := http.CanonicalHeaderKey(name); key != "Authorization" {
			r.Header[key] = []string{value}
		}
		if params, err := oauth.ParseForm(query); err == nil {
			r.Query = params
		}
		if admit(r) != nil {
			return
		}
		out, err := h.request(r, &session)
		if err != nil {
			t.Fatal(err)
		}
		var wire bytes.Buffer
		if err := out.Write(&wire); err != nil {
			t.Fatalf("%q can't be written: %v", route, err)
		}
		sent := wire.String()
		reader := bufio.NewReader(&wire)
		got, err := readWire(reader)
		if err != nil || reader.Buffered() > 0 || wire.Len() > 0 {
			t.Fatalf("%q is not one request: %v", sent, err)
		}
		sameRequest(t, r, got)
		sameHeaders(t, r, got, name)
		staysBelow(t, route)
	})
}

func sameRequest(t *testing.T, r *oauth.Request, got wireRequest) {
	t.Helper()
	target := r.Route
	if r.RawQuery != "" {
		target += "?" + r.RawQuery
	}
	if want := r.Method + " " + target + " HTTP/1.1"; got.line != want {
		t.Fatalf("the line is %q, want %q", got.line, want)
	}
	if got.body != string(r.Body) {
		t.Fatalf("the body is %q, want %q", got.body, r.Body)
	}
}

func sameHeaders(t *testing.T, r *oauth.Request, got wireRequest, name string) {
	t.Helper()
	for _, line := range got.header {
		if key, _, ok := strings.Cut(line, ": "); !ok || !isToken(key) || strings.ContainsAny(line, "\r\n\x00") {
			t.Fatalf("header %q", line)
		}
	}
	key := http.CanonicalHeaderKey(name)
	if values := got.values(key); len(values) > 0 && key != "User-Agent" && !slices.Contains(proxied(), key) && values[0] != strings.Trim(r.Header[key][0], " \t") {
		t.Fatalf("%s is %q, was %q", key, values, r.Header[key])
	}
	for name, want := range map[string]string{"Host": "backend.example:8080", "X-Oauth-User-Id": "u%201", "X-Oauth-Client-Id": "mobile", "X-Oauth-Scope": "read write",
		"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Host": "api.example.com", "X-Forwarded-Proto": "https"} {
		if values := got.values(name); len(values) != 1 || values[0] != want {
			t.Fatalf("%s is %q, want %s", name, values, want)
		}
	}
	length := got.values("Content-Length")
	if len(got.values("Transfer-Encoding")) > 0 || len(length) > 1 || len(length) == 1 && length[0] != strconv.Itoa(len(r.Body)) {
		t.Fatalf("the length is %q", length)
	}
}

// proxied are the headers that the proxy writes or adds to.
func proxied() []string {
	return []string{"Host", "Via", "Cookie", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "Content-Length",
		"X-Oauth-User-Id", "X-Oauth-User-Name", "X-Oauth-Client-Id", "X-Oauth-Scope", "X-Oauth-Session", "X-Oauth-Protocol", "X-Oauth-Assertion"}
}

// staysBelow resolves a route as backends do.
func staysBelow(t *testing.T, route string) {
	t.Helper()
	readings := []string{route}
	if decoded, err := url.PathUnescape(route); err == nil {
		readings = append(readings, decoded)
	}
	for _, reading := range readings {
		for _, text := range []string{reading, strings.ReplaceAll(reading, `\`, "/")} {
			if cleaned := path.Clean(text); cleaned != "/api" && !strings.HasPrefix(cleaned, Prefix) {
				t.Fatalf("%q leads to %q", route, cleaned)
			}
		}
	}
}

// FuzzUpstream holds that an upstream that is taken can be written and read
// again, and that paths stay below its own.
func FuzzUpstream(f *testing.F) {
	for _, seed := range []string{"https://backend.example.com", "http://Backend:80/v1//", "http://[::1]:8/a%2Fb", "http://a/../b", "http://u:p@a", "http://a?b", "//a", "https://a/%2e%2e/"} {
		f.Add(seed, "/api/x")
		f.Add(seed, "/api/")
	}
	f.Fuzz(func(t *testing.T, text, route string) {
		upstream, err := ParseUpstream(text)
		if err != nil || !strings.HasPrefix(route, Prefix) {
			return
		}
		again, err := ParseUpstream(upstream.String())
		if err != nil || *again != *upstream {
			t.Fatalf("%q is written as %q and read as %+v, %v", text, upstream, again, err)
		}
		target := (&Proxy{Upstream: upstream}).target(route, "").Opaque
		if base := upstream.EscapedPath(); !strings.HasPrefix(target, base) && !strings.HasPrefix(target, "/"+strings.TrimLeft(base, "/")) || strings.HasPrefix(target, "//") {
			t.Fatalf("%q of %q is at %q", route, text, target)
		}
	})
}
