package proxy

import (
	"net/http"
	"strings"
	"testing"
)

// Everything here comes with good credentials, and none of it reaches the
// backend.
func TestRequestsInDoubt(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	for _, test := range []struct {
		name, method, target, body string
		status                     int
		headers                    []string
	}{
		{"CONNECT", "CONNECT", "/api/x", "", 405, nil},
		{"TRACE", "TRACE", "/api/x", "", 405, nil},
		{"trace", "trace", "/api/x", "", 405, nil},
		{"method with a line break", "GET\r\nX: y", "/api/x", "", 400, nil},
		{"method with a space", "GET /admin", "/api/x", "", 400, nil},
		{"no method", "", "/api/x", "", 400, nil},
		{"another route", "GET", "/admin", "", 404, nil},
		{"almost the prefix", "GET", "/apix/y", "", 404, nil},
		{"escaped prefix", "GET", "/%61pi/y", "", 404, nil},
		{"dots", "GET", "/api/../admin", "", 400, nil},
		{"one dot", "GET", "/api/./x", "", 400, nil},
		{"dots at the end", "GET", "/api/x/..", "", 400, nil},
		{"escaped dots", "GET", "/api/%2e%2E/admin", "", 400, nil},
		{"half escaped dots", "GET", "/api/.%2e/admin", "", 400, nil},
		{"escaped slashes", "GET", "/api/x%2f..%2Fadmin", "", 400, nil},
		{"backslashes", "GET", `/api/x\..\admin`, "", 400, nil},
		{"escaped backslashes", "GET", "/api/x%5c..%5Cadmin", "", 400, nil},
		{"path parameters", "GET", "/api/..;a=b/admin", "", 400, nil},
		{"escaped path parameters", "GET", "/api/..%3b/admin", "", 400, nil},
		{"dots beside a broken escape", "GET", "/api/%zz/%2e%2e/admin", "", 400, nil},
		{"dots beside what is not UTF-8", "GET", "/api/%ff/..%2fadmin", "", 400, nil},
		{"space in the path", "GET", "/api/x HTTP/1.1", "", 400, nil},
		{"line break in the path", "GET", "/api/x\r\nX: y", "", 400, nil},
		{"fragment in the path", "GET", "/api/x#y", "", 400, nil},
		{"space in the query", "GET", "/api/x?a HTTP/1.1", "", 400, nil},
		{"line break in the query", "GET", "/api/x?a\r\nX: y", "", 400, nil},
		{"fragment in the query", "GET", "/api/x?a#b", "", 400, nil},
		{"NUL in a value", "GET", "/api/x", "", 400, []string{"X-A", "a\x00b"}},
		{"CR in a value", "GET", "/api/x", "", 400, []string{"X-A", "a\rb"}},
		{"LF in a value", "GET", "/api/x", "", 400, []string{"X-A", "a\nX-OAuth-User-Id: root"}},
		{"folded value", "GET", "/api/x", "", 400, []string{"X-A", "a\r\n b"}},
		{"DEL in a value", "GET", "/api/x", "", 400, []string{"X-A", "a\x7f"}},
		{"space in a name", "GET", "/api/x", "", 400, []string{"X A", "b"}},
		{"space after a name", "POST", "/api/x", "", 400, []string{"Transfer-Encoding ", "chunked"}},
		{"colon in a name", "GET", "/api/x", "", 400, []string{"X-A:", "b"}},
		{"no name", "GET", "/api/x", "", 400, []string{"", "b"}},
		{"line break in a name", "GET", "/api/x", "", 400, []string{"X-A\r\nX-B", "b"}},
		{"not ASCII in a name", "GET", "/api/x", "", 400, []string{"X-Ä", "b"}},
		{"short length", "POST", "/api/x", "abc", 400, []string{"Content-Length", "2"}},
		{"long length", "POST", "/api/x", "abc", 400, []string{"Content-Length", "4"}},
		{"signed length", "POST", "/api/x", "abc", 400, []string{"Content-Length", "+3"}},
		{"padded length", "POST", "/api/x", "abc", 400, []string{"Content-Length", "03"}},
		{"two lengths", "POST", "/api/x", "abc", 400, []string{"Content-Length", "3", "Content-Length", "3"}},
		{"list of lengths", "POST", "/api/x", "abc", 400, []string{"Content-Length", "3, 3"}},
		{"length and coding", "POST", "/api/x", "abc", 400, []string{"Content-Length", "3", "Transfer-Encoding", "chunked"}},
		{"two codings", "POST", "/api/x", "abc", 400, []string{"Transfer-Encoding", "chunked", "Transfer-Encoding", "identity"}},
		{"coding of its own", "POST", "/api/x", "abc", 400, []string{"Transfer-Encoding", "xchunked"}},
		{"coding in a list", "POST", "/api/x", "abc", 400, []string{"Transfer-Encoding", "gzip, chunked"}},
		{"two types", "POST", "/api/x", "abc", 400, []string{"Content-Type", "text/plain", "Content-Type", formType}},
		{"list of types", "POST", "/api/x", "abc", 400, []string{"Content-Type", "text/plain, " + formType}},
		{"two hosts", "GET", "/api/x", "", 400, []string{"Host", "a", "Host", "b"}},
		{"WebSocket", "GET", "/api/x", "", 501, []string{"Connection", "Upgrade", "Upgrade", "websocket"}},
		{"WebSocket behind h2c", "GET", "/api/x", "", 501, []string{"Upgrade", "h2c, WebSocket"}},
		{"loop", "GET", "/api/x", "", 508, []string{"Via", "1.1 edge, 1.1 gatehouse"}},
	} {
		r := h.bearer(test.method, "/api/x", test.body, test.headers...)
		path, query, _ := strings.Cut(test.target, "?")
		r.Route, r.RawQuery = path, query
		response := h.serve(r)
		if response.Status != test.status || response.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %v %s, want %d", test.name, response.Status, response.Header, response.Body, test.status)
		}
		if allow := response.Header.Get("Allow"); (allow != "") != (test.status == http.StatusMethodNotAllowed) {
			t.Errorf("%s: Allow is %q", test.name, allow)
		}
	}
	if got := w.requests(); len(got) > 0 {
		t.Errorf("the backend got %q", got)
	}
}

// What only looks odd is passed on.
func TestOddRequests(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	for name, headers := range map[string][]string{
		"right length":  {"Content-Length", "3"},
		"chunked":       {"Transfer-Encoding", "Chunked"},
		"tab":           {"X-A", "a\tb"},
		"h2c":           {"Connection", "Upgrade, HTTP2-Settings", "Upgrade", "h2c", "Http2-Settings", "AAM"},
		"Via of others": {"Via", "1.1 gatehouse.example (a, b), HTTP/2 other"},
	} {
		if response := h.serve(h.bearer("POST", "/api/x", "abc", headers...)); response.Status != 200 || w.last().body != "abc" {
			t.Errorf("%s: %d %s", name, response.Status, response.Body)
		}
	}
}
