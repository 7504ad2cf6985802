package flowtest

import (
	"html"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// person is a user with a browser that has no scripts: it keeps cookies, sends
// forms, and tells where it is sent instead of going there.
type person struct {
	target Target
	http   *http.Client
}

func newPerson(t *testing.T, g Target) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &person{g, &http.Client{Jar: jar, CheckRedirect: stay}}
}

// open shows the page for an authorization request.
func (p *person) open(t *testing.T, query ...string) reply {
	t.Helper()
	return sendBy(t, p.http, newRequest(t, "GET", p.target.URL+"/oauth/authorize?"+encode(query), ""))
}

// press sends the form of a page by the button called action.
func (p *person) press(t *testing.T, page reply, action string, fields ...string) reply {
	t.Helper()
	fields = append([]string{"state", hidden(t, page), "action", action}, fields...)
	return sendBy(t, p.http, newRequest(t, "POST", p.target.URL+"/oauth/authorize", encode(fields), "Content-Type", form))
}

// signIn goes from the sign-in page to the consent page.
func (p *person) signIn(t *testing.T, page reply) reply {
	t.Helper()
	sent := p.press(t, page, "sign-in", "username", p.target.User, "password", p.target.Password).want(t, http.StatusSeeOther)
	next, err := url.Parse(p.target.URL + "/oauth/authorize")
	if err == nil {
		next, err = next.Parse(sent.header.Get("Location"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return sendBy(t, p.http, newRequest(t, "GET", next.String(), "")).want(t, http.StatusOK)
}

// answer signs in unless that was done before, gives the answer by the button
// called action, and returns where that leads.
func (p *person) answer(t *testing.T, action string, query ...string) *url.URL {
	t.Helper()
	page := p.open(t, query...).want(t, http.StatusOK)
	if strings.Contains(page.body, `value="sign-in"`) {
		page = p.signIn(t, page)
	}
	return location(t, p.press(t, page, action).want(t, http.StatusSeeOther))
}

func location(t *testing.T, r reply) *url.URL {
	t.Helper()
	to, err := url.Parse(r.header.Get("Location"))
	if err != nil || to.Scheme == "" {
		t.Fatalf("Location %q: %v", r.header.Get("Location"), err)
	}
	return to
}

func hidden(t *testing.T, page reply) string {
	t.Helper()
	return inPage(t, page, `<input[^>]* name="state"[^>]* value="([^"]+)"`)
}

// inPage is the first group of pattern in a page.
func inPage(t *testing.T, page reply, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(page.body)
	if found == nil {
		t.Fatalf("status %d, no %s in %s", page.status, pattern, page.body)
	}
	return strings.TrimSpace(html.UnescapeString(found[1]))
}
