package proxy

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/access"
	"gatehouse/internal/oauth/clientauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/oauthtest"
	"gatehouse/internal/oauth/rules"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/signing"
)

const (
	oldKey  = `"1":"a key for tests that nobody must ever use"`
	newKey  = `"2":"another key for tests, not for use either"`
	oldKeys = `{"current":"1",` + oldKey + `}`
	newKeys = `{"current":"2",` + oldKey + `,` + newKey + `}`

	formType = "application/x-www-form-urlencoded"
)

var instant = time.Date(2035, 1, 2, 3, 4, 5, 0, time.UTC)

func parseKeys(t testing.TB, text string) *seal.Keyring {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// house is a Proxy before a backend, with a session of alice in each protocol.
type house struct {
	*Proxy
	t testing.TB
}

func newHouse(t testing.TB, upstream string) *house {
	t.Helper()
	keys, store := parseKeys(t, oldKeys), memory.New()
	clock := func() time.Time { return instant }
	if err := store.CreateClient(t.Context(), oauth.Client{ID: "mobile", SecretKey: 1}); err != nil {
		t.Fatal(err)
	}
	for _, protocol := range []oauth.Protocol{oauth.OAuth1, oauth.OAuth2} {
		if err := store.Create(t.Context(), sessionBy(protocol)); err != nil {
			t.Fatal(err)
		}
	}
	base, err := ParseUpstream(upstream)
	if err != nil {
		t.Fatal(err)
	}
	transport := NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	auth := &clientauth.Authenticator{Clients: oauth.NewCachedClients(store), Keys: keys, Window: 5 * time.Minute}
	return &house{t: t, Proxy: &Proxy{
		Access:   &access.Checker{Auth: auth, Keys: keys, Sessions: store, Replay: store, Clock: clock},
		Upstream: base, Transport: transport, Keys: keys, Clock: clock, Rand: &oauthtest.Rand{}, Realm: "r", Timeout: time.Minute,
	}}
}

func (h *house) rules(text string) *house {
	h.t.Helper()
	parsed, err := rules.Parse(text)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Rules = parsed
	return h
}

func sessionBy(protocol oauth.Protocol) oauth.Session {
	s := oauth.Session{ID: oauth.SessionID{2}, Protocol: protocol, Client: "mobile", User: "u 1", UserName: "Zoë 100%", Scope: []string{"read", "write"},
		Created: instant, Renewed: instant, Expires: instant.Add(time.Hour)}
	if protocol == oauth.OAuth1 {
		s.ID = oauth.SessionID{1}
	}
	return s.Kept()
}

// bearerToken is the access token of alice's OAuth 2 session.
func (h *house) bearerToken() string {
	return h.Keys.Mint(seal.AccessToken, oauth.SessionID{2}, 0).Reveal()
}

// newRequest is a request as an adapter makes it; headers are names and values
// by turns.
func newRequest(method, target, body string, headers ...string) *oauth.Request {
	path, query, _ := strings.Cut(target, "?")
	params, err := oauth.ParseForm(query)
	if err != nil {
		panic(err) // a test's own query
	}
	r := &oauth.Request{Method: method, Scheme: "https", Host: "api.example.com", Path: "/prod" + path, Route: path, Query: params, RawQuery: query,
		Header: http.Header{}, Body: []byte(body), BodySeen: true, Source: netip.MustParseAddr("192.0.2.1")}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

// bearer is a request with alice's access token in its header.
func (h *house) bearer(method, target, body string, headers ...string) *oauth.Request {
	return newRequest(method, target, body, append(headers, "Authorization", "Bearer "+h.bearerToken())...)
}

// signed is a request signed with alice's OAuth 1.0 token, its parameters in
// place. A form is signed with the rest.
func (h *house) signed(place signing.Place, method, target, form string, headers ...string) *oauth.Request {
	h.t.Helper()
	token := h.Keys.Mint(seal.OAuth1Token, oauth.SessionID{1}, 0).Reveal()
	tokenSecret, err := h.Keys.TokenSecret(seal.Token{Key: 1, Session: oauth.SessionID{1}})
	clientSecret, clientErr := h.Keys.ClientSecret(&oauth.Client{ID: "mobile", SecretKey: 1})
	address, urlErr := url.Parse("https://api.example.com/prod" + target)
	if err := errors.Join(err, clientErr, urlErr); err != nil {
		h.t.Fatal(err)
	}
	params, err := oauth.ParseForm(form)
	if err != nil {
		h.t.Fatal(err)
	}
	out := &signing.Request{Method: method, URL: address, Header: http.Header{}, Form: params}
	c := signing.Credentials{ConsumerKey: "mobile", Token: token, Place: place,
		Signer: oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: clientSecret, TokenSecret: tokenSecret}}
	if _, err := c.Sign(out, instant, "nonce"); err != nil {
		h.t.Fatal(err)
	}
	target = strings.TrimPrefix(out.URL.RequestURI(), "/prod")
	if len(params) > 0 || place == signing.InBody {
		headers = append(headers, "Content-Type", formType)
	}
	if value := out.Header.Get("Authorization"); value != "" {
		headers = append(headers, "Authorization", value)
	}
	return newRequest(method, target, string(out.Content()), headers...)
}

// serve answers r, and fails the test for a fault that is no answer.
func (h *house) serve(r *oauth.Request) oauth.Response {
	h.t.Helper()
	response, err := h.Serve(context.Background(), r)
	if err != nil {
		h.t.Fatal(err)
	}
	return response
}

// wire is a backend of which every byte is known: it keeps what it gets and
// answers what it is told to.
type wire struct {
	t       testing.TB
	url     string
	answer  string // the whole of it
	closing bool   // after each answer
	killing bool   // the next request's connection, once
	hold    chan struct{}

	mu          sync.Mutex
	got         []wireRequest
	connections int
}

// wireRequest is a request as it came.
type wireRequest struct {
	line   string
	header []string // "Name: value", in order
	body   string
}

const fine = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nfine"

func newWire(t testing.TB, answer string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, url: "http://" + listener.Addr().String(), answer: answer}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			w.connections++
			w.mu.Unlock()
			go w.talk(connection)
		}
	}()
	return w
}

