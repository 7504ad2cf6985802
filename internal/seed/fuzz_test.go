package seed_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

// FuzzParse holds that a seed file that is taken can be written and read
// again, and that a wrong one is refused in one line that is fit for a
// terminal.
func FuzzParse(f *testing.F) {
	for _, text := range []string{whole, "{}", "", "[]", "null", "\ufeff{}", client(`,"public":true`), client(`,"scopes":["a","b"]`), client(`,"scopes":["a","a"]`),
		client(`,"redirect_uris":["https://a.example/cb"],"origins":["https://a.example"]`), client(`,"oauth1_sunset":"2027-01-31T12:00:00+02:00"`),
		client(`,"ID":"d"`), `{"users":[{"name":"a","password":"b"},{"name":"a","password":"c"}]}`, `{"clients":[null]}`, "{\"users\":[{\"name\":\"\u2028\",\"password\":\"\\ud800\"}]}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := seed.Parse(text)
		if err != nil {
			if told := err.Error(); strings.ContainsAny(told, "\n\r\x1b\x00") || told == "" || len(told) > 2000 {
				t.Fatalf("%q is refused with %q", text, told)
			}
			return
		}
		printed, err := json.Marshal(map[string]any{"clients": file.Clients, "users": file.Users, "tokens": file.Tokens})
		if err != nil {
			t.Fatal(err)
		}
		again, err := seed.Parse(printed)
		if err != nil || !reflect.DeepEqual(normal(again), normal(file)) {
			t.Fatalf("%q is written as %s and read as %+v, %v", text, printed, again, err)
		}
		for i := range file.Clients {
			keepsItsWord(t, &file.Clients[i])
		}
	})
}

// normal makes no difference between a list that is empty and one that is
// absent.
func normal(file *seed.File) string {
	text, err := json.Marshal(file)
	if err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(string(text), ":[]", ":null")
}

// keepsItsWord holds what the rest of the code relies on of a client that was
// checked.
func keepsItsWord(t *testing.T, c *seed.Client) {
	t.Helper()
	if c.Public && (c.Secret != "" || len(c.SignatureMethods) > 0) {
		t.Fatalf("a public client with a secret: %+v", c)
	}
	for _, scope := range c.Scopes {
		if tokens, ok := oauth.ParseScope(scope); !ok || len(tokens) != 1 {
			t.Fatalf("scope %q", scope)
		}
	}
	for _, uri := range c.RedirectURIs {
		redirectsSafely(t, uri)
	}
}

// redirectsSafely holds of a redirect URI that is taken that a browser sent
// there with a code in the query reaches the host that net/url sees, by a
// scheme that no page runs.
func redirectsSafely(t *testing.T, uri string) {
	t.Helper()
	parsed, err := url.Parse(uri)
	if err != nil {
		t.Fatalf("%q: %v", uri, err)
	}
	switch parsed.Scheme {
	case "http":
		if host := parsed.Hostname(); host != "localhost" && host != "127.0.0.1" && host != "::1" {
			t.Fatalf("%q goes to %s in the clear", uri, host)
		}
	case "https":
		if parsed.Hostname() == "" {
			t.Fatalf("%q has no host", uri)
		}
	default:
		if !strings.Contains(parsed.Scheme, ".") {
			t.Fatalf("%q has the scheme %s", uri, parsed.Scheme)
		}
	}
	if parsed.User != nil || strings.ContainsAny(uri, "# \\\"<>\r\n\t") || strings.ContainsFunc(uri, func(c rune) bool { return c < '!' || c > '~' }) {
		t.Fatalf("%q is taken", uri)
	}
}

// FuzzClient holds the same of what comes by flags of the program.
func FuzzClient(f *testing.F) {
	for _, uri := range []string{callback, "http://localhost:9999/cb", "http://[::1]:8/cb", "com.example.app:/cb", "com.example.app://cb", "https://[2001:db8::1]/cb",
		"javascript:alert(1)", "https://good.com@evil.com/", "https://*.example.com/", "http://127.0.0.1.evil.com/", "https://a.example/#", "//a", ""} {
		f.Add("id", "name", uri, "https://a.example", "read")
		f.Add("id", "", callback, uri, "\"")
	}
	f.Fuzz(func(t *testing.T, id, name, uri, origin, scope string) {
		c := web([]string{uri}, []string{origin})
		c.ID, c.Name, c.Scopes = id, name, []string{scope}
		err := c.Check()
		var fault *seed.FieldError
		if err != nil {
			if !errors.As(err, &fault) || fault.Field == "" || fault.Reason == "" {
				t.Fatalf("%+v: %v", c, err)
			}
			return
		}
		keepsItsWord(t, c)
		if parsed, err := url.Parse(origin); err != nil || parsed.Scheme+"://"+parsed.Host != origin || strings.ToLower(origin) != origin {
			t.Fatalf("%q is no origin: %v", origin, err)
		}
	})
}
