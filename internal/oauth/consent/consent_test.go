package consent

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// The headings of the pages.
const (
	signInHeading  = "Sign in"
	webHeading     = "Web App asks for access to your Acme & Co account"
	mobileHeading  = "Mobile asks for access to your Acme & Co account"
	expiredHeading = "This form has expired"
	overHeading    = "This request has expired"
	unknownHeading = "This app is not known here"
	addressHeading = "This app gave a wrong address"
	offeredHeading = "This app cannot ask for access in this way"
)

func TestCodeFlow(t *testing.T) {
	h := newHouse(t)
	p := h.newPerson()
	page := p.get(askMobile+"&state=a%26b+%C3%BC%0d%0aX-Header:%20c").wantPage(http.StatusOK, signInHeading, "")
	signedIn := p.submit(page, "sign-in", "username", "alice", "password", right)
	again, ok := strings.CutPrefix(signedIn.want(http.StatusSeeOther).Header.Get("Location"), "authorize?")
	if !ok || signedIn.Session == nil || signedIn.Session.User != "id of alice" || signedIn.Session.Client != "mobile" || signedIn.Refusal != nil {
		t.Fatalf("sent to %q, logged %+v", again, signedIn.Session)
	}
	page = p.get(again).wantPage(http.StatusOK, mobileHeading, "")
	allowed := p.submit(page, "allow")
	back := allowed.wantBack("https://m.example.com/cb?a=1&", url.Values{"code": {"*"}, "state": {"a&b ü\r\nX-Header: c"}, "iss": {issuer}})
	if s := allowed.Session; s == nil || s.User != "id of alice" || s.Client != "mobile" || s.Protocol != oauth.OAuth2 || allowed.Refusal != nil {
		t.Errorf("logged %+v, %+v", s, allowed.Refusal)
	}
	code, _, err := h.Keys.OpenCode(back.Get("code"), h.now)
	want := seal.Code{Client: "mobile", Redirect: "https://m.example.com/cb?a=1", Named: true, Scope: []string{"read"}, User: "id of alice", UserName: "alice"}
	if err != nil || !reflect.DeepEqual(code, want) {
		t.Errorf("the code says %+v, %v, want %+v", code, err, want)
	}
	if _, _, err := h.Keys.OpenCode(back.Get("code"), h.now.Add(time.Minute)); !errors.Is(err, seal.ErrExpired) {
		t.Errorf("the code after a minute: %v", err)
	}
}

func TestCodeOfPublicClient(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	back := p.submit(p.get(askWeb).wantPage(http.StatusOK, webHeading, ""), "allow").
		wantBack("https://good.com/cb?", url.Values{"code": {"*"}, "state": {"xyz"}, "iss": {issuer}})
	code, _, err := h.Keys.OpenCode(back.Get("code"), h.now)
	want := seal.Code{Client: "web", Redirect: "https://good.com/cb", Scope: []string{"read", "write"}, User: "id of alice", UserName: "alice", Challenge: challenge}
	if err != nil || !reflect.DeepEqual(code, want) {
		t.Errorf("the code says %+v, %v, want %+v", code, err, want)
	}
}

func TestDeny(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	denied := p.submit(p.get(askWeb), "deny")
	denied.wantBack("https://good.com/cb?", url.Values{"error": {"access_denied"}, "error_description": {"the user denied"}, "state": {"xyz"}, "iss": {issuer}})
	if denied.Refusal == nil || denied.Refusal.Code != oauth.AccessDenied || denied.Session == nil {
		t.Errorf("logged %+v, %+v", denied.Refusal, denied.Session)
	}
	p.get(askWeb).wantPage(http.StatusOK, webHeading, "")
}

// The answer says who made it, whatever it is, so that a client of several
// servers does not mix them up (RFC 9207).
func TestIssuerBelowAnyPath(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	p.scheme = "http"
	if p.get(askWeb).wantPage(http.StatusOK, signInHeading, ""); strings.HasPrefix(p.cookie, "__Host-") {
		t.Fatalf("cookie %s", p.cookie)
	}
	p.signIn("alice", askWeb)
	want := url.Values{"code": {"*"}, "state": {"xyz"}, "iss": {"http://api.example.com/prod"}}
	p.submit(p.get(askWeb), "allow").wantBack("https://good.com/cb?", want)
}

// What a user allowed once is asked again the next time, of both protocols and
// in the same browser, and only a press of the button gives another code.
func TestAskedAgainAfterAllowing(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	_, first := h.temporary("mobile", "https://m.example.com/cb")
	_, second := h.temporary("mobile", "https://m.example.com/cb")
	for _, test := range []struct{ name, before, again, heading string }{
		{"a code", askWeb, askWeb, webHeading},
		{"a code for less", askWeb, askWeb + "&scope=read", webHeading},
		{"a code of a client with a secret", askMobile, askMobile, mobileHeading},
		{"a verifier", first, second, mobileHeading},
		{"a verifier after a code", askMobile, second, mobileHeading},
		{"a code after a verifier", first, askMobile, mobileHeading},
	} {
		allowed := p.submit(p.get(test.before), "allow").want(http.StatusSeeOther).Header.Get("Location")
		if !strings.Contains(allowed, "code=") && !strings.Contains(allowed, "oauth_verifier=") {
			t.Fatalf("%s: allowing leads to %q", test.name, allowed)
		}
		page := p.get(test.again).wantPage(http.StatusOK, test.heading, "")
		if page.Header.Get("Location") != "" || page.state() == "" {
			t.Errorf("%s: nobody is asked: %v", test.name, page.Header)
		}
	}
}

