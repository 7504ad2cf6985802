package demo

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/doctor"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

const secret = "kd94hf93k423kf44"

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// handler serves the page of site before a gateway that answers 418.
func handler(t *testing.T, site Site) http.Handler {
	t.Helper()
	page := &Page{Site: site, Client: "demo", Secret: oauth.NewSecret(secret), PublicClient: "web", User: "alice", Password: "correct horse",
		Know: know, Clock: func() time.Time { return time.Unix(137131201, 0) }, Rand: strings.NewReader(strings.Repeat("r", 1024))}
	gateway := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h, err := page.Handler(gateway)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// know knows the client demo and its token.
func know(_ context.Context, c *doctor.Case) error {
	c.Client, c.Known, c.Window = oauth.Client{ID: "demo", SignatureMethods: oauth.SignatureMethods()}, true, time.Minute
	c.Key = oauth1.Key{ClientSecret: oauth.NewSecret(secret), TokenSecret: oauth.NewSecret("sec")}
	return nil
}

func here(t *testing.T) Site { return Site{Local: parse(t, "http://127.0.0.1:8080")} }

func get(h http.Handler, method, path string) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, &http.Request{Method: method, URL: &url.URL{Path: path}, Header: http.Header{}, Body: http.NoBody})
	return w.Result()
}