func (w *wire) talk(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for {
		got, err := readWire(reader)
		if err != nil {
			return
		}
		w.mu.Lock()
		w.got = append(w.got, got)
		answer, closing, hold, killing := w.answer, w.closing, w.hold, w.killing
		w.killing = false
		w.mu.Unlock()
		if killing {
			return
		}
		if _, err := io.WriteString(connection, answer); err != nil || closing {
			return
		}
		if hold != nil {
			<-hold
			return
		}
	}
}

func readWire(reader *bufio.Reader) (got wireRequest, err error) {
	var head bytes.Buffer
	for !bytes.HasSuffix(head.Bytes(), []byte("\r\n\r\n")) {
		line, err := reader.ReadBytes('\n')
		head.Write(line)
		if err != nil {
			return got, err
		}
	}
	lines := strings.Split(strings.TrimSuffix(head.String(), "\r\n\r\n"), "\r\n")
	got.line, got.header = lines[0], lines[1:]
	length, err := strconv.Atoi(cmp.Or(got.value("Content-Length"), "0"))
	if err != nil {
		return got, err
	}
	body := make([]byte, length)
	_, err = io.ReadFull(reader, body)
	got.body = string(body)
	return got, err
}

// requests are those that came so far.
func (w *wire) requests() []wireRequest {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]wireRequest(nil), w.got...)
}

// last is the one that came last.
func (w *wire) last() wireRequest {
	w.t.Helper()
	got := w.requests()
	if len(got) == 0 {
		w.t.Fatal("the backend was not asked")
	}
	return got[len(got)-1]
}

// values are those of a header, as sent and in order.
func (r wireRequest) values(name string) (values []string) {
	for _, line := range r.header {
		if key, value, _ := strings.Cut(line, ": "); strings.EqualFold(key, name) {
			values = append(values, value)
		}
	}
	return values
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func (r wireRequest) value(name string) string { return strings.Join(r.values(name), " | ") }