func TestSwitch(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	elsewhere := p.get(askMobile)
	again := p.submit(p.get(askWeb), "switch").want(http.StatusSeeOther).Header.Get("Location")
	if again != "authorize?"+askWeb {
		t.Fatalf("sent to %q", again)
	}
	page := p.get(askWeb).wantPage(http.StatusOK, signInHeading, "")
	p.submit(page, "sign-in", "username", "bob", "password", right).want(http.StatusSeeOther)
	if body := p.get(askWeb).wantPage(http.StatusOK, webHeading, "").body; !strings.Contains(body, "<bdi>bob</bdi>") {
		t.Errorf("bob is not named: %s", body)
	}
	if body := p.submit(elsewhere, "allow").wantPage(http.StatusForbidden, mobileHeading, oauth.AccessDenied).body; !strings.Contains(body, "<bdi>bob</bdi>") {
		t.Errorf("bob is not named: %s", body)
	}
}

// Scopes that a client got while its form was open were not seen.
func TestScopeGrows(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	_, query := h.temporary("mobile", oauth.OutOfBand)
	for client, ask := range map[string]string{"web": askWeb, "mobile": query} {
		page := p.get(ask)
		h.change(client, func(c *oauth.Client) { c.Scopes = append(c.Scopes, "admin") })
		page = p.submit(page, "allow").want(http.StatusForbidden)
		if !strings.Contains(page.body, "<code>admin</code>") || !strings.Contains(page.body, `role="alert"`) {
			t.Errorf("the new scope is not shown: %s", page.body)
		}
		if page = p.submit(page, "allow"); page.Status == http.StatusForbidden {
			t.Errorf("asked again: %s", page.body)
		}
	}
	page := p.get(askMobile)
	h.change("mobile", func(c *oauth.Client) { c.Scopes = nil })
	p.submit(page, "allow").wantBack("https://m.example.com/cb?a=1&", url.Values{"error": {"invalid_scope"}, "error_description": {"*"}, "iss": {issuer}})
}

// What is wrong by the time the form comes back is refused as at the start.
func TestRequestIsJudgedAgain(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	page := p.get(askWeb)
	h.change("web", func(c *oauth.Client) { c.Disabled = true })
	for _, action := range []string{"allow", "deny", "switch", "sign-in", "other"} {
		p.submit(page, action, "username", "alice", "password", right).wantPage(http.StatusBadRequest, unknownHeading, oauth.InvalidClient)
	}
	if len(h.door.seen) != 1 {
		t.Errorf("%d passwords were looked at, want that of the beginning", len(h.door.seen))
	}
}

func TestOtherMethodsAndRoutes(t *testing.T) {
	p := newHouse(t).newPerson()
	for _, method := range []string{http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions, "get", ""} {
		r := p.send(&oauth.Request{Method: method}).wantPage(http.StatusMethodNotAllowed, "This page cannot be asked for in this way", oauth.InvalidRequest)
		if allow := r.Header.Get("Allow"); allow != "GET, POST" {
			t.Errorf("%s: Allow %q", method, allow)
		}
	}
	for _, route := range []string{"/oauth/authorize/", "/oauth/token", "/"} {
		p.send(&oauth.Request{Method: http.MethodGet, Route: route}).wantPage(http.StatusNotFound, "There is no such page", oauth.InvalidRequest)
	}
}

func TestFaults(t *testing.T) {
	h := newHouse(t)
	p := h.newPerson()
	_, query := h.temporary("mobile", oauth.OutOfBand)
	state := p.get(askWeb).state()
	signIn := url.Values{"state": {state}, "action": {"sign-in"}, "username": {"alice"}, "password": {right}}.Encode()
	params, err := oauth.ParseForm(query)
	if err != nil {
		t.Fatal(err)
	}
	cookie := http.Header{"Cookie": {p.cookie}, "Content-Type": {"application/x-www-form-urlencoded"}}
	broken := clientsFunc(func() (*oauth.Client, error) { return nil, errBroken })
	for name, test := range map[string]struct {
		breaks  func(e *Endpoint)
		request oauth.Request
	}{
		"client": {func(e *Endpoint) { e.Clients = broken }, oauth.Request{Method: "GET", Query: oauth.Params{{Name: "client_id", Value: "web"}}}},
		"client of three legs": {func(e *Endpoint) { e.Clients = broken },
			oauth.Request{Method: "GET", Query: params}},
		"client asked again": {func(e *Endpoint) { e.Clients = broken }, oauth.Request{Method: "POST", Body: []byte(signIn)}},
		"sign-in": {func(e *Endpoint) { e.Users = &door{hook: func() (*oauth.Error, error) { return nil, errBroken }} },
			oauth.Request{Method: "POST", Body: []byte(signIn)}},
	} {
		broken := *h.Endpoint
		test.breaks(&broken)
		test.request.Route, test.request.Scheme, test.request.Header = "/oauth/authorize", "https", cookie
		if response, err := broken.Serve(t.Context(), &test.request); !errors.Is(err, errBroken) || !reflect.DeepEqual(response, oauth.Response{}) {
			t.Errorf("%s: %+v, %v, want only the fault", name, response, err)
		}
	}
	h.Rand = iotest.ErrReader(errBroken)
	if response, err := h.Serve(t.Context(), &oauth.Request{Method: "GET", Route: "/oauth/authorize"}); !errors.Is(err, errBroken) || !reflect.DeepEqual(response, oauth.Response{}) {
		t.Errorf("randomness: %+v, %v, want only the fault", response, err)
	}
}
