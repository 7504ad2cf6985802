package authenticator

import (
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauthtest"
	"gatehouse/internal/oauth/seal"
)

const (
	hunter = "hunter2-Pa55"
	good   = `{"user":{"id":"42","name":"Alice"}}`
)

var instant = time.Date(2035, 1, 2, 3, 4, 5, 678, time.UTC)

func signIn() oauth.SignIn {
	return oauth.SignIn{Name: "alice", Password: oauth.NewSecret(hunter), Source: netip.MustParseAddr("192.0.2.1"), Client: "mobile", Now: instant}
}

// asked is a webhook at address with keys 1 and 2.
func asked(t *testing.T, address string, timeout time.Duration) *Webhook {
	t.Helper()
	at, err := ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.ParseKeyring([]byte(`{"current":"2","1":"a key for tests that nobody must ever use","2":"another key for tests, not for use either"}`))
	if err != nil {
		t.Fatal(err)
	}
	return &Webhook{URL: at, Keys: keys, Transport: NewTransport(), Rand: &oauthtest.Rand{}, Timeout: timeout}
}

func serving(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server
}

func answer(status int, text string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func TestWebhookIsAsked(t *testing.T) {
	var got *http.Request
	var body string
	server := serving(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got, body = r, string(text)
		answer(http.StatusOK, good)(w, r)
	})
	webhook := asked(t, server.URL+"/v1/check%20it", time.Minute)
	user, right, err := webhook.Check(t.Context(), signIn())
	if err != nil || !right || user != (oauth.User{ID: "42", Name: "Alice"}) {
		t.Fatalf("%+v, %v, %v", user, right, err)
	}
	if want := `{"username":"alice","password":"` + hunter + `","address":"192.0.2.1","client":"mobile"}`; body != want ||
		got.Method != http.MethodPost || got.RequestURI != "/v1/check%20it" || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s %s with %v: %s, want %s", got.Method, got.RequestURI, got.Header, body, want)
	}
	if at := got.Header.Get("Gatehouse-Timestamp"); at != fmt.Sprint(instant.Unix()) {
		t.Errorf("timestamp %s", at)
	}
	for _, id := range []seal.KeyID{1, 2} {
		secret, err := webhook.Keys.WebhookSecret(id)
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, []byte(secret.Reveal()))
		mac.Write([]byte(got.Header.Get("Gatehouse-Timestamp") + "." + body))
		if want := id.String() + "=" + hex.EncodeToString(mac.Sum(nil)); !strings.Contains(","+got.Header.Get("Gatehouse-Signature")+",", ","+want+",") {
			t.Errorf("%s is not among %s", want, got.Header.Get("Gatehouse-Signature"))
		}
	}
}

func TestWebhookSaysWrong(t *testing.T) {
	server := serving(t, answer(http.StatusOK, `{"user":null}`))
	if user, right, err := asked(t, server.URL, time.Minute).Check(t.Context(), signIn()); err != nil || right || user != (oauth.User{}) {
		t.Errorf("%+v, %v, %v", user, right, err)
	}
}

// In none of these does anybody know whether the password is right.
func TestWebhookFailures(t *testing.T) {
	elsewhere := serving(t, answer(http.StatusOK, good))
	for name, test := range map[string]struct {
		handle http.HandlerFunc
		want   string // in the error
	}{
		"broken":               {answer(500, good), "status 500"},
		"unauthorized":         {answer(401, `{"user":null}`), "status 401"},
		"not found":            {answer(404, `{"user":null}`), "status 404"},
		"created":              {answer(201, good), "status 201"},
		"no content":           {answer(204, ""), "status 204"},
		"partial":              {answer(206, good), "status 206"},
		"a redirect":           {answer(302, good, "Location", elsewhere.URL), "status 302"},
		"a redirect that asks": {answer(307, good, "Location", elsewhere.URL), "status 307"},
		"nothing":              {answer(200, ""), "not a JSON object"},
		"junk":                 {answer(200, "<html>"+hunter), "not a JSON object"},
		"wrong JSON":           {answer(200, `{"ok":true,"password":"`+hunter+`"}`), "not a JSON object"},
		"an empty id":          {answer(200, `{"user":{"id":""}}`), "id"},
		"a huge answer":        {answer(200, good+strings.Repeat(" ", maxAnswer)), "larger than"},
		"an endless answer":    {endless, "larger than"},
		"a bomb":               {bomb, "larger than"},
		"huge headers":         {answer(200, good, "X", strings.Repeat("x", 1<<17)), "header"},
		"half an answer":       {answer(200, good, "Content-Length", "100"), "EOF"},
		"a broken line":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
		"no HTTP":              {noHTTP, "malformed"},
	} {
		t.Run(name, func(t *testing.T) { wantFailure(t, asked(t, serving(t, test.handle).URL, time.Minute), test.want) })
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	wantFailure(t, asked(t, gone.URL, time.Minute), "refused")
}

func wantFailure(t *testing.T, webhook *Webhook, want string) {
	t.Helper()
	user, right, err := webhook.Check(t.Context(), signIn())
	if err == nil || right || user != (oauth.User{}) {
		t.Fatalf("%+v, %v, %v, want a failure", user, right, err)
	}
	if text := err.Error(); !strings.Contains(text, want) || !strings.Contains(text, webhook.URL.Host) || strings.Contains(text, hunter) {
		t.Errorf("%q, want one that says %q and names the webhook, and nothing of the password", text, want)
	}
}

// endless answers for as long as anybody reads.
func endless(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := io.WriteString(w, strings.Repeat(" ", 4096)); err != nil {
			return
		}
	}
}

