package proxy

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func serveHTTP(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// unused is an address of this machine where nobody listens.
func unused(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}

// A backend's failure is one answer, without a word of what is behind; the log
// gets it all.
func TestFailures(t *testing.T) {
	silent := newWire(t, "")
	silent.hold = make(chan struct{})
	halting := newWire(t, head("200 OK", "Content-Length: 10")+"half")
	halting.hold = make(chan struct{})
	defer close(silent.hold)
	defer close(halting.hold)
	answering := func(answer string) string {
		w := newWire(t, answer)
		w.closing = true
		return w.url
	}
	plain := serveHTTP(t, http.NotFound)
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = quiet()
	t.Cleanup(untrusted.Close)
	for _, test := range []struct {
		name, upstream string
		status         int
	}{
		{"nobody listens", unused(t), 502},
		{"no such host", "http://backend.invalid", 502},
		{"untrusted certificate", untrusted.URL, 502},
		{"http in place of https", "https" + strings.TrimPrefix(plain, "http"), 502},
		{"closed", answering(""), 502},
		{"closed within the headers", answering("HTTP/1.1 200 OK\r\nContent-"), 502},
		{"closed within the body", answering(head("200 OK", "Content-Length: 10") + "half"), 502},
		{"closed within the chunks", answering(head("200 OK", "Transfer-Encoding: chunked") + "5\r\nab"), 502},
		{"not HTTP", answering("SSH-2.0-OpenSSH\r\n\r\n"), 502},
		{"two lengths", answering(head("200 OK", "Content-Length: 1", "Content-Length: 2") + "ab"), 502},
		{"long headers", answering(head("200 OK", "X-A: "+strings.Repeat("a", 100<<10), "Content-Length: 0")), 502},
		{"switched protocols", answering(head("101 Switching Protocols", "Upgrade: x", "Connection: Upgrade")), 502},
		{"status 199", answering(head("199 X") + head("199 X")), 502},
		{"status 600", answering(head("600 X", "Content-Length: 0")), 502},
		{"status 0", answering(head("000 X", "Content-Length: 0")), 502},
		{"silent", silent.url, 504},
		{"halting", halting.url, 504},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t, test.upstream)
			if test.status == 504 {
				h.Timeout = 50 * time.Millisecond
			}
			response := h.serve(h.bearer("POST", "/api/x?secret=1", "secret"))
			code := map[int]string{502: BadGateway, 504: GatewayTimeout}[test.status]
			body := string(response.Body)
			if response.Status != test.status || !strings.Contains(body, `{"error":"`+code+`"`) || response.Fault == nil || response.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%d %v %s, fault %v", response.Status, response.Header, body, response.Fault)
			}
			for _, internal := range []string{"127.0.0.1", "backend.invalid", "dial", "EOF", "secret", "certificate"} {
				if strings.Contains(body, internal) {
					t.Errorf("the answer says %s: %s", internal, body)
				}
			}
			if strings.Contains(response.Fault.Error(), "secret") {
				t.Errorf("the log would say %v", response.Fault)
			}
		})
	}
}

// The time that Lambda leaves may be shorter than the setting.
func TestDeadlineOfTheInvocation(t *testing.T) {
	silent := newWire(t, "")
	silent.hold = make(chan struct{})
	defer close(silent.hold)
	h := newHouse(t, silent.url)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	response, err := h.Serve(ctx, h.bearer("GET", "/api/x", ""))
	if err != nil || response.Status != 504 {
		t.Errorf("%d, %v", response.Status, err)
	}
}

// A connection is used again by the next request, as by the next invocation.
func TestConnectionsAreReused(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	for range 20 {
		h.serve(h.bearer("POST", "/api/x", "body"))
		h.serve(newRequest("GET", "/api/x", "")) // refused, and asks nobody
	}
	if len(w.requests()) != 20 || w.connections != 1 {
		t.Errorf("%d requests on %d connections", len(w.requests()), w.connections)
	}
}

// A server that ends a connection while a request is on its way leaves in
// doubt whether it was carried out. Only what may be repeated is, and only
// where the connection had been used before (RFC 9110 §9.2.2).
func TestOnlyIdempotentRequestsAreRepeated(t *testing.T) {
	for method, repeated := range map[string]bool{"GET": true, "HEAD": true, "OPTIONS": true, "POST": false, "PATCH": false, "DELETE": false, "PUT": false} {
		w := newWire(t, head("200 OK", "Content-Length: 0"))
		h := newHouse(t, w.url)
		h.serve(h.bearer("GET", "/api/first", ""))
		w.mu.Lock()
		w.killing = true
		w.mu.Unlock()
		response := h.serve(h.bearer(method, "/api/second", ""))
		count, status := len(w.requests()), 502
		want := 2
		if repeated {
			want, status = 3, 200
		}
		if count != want || response.Status != status {
			t.Errorf("%s: status %d after %d requests, want %d after %d", method, response.Status, count, status, want)
		}
	}
}

// Idle connections end before common servers end them, by the wall clock,
// since no timer runs while Lambda has frozen the function.
func TestIdleConnectionsEnd(t *testing.T) {
	transport := NewTransport()
	if transport.IdleConnTimeout <= 0 || transport.IdleConnTimeout >= 5*time.Second {
		t.Errorf("idle connections are kept for %s", transport.IdleConnTimeout)
	}
}

func TestHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		_, _ = w.Write([]byte(r.Proto + " " + r.RequestURI + " " + r.Host + " " + r.Header.Get("X-OAuth-User-Id") + r.Header.Get("User-Agent")))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	h := newHouse(t, server.URL)
	transport := NewTransport()
	transport.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	h.Transport = transport
	t.Cleanup(transport.CloseIdleConnections)
	response := h.serve(h.bearer("POST", "/api/a%2Fb|?x=1", "body"))
	want := "HTTP/2.0 /api/a%2Fb|?x=1 " + strings.TrimPrefix(server.URL, "https://") + " u%201"
	if string(response.Body) != want || len(response.Header.Values("Set-Cookie")) != 2 {
		t.Errorf("got %s (%v), want %s", response.Body, response.Fault, want)
	}
}

func TestTransport(t *testing.T) {
	t.Setenv("HTTP_PROXY", unused(t))
	t.Setenv("HTTPS_PROXY", unused(t))
	transport := NewTransport()
	if transport.Proxy != nil || transport.TLSClientConfig.MinVersion < 0x0303 || transport.TLSClientConfig.InsecureSkipVerify ||
		!transport.DisableCompression || transport.MaxResponseHeaderBytes == 0 {
		t.Errorf("transport %+v", transport)
	}
}

func TestParseUpstream(t *testing.T) {
	for text, want := range map[string]string{
		"http://127.0.0.1:3000": "http://127.0.0.1:3000", "https://Backend.Example.com": "https://backend.example.com", "http://a/": "http://a/",
		"http://a/v1": "http://a/v1/", "http://a//": "http://a/", "http://a/v%201/": "http://a/v%201/", "http://[::1]:80/x": "http://[::1]:80/x/",
	} {
		got, err := ParseUpstream(text)
		if err != nil || got.String() != want {
			t.Errorf("%s: %v, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "a", "/a", "ftp://a", "http://", "http:///x", "http://u:hunter2@a", "http://a?", "http://a?b", "http://a#", "http://a/../b", "http://a/%2e%2e", "http://a b", "://"} {
		got, err := ParseUpstream(text)
		if !errors.Is(err, ErrUpstream) || got != (*url.URL)(nil) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
