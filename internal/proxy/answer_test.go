package proxy

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// head is an answer's beginning; headers are lines.
func head(status string, headers ...string) string {
	return "HTTP/1.1 " + status + "\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n"
}

func TestAnswersComeBackWhole(t *testing.T) {
	var zipped bytes.Buffer
	writer := gzip.NewWriter(&zipped)
	_, _ = writer.Write([]byte("small"))
	_ = writer.Close()
	compressed := zipped.String()
	for name, test := range map[string]struct {
		answer string
		status int
		header http.Header
		body   string
	}{
		"plain": {fine, 200, http.Header{"Content-Type": {"text/plain"}}, "fine"},
		"cookies": {head("200 OK", "Set-Cookie: a=1; Path=/", "Set-Cookie: b=2", "set-cookie: a=3", "Set-Cookie: __Host-gatehouse=x; Path=/", "Set-Cookie: gatehouse=x", "Content-Length: 0"), 200,
			http.Header{"Set-Cookie": {"a=1; Path=/", "b=2", "a=3"}}, ""},
		"repeated":   {head("200 OK", "X-A: 2", "X-B: 1", "X-A: 1", "Content-Length: 0"), 200, http.Header{"X-A": {"2", "1"}, "X-B": {"1"}}, ""},
		"binary":     {head("200 OK", "Content-Type: image/png", "Content-Length: 5") + "\x00\xff\r\n\x80", 200, http.Header{"Content-Type": {"image/png"}}, "\x00\xff\r\n\x80"},
		"no type":    {head("200 OK", "Content-Length: 1") + "a", 200, http.Header{"Content-Type": {"application/octet-stream"}}, "a"},
		"redirect":   {head("302 Found", "Location: http://127.0.0.1:1/x", "Content-Length: 0"), 302, http.Header{"Location": {"http://127.0.0.1:1/x"}}, ""},
		"kept":       {head("308 Permanent Redirect", "Location: /api/y", "Content-Length: 0"), 308, http.Header{"Location": {"/api/y"}}, ""},
		"no content": {head("204 No Content", "X-A: b"), 204, http.Header{"X-A": {"b"}}, ""},
		"not changed": {head("304 Not Modified", `ETag: "a"`, "Content-Length: 7", "Content-Type: text/plain"), 304,
			http.Header{"Etag": {`"a"`}, "Content-Type": {"text/plain"}}, ""},
		"error":       {head("500 Oops", "Content-Type: text/html", "Content-Length: 4") + "oops", 500, http.Header{"Content-Type": {"text/html"}}, "oops"},
		"odd status":  {head("299 Odd", "Content-Length: 0"), 299, http.Header{}, ""},
		"last status": {head("599 X", "Content-Length: 0"), 599, http.Header{}, ""},
		"401":         {head("401 Unauthorized", `WWW-Authenticate: Bearer realm="backend"`, "Content-Length: 0"), 401, http.Header{"Www-Authenticate": {`Bearer realm="backend"`}}, ""},
		"interim": {head("103 Early Hints", "Link: </a>") + head("100 Continue") + head("200 OK", "Content-Type: a/b", "Content-Length: 1") + "x", 200,
			http.Header{"Content-Type": {"a/b"}}, "x"},
		"chunked, trailers": {head("200 OK", "Transfer-Encoding: chunked", "Trailer: X-T", "Content-Type: a/b") + "3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n", 200,
			http.Header{"Content-Type": {"a/b"}}, "abcde"},
		"compressed": {head("200 OK", "Content-Encoding: gzip", "Content-Type: a/b", fmt.Sprint("Content-Length: ", len(compressed))) + compressed, 200,
			http.Header{"Content-Encoding": {"gzip"}, "Content-Type": {"a/b"}}, compressed},
		"to its end": {"HTTP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\nuntil closed", 200, http.Header{"Content-Type": {"a/b"}}, "until closed"},
		"hop by hop": {head("200 OK", "Connection: X-Hop", "X-Hop: 1", "Keep-Alive: timeout=5", "Proxy-Authenticate: Basic", "Proxy-Connection: close", "Upgrade: h2c",
			"X-Kept: 2", "Content-Length: 0"), 200, http.Header{"X-Kept": {"2"}}, ""},
		"CORS of its own": {head("200 OK", "Access-Control-Allow-Origin: https://a.example", "Content-Length: 0"), 200,
			http.Header{"Access-Control-Allow-Origin": {"https://a.example"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, test.answer)
			w.closing = true
			h := newHouse(t, w.url)
			response := h.serve(h.bearer("GET", "/api/x", ""))
			if response.Status != test.status || !reflect.DeepEqual(response.Header, test.header) || string(response.Body) != test.body || response.Fault != nil {
				t.Errorf("got  %d %v %q (%v)\nwant %d %v %q", response.Status, response.Header, response.Body, response.Fault, test.status, test.header, test.body)
			}
		})
	}
}

// RFC 9110 §9.3.2: what the body would have been is said and not sent, however
// large it is.
func TestHead(t *testing.T) {
	w := newWire(t, head("200 OK", "Content-Type: text/plain", "Content-Length: 99999999"))
	h := newHouse(t, w.url)
	response := h.serve(h.bearer("HEAD", "/api/x", ""))
	if response.Status != 200 || len(response.Body) > 0 || response.Header.Get("Content-Type") != "text/plain" || w.last().line != "HEAD /api/x HTTP/1.1" {
		t.Errorf("%d %v %q", response.Status, response.Header, response.Body)
	}
}

// endless sends a chunked body until nobody reads it, and says how much went.
func endless(t *testing.T, announced string) (address string, sent chan int) {
	t.Helper()
	sent = make(chan int, 1)
	return serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		if announced != "" {
			w.Header().Set("Content-Length", announced)
		}
		block, total := make([]byte, 64<<10), 0
		for total < 1<<30 {
			n, err := w.Write(block)
			if total += n; err != nil {
				break
			}
		}
		sent <- total
	}), sent
}

// What can't be passed on is not read to its end, and said clearly.
func TestAnswersThatAreTooLarge(t *testing.T) {
	for name, announced := range map[string]string{"announced": "1073741824", "chunked": ""} {
		address, sent := endless(t, announced)
		h := newHouse(t, address)
		response := h.serve(h.bearer("GET", "/api/x", ""))
		if response.Status != 502 || !strings.Contains(string(response.Body), `"bad_gateway"`) || !strings.Contains(string(response.Body), "6291456 bytes") || response.Fault == nil {
			t.Errorf("%s: %d %s, fault %v", name, response.Status, response.Body, response.Fault)
		}
		if total := <-sent; total > 64<<20 {
			t.Errorf("%s: %d bytes were sent", name, total)
		}
	}
	w := newWire(t, head("200 OK", "Content-Length: 6291456")+strings.Repeat("a", MaxAnswer))
	h := newHouse(t, w.url)
	if response := h.serve(h.bearer("GET", "/api/x", "")); response.Status != 200 || len(response.Body) != MaxAnswer {
		t.Errorf("the largest: %d with %d bytes", response.Status, len(response.Body))
	}
}
