package local_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"gatehouse"
	"gatehouse/internal/local"
)

// declared is what a simple reading finds of a template's authorizers.
type declared struct {
	Resources map[string]struct {
		Type       string `yaml:"Type"`
		Properties struct {
			Auth struct {
				Default    string `yaml:"DefaultAuthorizer"`
				Preflights any    `yaml:"AddDefaultAuthorizerToCorsPreflight"`
			} `yaml:"Auth"`
			Events map[string]struct {
				Properties struct {
					Auth yaml.Node `yaml:"Auth"`
				} `yaml:"Properties"`
			} `yaml:"Events"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

// guarded reports whether the simple reading finds a default authorizer that
// no event overrides.
func guarded(text []byte) bool {
	var found declared
	if yaml.Unmarshal(text, &found) != nil {
		return false
	}
	for _, resource := range found.Resources {
		for _, event := range resource.Properties.Events {
			if event.Properties.Auth.Kind != 0 {
				return false
			}
		}
	}
	return found.Resources["Api"].Type == "AWS::Serverless::Api" && found.Resources["Api"].Properties.Auth.Default != ""
}

// FuzzTemplate holds that a template is refused as one or serves, whatever is
// asked, and that behind a default authorizer that denies, nothing but a
// preflight reaches a function.
func FuzzTemplate(f *testing.F) {
	all := event("GET", "/a", "") + event("any", "/p/{proxy+}", "") + event("OPTIONS", "/o/{x}", "")
	for _, text := range []string{"", "a: [", "Resources: {}", "&a [*a]", "Resources: &r { Api: *r }", "? [a]\n: b", "Resources: { Api: { Type: !Sub '${Api' } }",
		template("", all), template(authorized, all), template(customised, all), template(authorized, event("GET", "/a", ", Auth: { Authorizer: NONE }")),
		template(authorized, event("GET", "/a", ", Auth: { Authorizer: Cached }")), template("Cors: \"'*'\"", all), "Conditions: { C: !Equals [!Ref StageName, prod] }\n" + template(authorized, all),
		string(gatehouse.Template)} {
		f.Add([]byte(text), "GET", "/a?b=c")
		f.Add([]byte(text), "OPTIONS", "/o/1")
		f.Add([]byte(text), "DELETE", "/p/%2e%2e/x")
	}
	f.Fuzz(func(t *testing.T, text []byte, method, target string) {
		backend, denying := &function{answer: fine}, &function{answer: policy("Deny", "*", "{}")}
		functions := map[string]local.Handler{"functions/backend": backend, "functions/authorizer": denying, "functions/token": backend,
			"functions/authorize": backend, "functions/revoke": backend, "functions/proxy": backend}
		now := func() time.Time { return time.Unix(1728913082, 0) }
		handler, err := local.New(text, functions, local.Options{Log: local.NewLog(new(bytes.Buffer), now), Clock: now, Rand: zeros{}})
		if err != nil {
			if !errors.Is(err, local.ErrTemplate) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		r, ok := asked(method, target)
		if !ok {
			return
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code < 200 || w.Code > 599 {
			t.Fatalf("%q: status %d", text, w.Code)
		}
		if len(backend.events) > 0 && method != http.MethodOptions && guarded(text) {
			t.Fatalf("%s %s reaches the function in spite of the authorizer of\n%s", method, target, text)
		}
	})
}

// asked is a request as a server reads it, if it can be one (RFC 3986 §2).
func asked(method, target string) (*http.Request, bool) {
	if method == "" || strings.ContainsFunc(method, func(c rune) bool { return c < 'A' || c > 'Z' }) || !strings.HasPrefix(target, "/") ||
		strings.ContainsFunc(target, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune("\"#<>\\^`{|}", c) }) {
		return nil, false
	}
	r, err := http.NewRequest(method, "http://127.0.0.1:8080", http.NoBody)
	if err != nil {
		return nil, false
	}
	parsed, err := r.URL.Parse("http://127.0.0.1:8080" + target)
	if err != nil {
		return nil, false
	}
	r.URL, r.RequestURI, r.RemoteAddr = parsed, target, "192.0.2.1:1234"
	return r, true
}

// FuzzRequest holds that what an authorizer refuses never reaches the function,
// that the refusal is of the gateway, whose headers and body a client cannot
// end early, and that what it lets through arrives as it was sent.
func FuzzRequest(f *testing.F) {
	for _, seed := range [][5]string{
		{"GET", "/a?q=1&q=%22%0d%0aX:%20y", "User-Agent", "App\r\nX: y", ""},
		{"GET", "//a/", "Accept", "application/xml", ""},
		{"POST", "/p/%2e%2e/a;b?x", "Authorization", "Bearer x", "\x00\xff"},
		{"OPTIONS", "/a", "Origin", "https://evil.example", ""},
		{"GET", "/p/%zz", "X-A", "$context.authorizer.reason", "{}"},
		{"GET", "/A", "Host", "evil.example", "a=b"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4])
	}
	events := event("GET", "/a", "") + event("ANY", "/p/{proxy+}", ", Auth: { Authorizer: Cached }")
	b := newBench(f, template(customised, events), nil)
	b.authorizer.answer = policy("Deny", everything, `{"reason":"$context.path","challenge":"x"}`)
	open := newBench(f, template("", events[:strings.Index(events, "ANY")]+event("ANY", "/p/{proxy+}", "")), nil)
	f.Fuzz(func(t *testing.T, method, target, name, value, body string) {
		for _, bench := range []*bench{b, open} {
			r, ok := asked(method, target)
			if !ok {
				return
			}
			r.Header[http.CanonicalHeaderKey(name)] = []string{value}
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
			bench.backend.events = nil
			w := httptest.NewRecorder()
			bench.handler.ServeHTTP(w, r)
			if w.Code < 200 || w.Code > 599 || bench == b && (w.Code == 200 && method != http.MethodOptions || len(b.backend.events) > 0) {
				t.Fatalf("%s %s: %d %s", method, target, w.Code, w.Body)
			}
			for _, event := range bench.backend.events {
				path, _, _ := strings.Cut(target, "?")
				if context := event["requestContext"].(map[string]any); event["httpMethod"] != method || context["path"] != path {
					t.Fatalf("%s %s arrives as %v %v", method, target, event["httpMethod"], context["path"])
				}
			}
		}
	})
}
