package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// seen is a request as a server got it.
type seen struct {
	*http.Request
	body string
}

// echo is a server that keeps the last request and answers status.
func echo(t *testing.T, status int) (url string, last *seen) {
	t.Helper()
	last = new(seen)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		last.Request, last.body = r, string(body)
		w.Header().Set("Location", "/elsewhere")
		w.Header().Set("X-Two", "2")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "answer")
	}))
	t.Cleanup(server.Close)
	return server.URL, last
}

// quietEnvironment hides variables of whoever runs the tests.
func quietEnvironment(t *testing.T, vars ...string) {
	t.Helper()
	for _, name := range []string{"CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN", "TOKEN_SECRET", "BEARER", "PASSWORD"} {
		t.Setenv("GATEHOUSE_"+name, "")
	}
	for _, pair := range vars {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
}

var signed = []string{"--consumer-key", "ck", "--consumer-secret", "cs", "--token", "tk", "--token-secret", "ts"}

func TestRequestShapes(t *testing.T) {
	tests := []struct {
		name, stdin string
		args        []string
		method      string
		where, body []string // parts of the header, query or body
	}{
		{"GET", "", signed, "GET", []string{`OAuth oauth_consumer_key="ck"`, `oauth_signature_method="HMAC-SHA1"`, `oauth_token="tk"`, `oauth_signature="`}, nil},
		{"form", "", append([]string{"-d", "a=1 2", "-d", "b=x=y&z"}, signed...), "POST", nil, []string{"a=1%202&b=x%3Dy%26z"}},
		{"query", "", append([]string{"--place", "query"}, signed...), "GET", []string{"?q=1&oauth_consumer_key=ck", "&oauth_signature="}, nil},
		{"body", "", append([]string{"--place", "body", "-d", "a=1"}, signed...), "POST", nil, []string{"a=1&oauth_consumer_key=ck", "&oauth_signature="}},
		{"body without fields", "", append([]string{"--place", "body"}, signed...), "POST", nil, []string{"oauth_consumer_key=ck"}},
		{"text body", "", append([]string{"--body", "{}"}, signed...), "POST", []string{"application/json"}, []string{"{}"}},
		{"body of standard input", "<a/>", append([]string{"--body", "@-", "--content-type", "text/xml"}, signed...), "POST", []string{"text/xml"}, []string{"<a/>"}},
		{"realm and header", "", append([]string{"--realm", "R", "-H", "X-One: 1"}, signed...), "GET", []string{`realm="R"`, "X-One 1"}, nil},
		{"bearer", "", []string{"--bearer", "tok"}, "GET", []string{"Bearer tok"}, nil},
		{"xAuth", "", append([]string{"--xauth", "alice", "--password", "p w"}, signed...), "POST", nil, []string{"x_auth_mode=client_auth&x_auth_username=alice&x_auth_password=p%20w"}},
		{"xAuth with a password on standard input", "p w\n", append([]string{"--xauth", "alice"}, signed...), "POST", nil, []string{"x_auth_password=p%20w"}},
		{"PLAINTEXT", "", append([]string{"--signature-method", "PLAINTEXT"}, signed...), "GET", []string{`oauth_signature="cs%26ts"`}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			quietEnvironment(t)
			url, last := echo(t, http.StatusOK)
			p, out, err := inProcess(test.stdin)
			if code := p.run(append(append([]string{"request"}, test.args...), url+"/p?q=1")); code != exitFine {
				t.Fatalf("exit code %d: %s", code, err)
			}
			if out.String() != "answer" || last.Method != test.method {
				t.Errorf("output %q, method %s, want %s", out, last.Method, test.method)
			}
			where := strings.Join([]string{last.Header.Get("Authorization"), last.RequestURI, last.Header.Get("Content-Type"), "X-One " + last.Header.Get("X-One")}, "\n")
			for _, want := range test.where {
				if !strings.Contains(where, want) {
					t.Errorf("%q is not in %s", want, where)
				}
			}
			for _, want := range test.body {
				if !strings.Contains(last.body, want) {
					t.Errorf("%q is not in the body %s", want, last.body)
				}
			}
		})
	}
}

// A person may type a URL as a browser shows it.
func TestURLsAreEncoded(t *testing.T) {
	for _, credentials := range [][]string{{"--bearer", "tok"}, signed} {
		quietEnvironment(t)
		url, last := echo(t, http.StatusOK)
		p, _, err := inProcess("")
		if code := p.run(append(append([]string{"request"}, credentials...), url+"/ä b?q=ä b+%41&\"c#part")); code != exitFine {
			t.Fatalf("exit code %d: %s", code, err)
		}
		if want := "/%C3%A4%20b?q=%C3%A4%20b+%41&%22c"; last.RequestURI != want {
			t.Errorf("got %s, want %s", last.RequestURI, want)
		}
	}
}

