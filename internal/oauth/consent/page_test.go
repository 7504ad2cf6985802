package consent

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// everyPage has a page of each kind, by its name.
func everyPage(t *testing.T, h *house) map[string]reply {
	t.Helper()
	p, stranger := h.alice(), h.newPerson()
	_, oob := h.temporary("mobile", oauth.OutOfBand)
	fault, err := h.Fault()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]reply{
		"fault":         {fault, t, string(fault.Body)},
		"sign-in":       stranger.get(askWeb),
		"wrong":         stranger.submit(stranger.get(askWeb), "sign-in", "username", "alice", "password", wrong),
		"consent":       p.get(askWeb),
		"consent oob":   p.get(oob),
		"verifier":      p.submit(p.get(oob), "allow"),
		"denied":        p.submit(p.get(oob), "deny"),
		"unknown app":   p.get("client_id=nobody"),
		"wrong address": p.get(askWeb + "&redirect_uri=x"),
		"request over":  p.get("oauth_token=x"),
		"not offered":   p.get("oauth_token=" + first(h.temporary("over", oauth.OutOfBand))),
		"form over":     p.post("state", "x"),
		"start again":   stranger.post("state", p.get(askWeb).state()),
		"wrong method":  p.send(&oauth.Request{Method: http.MethodPut}),
		"no such page":  p.send(&oauth.Request{Method: http.MethodGet, Route: "/"}),
	}
}

func first(s, _ string) string { return s }

// What any page must have, to be read by anybody and framed by nobody.
func TestEveryPage(t *testing.T) {
	h := newHouse(t)
	for name, r := range everyPage(t, h) {
		if !strings.HasPrefix(r.body, "<!doctype html>\n<html lang=\"en\">\n") {
			t.Errorf("%s begins %.80q", name, r.body)
		}
		for _, tag := range []string{"<main>", "<h1>", "<title>", "</html>", `<meta name="viewport" content="width=device-width, initial-scale=1">`,
			`<img src="https://cdn.example.com:8443/logo.svg?v=2" alt="Acme &amp; Co">`} {
			if strings.Count(r.body, tag) != 1 {
				t.Errorf("%s: %d times %s", name, strings.Count(r.body, tag), tag)
			}
		}
		title := between(r.body, "<title>", "</title>")
		if lead, isOurs := strings.CutSuffix(title, " – Acme &amp; Co"); !isOurs || lead == "" {
			t.Errorf("%s: title %q", name, title)
		}
		if empty := regexp.MustCompile(`<(h1|p|li|label|button[^>]*|strong|bdi)>\s*</`).FindString(r.body); empty != "" || strings.Contains(r.body, "ZgotmplZ") {
			t.Errorf("%s: something is empty: %s", name, r.body)
		}
		wantLabels(t, name, r.body)
	}
}

// wantLabels checks that each field that people see has a label.
func wantLabels(t *testing.T, name, body string) {
	t.Helper()
	for _, field := range regexp.MustCompile(`<(?:input|textarea)[^>]*>`).FindAllString(body, -1) {
		id := between(field, `id="`, `"`)
		if !strings.Contains(field, `type="hidden"`) && (id == "" || !strings.Contains(body, `<label for="`+id+`">`)) {
			t.Errorf("%s: no label for %s", name, field)
		}
	}
}

// The policy names the very style sheet, and browsers apply no other.
func TestStylePolicy(t *testing.T) {
	h := newHouse(t)
	for name, r := range everyPage(t, h) {
		sum := sha256.Sum256([]byte(between(r.body, "<style>", "</style>")))
		want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src https://cdn.example.com:8443; form-action "
		if policy := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, want) {
			t.Errorf("%s: policy %q, want %q", name, policy, want)
		}
		if strings.Contains(r.body, "style=") {
			t.Errorf("%s has styles that the policy forbids", name)
		}
	}
}

func TestWithoutLogo(t *testing.T) {
	h := newHouse(t)
	h.Look.LogoURL = ""
	r := h.newPerson().get(askWeb)
	if strings.Contains(r.body, "<img") || strings.Contains(r.Header.Get("Content-Security-Policy"), "img-src") || !strings.Contains(r.body, "<header>Acme &amp; Co</header>") {
		t.Errorf("%s\n%s", r.Header, r.body)
	}
}