func text(t *testing.T, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// orders are what the page has the program do.
var orders = []string{"/demo/sign", "/demo/mistake", "/demo/diagnose"}

func TestPaths(t *testing.T) {
	h := handler(t, here(t))
	const script, style = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
	for path, contentType := range map[string]string{"/": "text/html; charset=utf-8", "/demo/demo.css": style, "/demo/demo.js": script,
		"/demo/doctor.js": script, "/demo/dom.js": script, "/demo/log.js": script, "/demo/oauth1.js": script, "/demo/oauth2.js": script,
		"/demo/program.js": script} {
		for _, method := range []string{"GET", "HEAD"} {
			response := get(h, method, path)
			if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != contentType {
				t.Errorf("%s %s: status %d, %s", method, path, response.StatusCode, got)
			}
		}
		if response := get(h, "POST", path); response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "GET" {
			t.Errorf("POST %s: status %d", path, response.StatusCode)
		}
	}
	for _, path := range orders {
		if response := get(h, "GET", path); response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "POST" {
			t.Errorf("GET %s: status %d", path, response.StatusCode)
		}
	}
	for _, path := range []string{"", "//", "/index.html", "/demo", "/demo/", "/demo/index.html", "/demo//demo.js", "/demo/../demo.js", "/oauth/token", "/prod/"} {
		if response := get(h, "GET", path); response.StatusCode != http.StatusTeapot {
			t.Errorf("GET %q is not the gateway's: status %d", path, response.StatusCode)
		}
	}
}

func TestHeaders(t *testing.T) {
	response := get(handler(t, here(t)), "GET", "/")
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src data:; " +
			"form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestPageHasNothingInline: what the policy would block must not be written.
func TestPageHasNothingInline(t *testing.T) {
	page := text(t, get(handler(t, here(t)), "GET", "/"))
	for _, inline := range []string{"<style", "style=", "<script>", "onclick", "onload", "onsubmit", "javascript:"} {
		if strings.Contains(page, inline) {
			t.Errorf("the page has %s", inline)
		}
	}
}

func TestNoSecretIsServed(t *testing.T) {
	h := handler(t, here(t))
	for _, path := range append(assets[:], "/") {
		if strings.Contains(text(t, get(h, "GET", path)), secret) {
			t.Errorf("%s shows the secret", path)
		}
	}
}

func TestWhereTheAPIIs(t *testing.T) {
	local, public := parse(t, "http://127.0.0.1:8080"), parse(t, "https://api.example.com/v1")
	tests := map[string]struct {
		site                   Site
		url, script, connectTo string
		redirects              []string
	}{
		"at the root": {Site{Local: local}, "http://127.0.0.1:8080/", "/oauth/client.js", "connect-src 'self';",
			[]string{"http://127.0.0.1:8080/", "http://localhost:8080/", "http://[::1]:8080/"}},
		"below a stage": {Site{Local: local, Stage: "prod"}, "http://127.0.0.1:8080/", "/prod/oauth/client.js", "connect-src 'self';",
			[]string{"http://127.0.0.1:8080/", "http://localhost:8080/", "http://[::1]:8080/"}},
		"public": {Site{Local: local, Public: public}, "https://api.example.com/v1/", "https://api.example.com/v1/oauth/client.js",
			"connect-src 'self' https://api.example.com;", []string{"https://api.example.com/v1/", "http://127.0.0.1:8080/",
				"http://localhost:8080/", "http://[::1]:8080/", "https://api.example.com/"}},
		"public, in front of a stage": {Site{Local: local, Public: public, Stage: "prod"}, "http://127.0.0.1:8080/",
			"https://api.example.com/v1/oauth/client.js", "connect-src 'self' https://api.example.com;",
			[]string{"http://127.0.0.1:8080/", "http://localhost:8080/", "http://[::1]:8080/", "https://api.example.com/"}},
		"port 80": {Site{Local: parse(t, "http://127.0.0.1:80")}, "http://127.0.0.1/", "/oauth/client.js", "connect-src 'self';",
			[]string{"http://127.0.0.1/", "http://localhost/", "http://[::1]/"}},
		"not loopback": {Site{Local: parse(t, "http://192.0.2.7:8080")}, "http://192.0.2.7:8080/", "/oauth/client.js", "connect-src 'self';",
			[]string{"http://192.0.2.7:8080/"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			response := get(handler(t, test.site), "GET", "/")
			if !strings.Contains(text(t, response), `<script src="`+test.script+`" defer>`) {
				t.Errorf("the script is not from %s", test.script)
			}
			if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, test.connectTo) {
				t.Errorf("policy %s", policy)
			}
			if got := test.site.URL(); got != test.url {
				t.Errorf("the page is at %s, want %s", got, test.url)
			}
			if got := test.site.Redirects(); !slices.Equal(got, test.redirects) {
				t.Errorf("redirects %q, want %q", got, test.redirects)
			}
		})
	}
}

// ask has an order signed as the page at origin does.
func ask(h http.Handler, origin, order string, change func(http.Header)) *http.Response {
	return post(h, "/demo/sign", origin, order, change)
}

func post(h http.Handler, path, origin, body string, change func(http.Header)) *http.Response {
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Origin", origin)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/json")
	if change != nil {
		change(r.Header)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

const localOrigin = "http://127.0.0.1:8080"
const sessionOrder = `{"method":"GET","path":"/oauth/session","token":"tok","secret":"sec","signature_method":"HMAC-SHA1"}`

func TestSign(t *testing.T) {
	var got signed
	response := ask(handler(t, here(t)), localOrigin, sessionOrder, nil)
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", response.StatusCode, err)
	}
	nonce := strings.Repeat("72", 16)
	if want := "GET&http%3A%2F%2F127.0.0.1%3A8080%2Foauth%2Fsession&oauth_consumer_key%3Ddemo%26oauth_nonce%3D" + nonce +
		"%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dtok%26oauth_version%3D1.0"; got.BaseString != want {
		t.Errorf("base string %s, want %s", got.BaseString, want)
	}
	if got.Method != "GET" || got.URL != localOrigin+"/oauth/session" || got.Body != "" {
		t.Errorf("got %+v", got)
	}
	checkSignature(t, &got)
}

// checkSignature verifies as a server does.
func checkSignature(t *testing.T, got *signed) {
	t.Helper()
	u := parse(t, got.URL)
	r := &oauth.Request{Method: got.Method, Scheme: u.Scheme, Host: u.Host, Path: u.Path,
		Header: http.Header{"Authorization": {got.Authorization}}, BodySeen: true}
	parsed, refusal := oauth1.Parse(r)
	if refusal != nil {
		t.Fatal(refusal.Description)
	}
	signer := oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: oauth.NewSecret(secret), TokenSecret: oauth.NewSecret("sec")}
	want, err := signer.Sign(got.Method, oauth1.BaseURI(u.Scheme, u.Host, u.Path), parsed.Params())
	if err != nil || parsed.Signature != want {
		t.Errorf("signature %s, want %s (%v)", parsed.Signature, want, err)
	}
}

