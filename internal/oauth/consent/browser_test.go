package consent

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

func TestCookie(t *testing.T) {
	h := newHouse(t)
	for scheme, want := range map[string]string{
		"https": "Path=/; HttpOnly; Secure; SameSite=Lax",
		"http":  "Path=/; HttpOnly; SameSite=Lax",
	} {
		p := h.newPerson()
		p.scheme = scheme
		page := p.get(askWeb)
		name, value, _ := strings.Cut(p.cookie, "=")
		if got := page.Header.Get("Set-Cookie"); got != name+"="+value+"; "+want || name != map[string]string{"https": "__Host-gatehouse", "http": "gatehouse"}[scheme] {
			t.Errorf("%s: Set-Cookie: %s", scheme, got)
		}
		if again := p.get(askWeb).Header.Get("Set-Cookie"); again != "" {
			t.Errorf("%s: set again though nothing changed: %s", scheme, again)
		}
		signedIn := p.submit(page, "sign-in", "username", "alice", "password", right)
		if got := signedIn.Header.Get("Set-Cookie"); !strings.HasSuffix(got, "; "+want) || strings.Contains(got, "alice") {
			t.Errorf("%s: Set-Cookie: %s", scheme, got)
		}
		if again := p.get(askWeb).Header.Get("Set-Cookie"); again != "" {
			t.Errorf("%s: set again though nothing changed: %s", scheme, again)
		}
	}
}

// The sign-in ends a fixed time after it, however much the pages are used.
func TestSignInEnds(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	for range 3 {
		h.now = h.now.Add(19 * time.Minute)
		p.get(askWeb).wantPage(http.StatusOK, webHeading, "")
	}
	page := p.get(askWeb)
	h.now = instant.Add(time.Hour)
	p.get(askWeb).wantPage(http.StatusOK, signInHeading, "")
	body := p.submit(page, "allow").wantPage(http.StatusForbidden, signInHeading, oauth.AccessDenied).body
	if !strings.Contains(body, `role="alert"`) || strings.Contains(body, `aria-invalid="`) {
		t.Errorf("the page must say why it asks again, and call nothing wrong that was typed: %s", body)
	}
	p.submit(page, "deny").wantPage(http.StatusForbidden, signInHeading, oauth.AccessDenied)
}

// The forms of two tabs work side by side, whichever signs in.
func TestTwoTabs(t *testing.T) {
	p := newHouse(t).newPerson()
	first, second := p.get(askWeb), p.get(askMobile)
	p.submit(first, "sign-in", "username", "alice", "password", right).want(http.StatusSeeOther)
	third := p.get(askWeb).wantPage(http.StatusOK, webHeading, "")
	p.submit(second, "sign-in", "username", "alice", "password", right).want(http.StatusSeeOther)
	p.submit(third, "allow").wantBack("https://good.com/cb?", url.Values{"code": {"*"}, "state": {"xyz"}, "iss": {issuer}})
	p.submit(p.get(askMobile), "allow").wantBack("https://m.example.com/cb?a=1&", url.Values{"code": {"*"}, "iss": {issuer}})
}

// wantNothingDone fails the test unless the form with state is refused,
// whatever the button, and offers to start again where it says so.
func (p *person) wantNothingDone(name, state string, again bool) {
	p.t.Helper()
	looked := len(p.door.seen)
	for _, action := range []string{"allow", "deny", "switch", "sign-in"} {
		r := p.post("state", state, "action", action, "username", "alice", "password", right).
			wantPage(http.StatusBadRequest, expiredHeading, oauth.InvalidRequest)
		if strings.Contains(r.body, `href="authorize?`) != again || r.Header.Get("Set-Cookie") != "" {
			p.t.Errorf("%s: %s, %s", name, r.Header, r.body)
		}
	}
	if len(p.door.seen) != looked {
		p.t.Errorf("%s: a password was looked at", name)
	}
}