// A form with a password leads here only; one whose answer redirects leads to
// where that is, since browsers hold redirects to the policy too.
func TestFormAction(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	_, oob := h.temporary("mobile", oauth.OutOfBand)
	native := "response_type=code&client_id=native" + pkce + "&redirect_uri="
	for query, want := range map[string]string{
		askWeb: "'self' https:",
		oob:    "'self'",
		native + "http%3A%2F%2F127.0.0.1%3A51004%2Fcb":     "'self' https: http://127.0.0.1:51004",
		native + "http%3A%2F%2F127.0.0.1%2Fcb":             "'self' https: http://127.0.0.1",
		native + "http%3A%2F%2Flocalhost%3A7000%2Fcb":      "'self' https: http://localhost:7000",
		native + "http%3A%2F%2F%5B%3A%3A1%5D%3A51004%2Fcb": "'self' https: http:",
		native + "com.example.app%3A%2Fcb":                 "'self' com.example.app:",
	} {
		if got := formActionOf(p.get(query).want(http.StatusOK)); got != want {
			t.Errorf("%s: form-action %q, want %q", query, got, want)
		}
		if got := formActionOf(h.newPerson().get(query).wantPage(http.StatusOK, signInHeading, "")); got != "'self'" {
			t.Errorf("%s: form-action of the sign-in %q", query, got)
		}
	}
	if got := formActionOf(p.get("client_id=nobody")); got != "'none'" {
		t.Errorf("without a form: %q", got)
	}
}

func formActionOf(r reply) string {
	return between(r.Header.Get("Content-Security-Policy"), "; form-action ", ";")
}

func TestConsentSays(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	native := "response_type=code&client_id=native" + pkce + "&redirect_uri="
	for query, wants := range map[string][]string{
		askWeb:                                        {"<li>See who you are</li>\n<li>See your notes</li>\n<li><code>write</code></li>", "You will return to <strong>good.com</strong>."},
		"response_type=code&client_id=bare":           {"it learns who you are, and nothing else.", "<strong>bare.example.com</strong>", "<bdi>bare</bdi> asks"},
		native + "com.example.app%3A%2Fcb":            {"You will return to the app on this device.", "See your notes"},
		native + "http%3A%2F%2Flocalhost%3A7000%2Fcb": {"You will return to the app on this device."},
	} {
		body := p.get(query).want(http.StatusOK).body
		for _, want := range append(wants, `value="allow"`, `value="deny"`, `value="switch"`, "signed in as <strong><bdi>alice</bdi></strong>", `method="post" action="authorize"`) {
			if strings.Count(body, want) != 1 {
				t.Errorf("%s: %q is not there once: %s", query, want, body)
			}
		}
	}
}

// An address that some tool registered without the checks of ours.
func TestHostOfPlainHTTP(t *testing.T) {
	a := authorization{redirect: "http://app.example.com:8080/cb"}
	if host := a.host(); host != "app.example.com:8080" {
		t.Errorf("host %q", host)
	}
	a.redirect = "https://a b/\x00"
	if host, action := a.host(), formAction(a.redirect); host != "" || action != "'self'" {
		t.Errorf("host %q, form-action %q", host, action)
	}
}

// Whatever a page shows is text, whoever chose it.
func TestInjection(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'{{.State}}` + "\r\nSet-Cookie: a=b"
	h := newHouse(t)
	h.Look.Name, h.Look.LogoURL = evil, "javascript:"+evil
	h.Look.Accent, h.Look.AccentDark = "red}</style><script>", evil
	h.Look.Scopes = map[string]string{"read": evil, "write": "</li>" + evil}
	h.change("web", func(c *oauth.Client) { c.Name, c.Scopes = evil, append(c.Scopes, "</code><script>") })
	p := h.newPerson()
	ask := askWeb + "&nonce=" + url.QueryEscape(evil) + "&" + url.QueryEscape(evil) + "=1"
	ask = strings.Replace(ask, "state=xyz", "state="+url.QueryEscape(evil), 1)
	page := p.get(ask).want(http.StatusOK)
	pages := []reply{page, p.submit(page, "sign-in", "username", evil, "password", wrong), p.get("client_id=" + url.QueryEscape(evil)),
		p.get("oauth_token=" + url.QueryEscape(evil)), p.post("state", evil), p.get(ask + "&redirect_uri=" + url.QueryEscape(evil)),
		h.newPerson().post("state", page.state())}
	p.submit(page, "sign-in", "username", evil, "password", right).want(http.StatusSeeOther)
	pages = append(pages, p.get(ask).want(http.StatusOK))
	for _, r := range pages {
		for _, tag := range []string{"<script", "<img src=x", "onerror=alert(1)>", "javascript:"} {
			if strings.Contains(r.body, tag) {
				t.Errorf("%q got into %s", tag, r.body)
			}
		}
		if strings.Count(r.body, "</style>") != 1 || strings.Count(r.body, "<form") != strings.Count(r.body, "</form>") {
			t.Errorf("the page is broken: %s", r.body)
		}
	}
	want := url.Values{"code": {"*"}, "state": {evil}, "iss": {issuer}}
	p.submit(pages[len(pages)-1], "allow").wantBack("https://good.com/cb?", want)
}