func TestSignForm(t *testing.T) {
	var got signed
	order := `{"method":"POST","path":"/oauth/request_token","form":[["oauth_callback","http://127.0.0.1:8080/"]],"signature_method":"HMAC-SHA256"}`
	response := ask(handler(t, here(t)), localOrigin, order, nil)
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil || got.Body != "oauth_callback=http%3A%2F%2F127.0.0.1%3A8080%2F" {
		t.Errorf("got %+v, %v", got, err)
	}
	if !strings.Contains(got.BaseString, "oauth_callback%3Dhttp%253A%252F%252F127.0.0.1%253A8080%252F%26") {
		t.Errorf("base string %s", got.BaseString)
	}
}

// The address that is signed is the one that the page calls.
func TestSignedAddress(t *testing.T) {
	local, public := parse(t, localOrigin), parse(t, "https://api.example.com/v1")
	for want, test := range map[string]struct {
		site   Site
		origin string
	}{
		"http://localhost:8080/oauth/session":      {Site{Local: local}, "http://localhost:8080"},
		"http://127.0.0.1:8080/prod/oauth/session": {Site{Local: local, Stage: "prod"}, localOrigin},
		"https://api.example.com/v1/oauth/session": {Site{Local: local, Public: public}, "https://api.example.com"},
	} {
		var got signed
		response := ask(handler(t, test.site), test.origin, sessionOrder, nil)
		if err := json.NewDecoder(response.Body).Decode(&got); err != nil || got.URL != want {
			t.Errorf("signed %s, want %s (%v)", got.URL, want, err)
		}
	}
}

func TestOthersAreNotServed(t *testing.T) {
	h := handler(t, here(t))
	set := func(name, value string) func(http.Header) {
		return func(header http.Header) { header.Set(name, value) }
	}
	for name, change := range map[string]func(http.Header){
		"another origin":              set("Origin", "https://evil.example"),
		"another port":                set("Origin", "http://127.0.0.1:8081"),
		"another scheme":              set("Origin", "https://127.0.0.1:8080"),
		"a name for this machine":     set("Origin", "http://rebound.example:8080"),
		"an origin that looks alike":  set("Origin", "http://127.0.0.1:8080.evil.example"),
		"no origin":                   func(header http.Header) { header.Del("Origin") },
		"an opaque origin":            set("Origin", "null"),
		"the browser says cross-site": set("Sec-Fetch-Site", "cross-site"),
		"the browser says same-site":  set("Sec-Fetch-Site", "same-site"),
		"a form":                      set("Content-Type", "text/plain"),
	} {
		for _, path := range orders {
			response := post(h, path, localOrigin, sessionOrder, change)
			if body := text(t, response); response.StatusCode != http.StatusForbidden || strings.Contains(body, "oauth_") {
				t.Errorf("%s: %s: status %d, %s", path, name, response.StatusCode, body)
			}
			if response.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: %s: other pages may read the answer", path, name)
			}
		}
	}
}

func TestOrdersThatAreRefused(t *testing.T) {
	h := handler(t, here(t))
	order := func(old, new string) string { return strings.Replace(sessionOrder, old, new, 1) }
	for _, body := range []string{"", "null", "[]", "{}", `{"client":"other"}`, order(`"GET"`, `"DELETE"`), order("HMAC-SHA1", "PLAINTEXT"),
		order("HMAC-SHA1", "RSA-SHA1"), order("/oauth/session", "@evil.example/oauth/session"), order("/oauth/session", "//evil.example/oauth/session"),
		order("/oauth/session", "/demo/sign"), order("/oauth/session", "/oauth/session?a=b"), order("/oauth/session", "/oauth/%zz"),
		order("tok", strings.Repeat("t", maxOrder))} {
		response := ask(h, localOrigin, body, nil)
		var answer map[string]string
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusBadRequest || answer["error_description"] == "" {
			t.Errorf("%.80s: status %d, %v", body, response.StatusCode, answer)
		}
	}
}