// What is sent twice is not taken twice: Content-Type has one value.
func TestOneContentType(t *testing.T) {
	quietEnvironment(t)
	url, last := echo(t, http.StatusOK)
	p, _, _ := inProcess("")
	p.run([]string{"request", "--bearer", "a", "--body", "x", "-H", "content-type: text/xml", url})
	if got := last.Header.Values("Content-Type"); len(got) != 1 || got[0] != "text/xml" {
		t.Errorf("got %q", got)
	}
}

func TestXAuthIsSignedWithoutAToken(t *testing.T) {
	quietEnvironment(t, "GATEHOUSE_TOKEN=old", "GATEHOUSE_TOKEN_SECRET=old")
	url, last := echo(t, http.StatusOK)
	p, _, _ := inProcess("")
	p.run([]string{"request", "--consumer-key", "ck", "--xauth", "alice", "--password", "x", url})
	if header := last.Header.Get("Authorization"); strings.Contains(header, "oauth_token") {
		t.Errorf("header %s", header)
	}
}

func TestCredentialsFromTheEnvironment(t *testing.T) {
	oauth1 := []string{"GATEHOUSE_CONSUMER_KEY=ck", "GATEHOUSE_CONSUMER_SECRET=cs", "GATEHOUSE_TOKEN=tk", "GATEHOUSE_TOKEN_SECRET=ts"}
	both := append([]string{"GATEHOUSE_BEARER=tok"}, oauth1...)
	tests := []struct {
		name string
		vars []string
		args []string
		want string
	}{
		{"OAuth 1.0", oauth1, nil, `oauth_token="tk"`},
		{"bearer", []string{"GATEHOUSE_BEARER=tok"}, nil, "Bearer tok"},
		{"a bearer flag wins", both, []string{"--bearer", "flag"}, "Bearer flag"},
		{"a flag of OAuth 1.0 wins", both, []string{"--consumer-key", "flag"}, `oauth_consumer_key="flag"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			quietEnvironment(t, test.vars...)
			url, last := echo(t, http.StatusOK)
			p, _, err := inProcess("")
			if code := p.run(append(append([]string{"request"}, test.args...), url)); code != exitFine {
				t.Fatalf("exit code %d: %s", code, err)
			}
			if got := last.Header.Get("Authorization"); !strings.Contains(got, test.want) {
				t.Errorf("header %s, want %s", got, test.want)
			}
		})
	}
}

func TestRequestErrors(t *testing.T) {
	tests := []struct {
		name string
		vars []string
		args string
		want string
	}{
		{"no credentials", nil, "http://127.0.0.1:1/", "nothing to authenticate with"},
		{"two kinds", nil, "--bearer a --token b http://127.0.0.1:1/", "--bearer goes with none"},
		{"two kinds of variables", []string{"GATEHOUSE_BEARER=a", "GATEHOUSE_CONSUMER_KEY=b"}, "http://127.0.0.1:1/", "unset one"},
		{"no URL", nil, "", "usage: gatehouse request [METHOD] URL"},
		{"relative URL", nil, "--bearer a /oauth/session", "is not a URL"},
		{"other scheme", nil, "--bearer a ftp://a/", "is not a URL"},
		{"password in the URL", nil, "--bearer a http://u:p@a/", "is not a URL"},
		{"method", nil, "--consumer-key a --signature-method MD5 http://a/", "--signature-method is one of HMAC-SHA1"},
		{"place", nil, "--consumer-key a --place cookie http://a/", "--place is header, query or body"},
		{"RSA without a key", nil, "--consumer-key a --signature-method RSA-SHA1 http://a/", "needs --rsa-key"},
		{"no key file", nil, "--consumer-key a --signature-method RSA-SHA1 --rsa-key /none http://a/", "--rsa-key: open /none"},
		{"two bodies", nil, "--bearer a -d a=b --body c http://a/", "a request has one body"},
		{"field without a value", nil, "--bearer a -d a http://a/", "--data takes name=value"},
		{"header without a colon", nil, "--bearer a -H a http://a/", "--header takes"},
		{"header without a name", nil, "--bearer a -H :b http://a/", "--header takes"},
		{"header with a broken name", nil, "--bearer a -H a(b:c http://a/", "--header takes"},
		{"header of two lines", nil, "--bearer a -H a:b\x00c http://a/", "--header takes"},
		{"another host", nil, "--bearer a -H host:b http://a/", "--header host: the host is the URL's"},
		{"two Authorization headers", nil, "--bearer a -H authorization:b http://a/", "--header Authorization: "},
		{"no token", nil, "--bearer a\u00e4 http://a/", "the bearer token"},
		{"no method", nil, "--bearer a GET/ http://a/", `"GET/" is not a method`},
		{"no body file", nil, "--bearer a --body @/none http://a/", "--body: open /none"},
		{"body in the body", nil, "--consumer-key a --place body --body c http://a/", "is not a form"},
		{"broken query", nil, "--consumer-key a http://a/?b=%zz", `parameter "b"`},
		{"no answer", nil, "--bearer a http://127.0.0.1:1/", "no answer from 127.0.0.1:1: connection refused"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			quietEnvironment(t, test.vars...)
			p, _, stderr := inProcess("")
			code := p.run(append([]string{"request"}, strings.Fields(test.args)...))
			if got := stderr.String(); !failed(code) || !strings.Contains(got, test.want) || strings.Count(got, "\n") != 1 {
				t.Errorf("exit code %d, %q, want %q", code, got, test.want)
			}
		})
	}
}

func TestRefusedRequests(t *testing.T) {
	quietEnvironment(t)
	for status, want := range map[int]int{200: exitFine, 302: exitFine, 400: exitRefused, 401: exitRefused, 503: exitRefused} {
		url, last := echo(t, status)
		p, out, _ := inProcess("")
		if code := p.run([]string{"request", "--bearer", "a", "DELETE", url}); code != want {
			t.Errorf("status %d: exit code %d, want %d", status, code, want)
		}
		if out.String() != "answer" || last.Method != "DELETE" || last.URL.Path != "/" {
			t.Errorf("status %d: output %q, %s %s", status, out, last.Method, last.URL)
		}
	}
}

func TestVerboseAndInclude(t *testing.T) {
	quietEnvironment(t)
	url, _ := echo(t, http.StatusOK)
	p, out, stderr := inProcess("")
	p.run(append([]string{"request", "-v", "-i", "-d", "a=1", url + "/x"}, signed...))
	for _, want := range []string{"* base string: POST&http%3A%2F%2F127.0.0.1%3A", "%2Fx&a%3D1%26oauth_consumer_key%3Dck", "> POST /x\n", "> Authorization: OAuth ", ">\na=1\n"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%q is not in\n%s", want, stderr)
		}
	}
	if got := out.String(); !strings.HasPrefix(got, "HTTP/1.1 200 OK\n") || !strings.Contains(got, "\nX-Two: 2\n\nanswer") {
		t.Errorf("output %q", got)
	}
}

func TestRSAKeyFromAFile(t *testing.T) {
	quietEnvironment(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	url, last := echo(t, http.StatusOK)
	p, _, stderr := inProcess("")
	if code := p.run([]string{"request", "--consumer-key", "ck", "--signature-method", "RSA-SHA256", "--rsa-key", path, url}); code != exitFine {
		t.Fatal(stderr)
	}
	if got := last.Header.Get("Authorization"); !strings.Contains(got, "RSA-SHA256") {
		t.Errorf("header %s", got)
	}
}

func TestVersionAndHelp(t *testing.T) {
	p, out, _ := inProcess("")
	if code := p.run([]string{"version"}); code != exitFine || !strings.HasPrefix(out.String(), "gatehouse ") {
		t.Errorf("exit code %d, %q", code, out)
	}
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"request", "--help"}, {"doctor", "--help"}, {"client", "create", "--help"}, {"user", "create", "--help"}} {
		p, out, _ := inProcess("")
		if code := p.run(args); code != exitFine || !strings.Contains(out.String(), "Examples:\n  gatehouse ") {
			t.Errorf("%v: exit code %d, %s", args, code, out)
		}
	}
	for args, flags := range map[string][]string{"client": {"--stack", "--keys"}, "user": {"--stack"}} {
		p, out, _ := inProcess("")
		p.run([]string{args, "create", "--help"})
		said, listed, _ := strings.Cut(out.String(), "Flags:\n")
		for _, flag := range []string{"--stack", "--keys"} {
			if want := slices.Contains(flags, flag); strings.Contains(said, flag) != want || strings.Contains(listed, flag+" ") != want {
				t.Errorf("%s create --help: %s is said or listed, and should be both or neither", args, flag)
			}
		}
	}
	for _, args := range [][]string{{"client", "created"}, {"cleint"}} {
		p, _, stderr := inProcess("")
		if code := p.run(args); !failed(code) || !strings.Contains(stderr.String(), "unknown command") {
			t.Errorf("%v: exit code %d, %s", args, code, stderr)
		}
	}
}
