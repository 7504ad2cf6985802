package seed_test

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

// web is a client of web pages.
func web(redirects, origins []string) *seed.Client {
	return &seed.Client{ID: "c", Grants: []oauth.Grant{oauth.GrantAuthorizationCode}, RedirectURIs: redirects, Origins: origins}
}

const callback = "https://app.example.com/callback"

func TestRedirectURIsThatAreFine(t *testing.T) {
	for _, uri := range []string{callback, callback + "?a=b", "https://app.example.com", "https://xn--bcher-kva.example/",
		"https://my_app.example/", "https://192.0.2.1:8443/cb", "https://[2001:db8::1]/cb", callback + "/%C3%BC;a=(b)'*",
		"https://app.example.com/@alice", "http://localhost:9999/cb", "http://127.0.0.1/cb", "http://[::1]:8/cb",
		"com.example.app:/cb", "com.example.app://cb", "com.example.app:cb", callback + strings.Repeat("x", 1024-len(callback))} {
		if err := web([]string{uri}, nil).Check(); err != nil {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

func TestRedirectURIsThatAreNot(t *testing.T) {
	const characters, absolute, secure, app, host = "takes the characters of a URI only", "takes an absolute URI", "takes https, or http on a loopback",
		"takes an app's own scheme", "takes one whole host"
	for uri, want := range map[string]string{
		"":                                   absolute,
		"callback":                           absolute,
		"/callback":                          absolute,
		"//app.example.com/callback":         absolute,
		"https://app.example.com:x/":         absolute,
		"https://%61pp.example.com/":         absolute,
		"https://[::1/":                      absolute,
		callback + "#":                       "takes a URI without a fragment",
		"https://evil.com#good.com":          "takes a URI without a fragment",
		"https://good.com@evil.com/":         "takes a URI without a user",
		"https://good.com:a@evil.com/":       "takes a URI without a user",
		"https://@evil.com/":                 "takes a URI without a user",
		"com.example.app://good.com@evil/":   "takes a URI without a user",
		"https://*.example.com/":             host,
		"https://*/":                         host,
		"https://a.example;script-src/":      host,
		"https://a.example,b.example/":       host,
		"https://[fe80::1%25a;b]/":           host,
		"http://localhost.*/":                host,
		"com.example.app://*/":               host,
		callback + " ":                       characters,
		" " + callback:                       characters,
		callback + "\r\nSet-Cookie:a=b":      characters,
		callback + "\x00":                    characters,
		callback + "\x7f":                    characters,
		callback + "?a=\"b\"":                characters,
		callback + "<script>":                characters,
		"https://good.com\\@evil.com/":       characters,
		"https://bücher.example/":            characters,
		callback + "ü":                       characters,
		"http://a.example/":                  secure,
		"http://127.0.0.1.evil.com/":         secure,
		"http://127.0.0.2/":                  secure,
		"http://2130706433/":                 secure,
		"https:///a":                         secure,
		"https:a":                            secure,
		"https://:80/":                       host,
		"javascript:alert(1)":                app,
		"JavaScript:alert(1)":                app,
		"javascript://app.example.com/%0Aa":  app,
		"data:text/html,a":                   app,
		"vbscript:a":                         app,
		"blob:https://app.example.com/a":     app,
		"file:///etc/passwd":                 app,
		"view-source:https://a.example/":     app,
		"myapp://callback":                   app,
		callback + strings.Repeat("x", 1024): "takes at most 1024 bytes",
	} {
		wantFault(t, web([]string{callback, uri}, nil), "redirect_uris[1]: "+want)
	}
	wantFault(t, web([]string{callback, callback}, nil), "redirect_uris[1]: is there twice")
	wantFault(t, web(nil, nil), "redirect_uris: is missing")
	wantFault(t, web(numbered(51), nil), "redirect_uris: takes at most 50")
	if err := web(numbered(50), numbered(50)).Check(); err != nil {
		t.Errorf("50: %v", err)
	}
}

func TestOriginsThatAreFine(t *testing.T) {
	for _, origin := range []string{"https://app.example.com", "https://app.example.com:8443", "http://localhost:5173", "http://localhost",
		"http://127.0.0.1:8000", "http://[::1]:5173", "https://[2001:db8::1]", "https://xn--bcher-kva.example",
		"https://localhost:80", "http://localhost:443"} {
		if err := web([]string{callback}, []string{origin}).Check(); err != nil {
			t.Errorf("%s: %v", origin, err)
		}
	}
}

func TestOriginsThatAreNot(t *testing.T) {
	const origin, host, port, secure, written = "takes the origin of a web page, such as https://app.example.com", "takes one whole host",
		"takes a port of 1 to 65535", "takes https, or http on a loopback", "is to be written as browsers send it: "
	for text, want := range map[string]string{
		"":                                     origin,
		"*":                                    origin,
		"null":                                 origin,
		"app.example.com":                      origin,
		"localhost:5173":                       origin,
		"//app.example.com":                    origin,
		"file://":                              origin,
		"capacitor://localhost":                origin,
		"https://":                             origin,
		"https://app.example.com ":             origin,
		"https://a.example, b":                 origin,
		"https://*.example.com":                host,
		"https://bücher.example":               host,
		"https://:443":                         host,
		"http://app.example.com":               secure,
		"http://localhost.example.com":         secure,
		"https://app.example.com:0":            port,
		"https://app.example.com:0443":         port,
		"https://app.example.com:65536":        port,
		"https://app.example.com/":             written + "https://app.example.com",
		"https://app.example.com/a":            written + "https://app.example.com",
		"https://app.example.com?a":            written + "https://app.example.com",
		"https://app.example.com#":             written + "https://app.example.com",
		"https://alice@app.example.com":        written + "https://app.example.com",
		"HTTPS://App.example.COM:8443":         written + "https://app.example.com:8443",
		"https://app.example.com:443":          written + "https://app.example.com",
		"https://app.example.com:":             written + "https://app.example.com",
		"http://localhost:80":                  written + "http://localhost",
		"https://" + strings.Repeat("a", 1024): "takes at most 1024 bytes",
	} {
		wantFault(t, web([]string{callback}, []string{"https://other.example", text}), "origins[1]: "+want)
	}
	wantFault(t, web([]string{callback}, []string{"https://a", "https://a"}), "origins[1]: is there twice")
	wantFault(t, web([]string{callback}, numbered(51)), "origins: takes at most 50")
}

// numbered makes URIs that are origins too.
func numbered(count int) []string {
	uris := make([]string, count)
	for i := range uris {
		uris[i] = fmt.Sprintf("https://a%d.example", i)
	}
	return uris
}

func wantFault(t *testing.T, c *seed.Client, want string) {
	t.Helper()
	if err := c.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%.80q, %.80q: got %v, want %s", c.RedirectURIs, c.Origins, err, want)
	}
}