// A form is good in the browser that it was shown in, and nowhere else: no
// other site can make a user's browser allow anything, nor sign it in.
func TestForgedForms(t *testing.T) {
	h := newHouse(t)
	attacker, victim := h.alice(), h.alice()
	state := attacker.get(askWeb).state()
	victim.wantNothingDone("another browser's consent", state, true)
	h.newPerson().wantNothingDone("no cookie", state, true)
	victim.wantNothingDone("another browser's sign-in", h.newPerson().get(askWeb).state(), true)
	for name, state := range map[string]string{"none": "", "junk": "junk", "not base64": "%%%", "changed": state[:len(state)-2] + "__", "another's end": state + "A"} {
		victim.wantNothingDone(name, state, false)
	}
	_, cookie, _ := strings.Cut(victim.cookie, "=")
	victim.wantNothingDone("a cookie", cookie, false)
	temporary, _ := h.temporary("mobile", oauth.OutOfBand)
	victim.wantNothingDone("temporary credentials", strings.TrimPrefix(temporary, "gtht_"), false)
	victim.get(askWeb).wantPage(http.StatusOK, webHeading, "")
}

// The sign-in page's form says nobody was asked.
func TestConsentOfNobody(t *testing.T) {
	p := newHouse(t).newPerson()
	page := p.get(askWeb)
	p.submit(page, "allow").wantPage(http.StatusForbidden, signInHeading, oauth.AccessDenied)
	p.submit(page, "sign-in", "username", "alice", "password", right)
	p.submit(page, "allow").wantPage(http.StatusForbidden, webHeading, oauth.AccessDenied)
	p.submit(p.get(askWeb), "").wantPage(http.StatusBadRequest, expiredHeading, oauth.InvalidRequest)
	p.submit(p.get(askWeb), "Allow").wantPage(http.StatusBadRequest, expiredHeading, oauth.InvalidRequest)
}

// Nobody allows what was asked of somebody else.
func TestConsentOfAnother(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	asked := p.get(askWeb)
	other := *p
	p.signInAgain("bob")
	body := p.submit(asked, "allow").wantPage(http.StatusForbidden, webHeading, oauth.AccessDenied).body
	if !strings.Contains(body, "<bdi>bob</bdi>") || strings.Contains(body, "alice") || !strings.Contains(body, `role="alert"`) {
		t.Errorf("the page is not bob's: %s", body)
	}
	p.submit(asked, "deny").wantPage(http.StatusForbidden, webHeading, oauth.AccessDenied)
	other.submit(asked, "allow").want(http.StatusSeeOther)
}

// signInAgain signs in as somebody else, in a tab that was open before.
func (p *person) signInAgain(name string) {
	p.t.Helper()
	p.submit(p.get(askWeb), "sign-in", "username", name, "password", right).want(http.StatusSeeOther)
}

func TestFormExpires(t *testing.T) {
	h := newHouse(t)
	p := h.newPerson()
	page := p.get(askWeb)
	h.now = instant.Truncate(time.Second).Add(formLifetime - 1)
	p.submit(page, "sign-in", "username", "alice", "password", right).want(http.StatusSeeOther)
	page = p.get(askWeb)
	h.now = h.now.Add(formLifetime)
	r := p.submit(page, "allow").wantPage(http.StatusBadRequest, expiredHeading, oauth.InvalidRequest)
	if again := between(r.body, `href="`, `"`); again != "authorize?"+strings.ReplaceAll(askWeb, "&", "&amp;") {
		t.Errorf("start again at %q", again)
	}
	p.wantNothingDone("expired", page.state(), true)
}

func TestMalformedForms(t *testing.T) {
	p := newHouse(t).alice()
	state := p.get(askWeb).state()
	form := url.Values{"state": {state}, "action": {"allow"}}.Encode()
	for name, test := range map[string]struct{ contentType, body string }{
		"JSON":            {"application/json", `{"state":"` + state + `","action":"allow"}`},
		"plain text":      {"text/plain", form}, // which other sites may send without asking
		"multipart":       {"multipart/form-data; boundary=x", form},
		"no type":         {"", form},
		"field twice":     {"application/x-www-form-urlencoded", form + "&action=deny"},
		"state twice":     {"application/x-www-form-urlencoded", "state=x&" + form},
		"broken escape":   {"application/x-www-form-urlencoded", form + "&x=%zz"},
		"not UTF-8":       {"application/x-www-form-urlencoded", form + "&x=%ff"},
		"empty":           {"application/x-www-form-urlencoded", ""},
		"longer than may": {"application/x-www-form-urlencoded", form + "&x=" + strings.Repeat("x", oauth.MaxBody)},
	} {
		r := p.send(&oauth.Request{Method: http.MethodPost, Body: []byte(test.body), Header: http.Header{"Content-Type": {test.contentType}}})
		if r.Status != http.StatusBadRequest || r.Refusal == nil {
			t.Errorf("%s: %d %+v", name, r.Status, r.Refusal)
		}
	}
	// Neither does a query stand in for the form.
	query := oauth.Params{{Name: "state", Value: state}, {Name: "action", Value: "allow"}}
	p.send(&oauth.Request{Method: http.MethodPost, Query: query, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}).
		wantPage(http.StatusBadRequest, expiredHeading, oauth.InvalidRequest)
}