// bomb is small until it is decompressed.
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	packed := gzip.NewWriter(w)
	for range 1 << 10 {
		_, _ = packed.Write(make([]byte, 1<<12))
	}
	_ = packed.Close()
}

func noHTTP(w http.ResponseWriter, _ *http.Request) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(connection, "220 mail.example.com ESMTP\r\n")
	_ = connection.Close()
}

// One that takes its time is given up: before it answers, or in the middle.
func TestSlowWebhook(t *testing.T) {
	for name, begin := range map[string]string{"silent": "", "in the middle": good[:10]} {
		server := serving(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // or the server does not see that nobody waits any more
			if begin != "" {
				_, _ = io.WriteString(w, begin)
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
		})
		t.Run(name, func(t *testing.T) { wantFailure(t, asked(t, server.URL, 50*time.Millisecond), "no answer in 50ms") })
	}
}

// A caller who waits no more is not the webhook's fault.
func TestCallerGone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := serving(t, func(http.ResponseWriter, *http.Request) { cancel(); panic(http.ErrAbortHandler) })
	if _, right, err := asked(t, server.URL, time.Minute).Check(ctx, signIn()); right || err == nil || strings.Contains(err.Error(), "no answer in") {
		t.Errorf("%v, %v", right, err)
	}
}

// A connection that the server closed between two questions loses none.
func TestConnectionThatEnded(t *testing.T) {
	server := serving(t, answer(http.StatusOK, good))
	webhook := asked(t, server.URL, time.Minute)
	for range 20 {
		if _, right, err := webhook.Check(t.Context(), signIn()); err != nil || !right {
			t.Fatalf("%v, %v", right, err)
		}
		server.CloseClientConnections()
	}
}

// The question goes to nobody whose certificate is not good, and by no proxy
// of the environment.
func TestNobodyElseIsAsked(t *testing.T) {
	overheard := false
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { overheard = true; answer(200, good)(w, r) })
	server := httptest.NewTLSServer(handler)
	defer server.Close()
	wantFailure(t, asked(t, server.URL, time.Minute), "certificate")
	proxy := serving(t, handler)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("HTTP_PROXY", proxy.URL)
	webhook := asked(t, "https://users.invalid/check", time.Minute)
	wantFailure(t, webhook, "users.invalid")
	webhook.URL = &url.URL{Scheme: "http", Host: "users.invalid"}
	wantFailure(t, webhook, "users.invalid")
	if overheard {
		t.Error("somebody else got the question")
	}
}

func TestNoRandomness(t *testing.T) {
	webhook := asked(t, "https://users.invalid", time.Minute)
	webhook.Rand = strings.NewReader("short")
	wantFailure(t, webhook, "random")
}

func TestParseURL(t *testing.T) {
	for _, text := range []string{"https://users.example.com", "https://users.example.com:8443/a/b%20c", "http://127.0.0.1:4000/check",
		"http://[::1]:4000", "http://localhost:4000/", "http://127.9.9.9"} {
		if got, err := ParseURL(text); err != nil || got.String() != text {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "users.example.com", "/check", "https://", "https:", "https:users", "http://users.example.com", "http://10.0.0.1", "http://localhost.example.com",
		"http://127.0.0.1.example.com", "ftp://127.0.0.1", "https://u:" + hunter + "@example.com", "https://example.com?a", "https://example.com?", "https://example.com#a",
		"https://example.com#", "https://a b", "https://[::1", "HTTPS://%zz"} {
		if got, err := ParseURL(text); !errors.Is(err, ErrURL) || got != nil || strings.Contains(err.Error(), hunter) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