// What is no cookie of ours is as none: the user has to sign in.
func TestForgedCookies(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	name, good, _ := strings.Cut(p.cookie, "=")
	state := p.get(askWeb).state()
	text, err := json.Marshal(browser{ID: make([]byte, 16), User: "id of alice", Name: "alice", Until: instant.Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := parseKeys(t, `{"current":"1","1":"the key of somebody who would be in here"}`).Seal(browserPurpose, text, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var ours []string // sealed with our key, and yet no browser's
	for _, plain := range []string{"x", "{}", `{"u":"id of alice","n":"alice","t":9999999999}`, `{"b":"AAAA","u":"id of alice","n":"alice","t":9999999999}`,
		`{"u":"id of alice","t":9999999999,"b":1}`} {
		sealed, err := h.Keys.Seal(browserPurpose, []byte(plain), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		ours = append(ours, name+"="+sealed)
	}
	for _, cookie := range append(ours, name+"=", name+"=junk", name+"="+state, name+"="+elsewhere, name+"="+good[:len(good)-2]+"__",
		name+"="+good+"A", "gatehouse="+good, name+"2="+good, ";;;=", name) {
		p.cookie = cookie
		r := p.get(askWeb).wantPage(http.StatusOK, signInHeading, "")
		if r.Header.Get("Set-Cookie") == "" {
			t.Errorf("%s: no new cookie", cookie)
		}
	}
	for _, cookie := range []string{"a=b; " + name + "=" + good, name + "=junk; " + name + "=" + good, "\x00; " + name + "=" + good} {
		p.cookie = cookie
		p.get(askWeb).wantPage(http.StatusOK, webHeading, "")
	}
}

// A cookie without an end of the sign-in gives none.
func TestCookieFailsClosed(t *testing.T) {
	h := newHouse(t)
	for _, b := range []browser{{User: "u", Name: "n"}, {User: "u", Name: "n", Until: -1}, {Until: instant.Add(time.Hour).Unix()}} {
		if b.signedIn(instant) {
			t.Errorf("%+v is signed in", b)
		}
	}
	plain, err := json.Marshal(form{Query: askWeb})
	if err != nil {
		t.Fatal(err)
	}
	state, err := h.Keys.Seal(formPurpose, plain, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	h.alice().wantNothingDone("form without a browser", state, true)
	h.newPerson().wantNothingDone("form without a browser", state, true)
}

// A rotated key makes a running function read its keyring again, and signs
// nobody out.
func TestUnknownKeys(t *testing.T) {
	h := newHouse(t)
	old, newer := h.Keys, parseKeys(t, `{"current":"2",`+firstKey+`,`+secondKey+`}`)
	h.Keys = newer
	p := h.alice()
	state := p.get(askWeb).state()
	_, query := h.temporary("mobile", oauth.OutOfBand)
	cookie := p.cookie
	for name, ask := range map[string]func(*person) reply{
		"cookie":                func(p *person) reply { return p.get(askWeb) },
		"cookie and bad client": func(p *person) reply { return p.get("client_id=nobody") },
		"form":                  func(p *person) reply { p.cookie = ""; return p.post("state", state, "action", "allow") },
		"cookie and form":       func(p *person) reply { return p.post("state", state, "action", "allow") },
		"temporary credentials": func(p *person) reply { p.cookie = ""; return p.get(query) },
	} {
		h.Keys, p.cookie = old, cookie
		if r := ask(p); r.Refusal == nil || !r.Refusal.UnknownKey {
			t.Errorf("%s: %d, %+v, want an unknown key", name, r.Status, r.Refusal)
		}
		h.Keys, p.cookie = newer, cookie
		if r := ask(p); r.Refusal != nil && r.Refusal.UnknownKey {
			t.Errorf("%s with the key: %d, %+v", name, r.Status, r.Refusal)
		}
	}
	if r := p.get(askWeb); r.Refusal != nil {
		t.Errorf("signed out: %+v", r.Refusal)
	}
}
