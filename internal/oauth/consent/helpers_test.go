package consent

import (
	"context"
	"errors"
	"html"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/consent/pages"
	"gatehouse/internal/oauth/oauthtest"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

const (
	firstKey  = `"1":"a key for tests that nobody must ever use"`
	secondKey = `"2":"another key for tests, not for use either"`
	right     = "right-Pa55"
	wrong     = "wrong-Pa55"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // RFC 7636 appendix B
	pkce      = "&code_challenge=" + challenge + "&code_challenge_method=S256"
	issuer    = "https://api.example.com/prod"

	// askWeb and askMobile are right requests of two clients.
	askWeb    = "response_type=code&client_id=web&state=xyz" + pkce
	askMobile = "response_type=code&client_id=mobile&redirect_uri=https%3A%2F%2Fm.example.com%2Fcb%3Fa%3D1&scope=read"
)

var (
	instant   = time.Date(2035, 1, 2, 3, 4, 5, 678_912_345, time.UTC)
	sunset    = instant.Truncate(time.Second) // of the client over
	home      = netip.MustParseAddr("192.0.2.1")
	errBroken = errors.New("the store is broken")
)

// house is an Endpoint with clients in memory, and sign-in that knows alice
// and bob.
type house struct {
	*Endpoint
	t     *testing.T
	store *memory.Store
	door  *door
	now   time.Time
}

// newHouse has the clients web, which is public; mobile, which is not and may
// do everything; native, with addresses on a device; bare, without scopes;
// idle, which may do nothing; over, whose OAuth 1.0 has ended; and disabled.
func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, store: memory.New(), door: &door{}, now: instant}
	all := []oauth.Grant{oauth.GrantAuthorizationCode, oauth.GrantOAuth1}
	code := all[:1]
	for _, client := range []oauth.Client{
		{ID: "web", Name: "Web App", Public: true, Grants: code, Scopes: []string{"read", "write"}, RedirectURIs: []string{"https://good.com/cb"}},
		{ID: "mobile", Name: "Mobile", Grants: all, Scopes: []string{"read", "write"}, RedirectURIs: []string{"https://m.example.com/cb?a=1", "https://m.example.com/cb"}},
		{ID: "native", Grants: all, Public: true, Scopes: []string{"read"}, RedirectURIs: []string{"http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost:7000/cb", "com.example.app:/cb"}},
		{ID: "bare", Grants: all, RedirectURIs: []string{"https://bare.example.com/cb"}},
		{ID: "idle", RedirectURIs: []string{"https://idle.example.com/cb"}},
		{ID: "over", Grants: all, Sunset: sunset, RedirectURIs: []string{"https://over.example.com/cb"}},
		{ID: "disabled", Disabled: true, Grants: all, RedirectURIs: []string{"https://disabled.example.com/cb"}},
	} {
		h.put(client)
	}
	h.Endpoint = &Endpoint{
		Clients:  storetest.Uncached{Clients: h.store},
		Keys:     parseKeys(t, `{"current":"1",`+firstKey+`}`),
		Users:    h.door,
		Accounts: Elsewhere{},
		Clock:    func() time.Time { return h.now },
		Rand:     &oauthtest.Rand{},
		Look: Look{Name: "Acme & Co", LogoURL: "https://cdn.example.com:8443/logo.svg?v=2", Accent: "#1f5fbf", AccentDark: "#8ab4f8",
			Scopes: map[string]string{"read": "See your notes"}},
		SignIn: time.Hour,
		Pages:  pages.Write,
	}
	return h
}

func (h *house) put(client oauth.Client) {
	h.t.Helper()
	storetest.PutClient(h.t, h.store, client)
}

// change edits a client as an operator does.
func (h *house) change(id string, edit func(*oauth.Client)) {
	h.t.Helper()
	client, err := h.store.Client(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	edit(&client)
	h.put(client)
}

func parseKeys(t *testing.T, text string) *seal.Keyring {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// temporary is the query of a client's temporary credentials.
func (h *house) temporary(client, callback string) (identifier, query string) {
	h.t.Helper()
	secret, _, err := h.Keys.SealTemporary(seal.Temporary{Client: client, Callback: callback}, h.now.Add(seal.TemporaryLifetime))
	if err != nil {
		h.t.Fatal(err)
	}
	return secret.Reveal(), "oauth_token=" + secret.Reveal()
}

// person is somebody with a browser.
type person struct {
	*house
	cookie string // as the Cookie header has it; empty: none
	scheme string
}

func (h *house) newPerson() *person { return &person{house: h, scheme: "https"} }

// alice has a browser in which she is signed in.
func (h *house) alice() *person {
	p := h.newPerson()
	p.signIn("alice", askWeb)
	return p
}

func (p *person) signIn(name, query string) {
	p.t.Helper()
	page := p.get(query).want(http.StatusOK)
	p.submit(page, "sign-in", "username", name, "password", right).want(http.StatusSeeOther)
}

// reply is an answer, in the hands of a test.
type reply struct {
	oauth.Response
	t    *testing.T
	body string
}

func (p *person) get(query string) reply {
	p.t.Helper()
	params, err := oauth.ParseForm(query)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.send(&oauth.Request{Method: http.MethodGet, Query: params})
}

// post sends a form of these names and values by turns.
func (p *person) post(pairs ...string) reply {
	p.t.Helper()
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return p.send(&oauth.Request{Method: http.MethodPost, Body: []byte(values.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
}

// submit presses a button of the form on page.
func (p *person) submit(page reply, action string, pairs ...string) reply {
	p.t.Helper()
	return p.post(append([]string{"state", page.state(), "action", action}, pairs...)...)
}

// send completes r, serves it and keeps the cookie that comes back.
func (p *person) send(r *oauth.Request) reply {
	p.t.Helper()
	r.Scheme, r.Host, r.BodySeen, r.Source = p.scheme, "api.example.com", true, home
	if r.Route == "" {
		r.Route = "/oauth/authorize"
	}
	r.Path = "/prod" + r.Route
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if p.cookie != "" {
		r.Header["Cookie"] = []string{p.cookie}
	}
	response, err := p.Serve(p.t.Context(), r)
	if err != nil {
		p.t.Fatalf("%s %s: %v", r.Method, r.Query, err)
	}
	wantSafe(p.t, &response)
	if set := response.Header.Get("Set-Cookie"); set != "" {
		p.cookie, _, _ = strings.Cut(set, ";")
	}
	return reply{response, p.t, string(response.Body)}
}

// wantSafe checks what holds for every answer.
func wantSafe(t *testing.T, r *oauth.Response) {
	t.Helper()
	for name, want := range map[string]string{"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000"} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	policy := r.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action "} {
		if !strings.Contains(policy, want) {
			t.Errorf("%s is not in the policy %q", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("policy %q", policy)
	}
	for name, values := range r.Header {
		if text := strings.Join(values, ""); strings.ContainsAny(text, "\r\n\x00") || strings.Contains(text, "Pa55") {
			t.Errorf("header %s: %q", name, text)
		}
	}
	if body := string(r.Body); strings.Contains(body, "Pa55") || strings.Contains(body, "<script") {
		t.Errorf("a password or a script in the page: %s", body)
	}
	if r.Refusal != nil && strings.Contains(r.Refusal.Description, "Pa55") {
		t.Errorf("a password for the log: %q", r.Refusal.Description)
	}
	if r.Header.Get("Content-Type") != "text/html; charset=utf-8" || (r.Status == http.StatusSeeOther) != (len(r.Body) == 0) {
		t.Errorf("status %d with a body of %d bytes of %q", r.Status, len(r.Body), r.Header.Get("Content-Type"))
	}
	if (r.Status == http.StatusSeeOther) != (r.Header.Get("Location") != "") {
		t.Errorf("status %d with Location %q", r.Status, r.Header.Get("Location"))
	}
}

// want fails the test unless the answer has status.
func (r reply) want(status int) reply {
	r.t.Helper()
	if r.Status != status {
		r.t.Fatalf("status %d, want %d: %+v %q\n%s", r.Status, status, r.Refusal, r.Header.Get("Location"), r.body)
	}
	return r
}

// wantPage fails the test unless the answer is a page with this heading that
// was refused as code, or not at all.
func (r reply) wantPage(status int, heading, code string) reply {
	r.t.Helper()
	got := strings.Join(regexp.MustCompile(`<[^>]*>`).Split(between(r.body, "<h1>", "</h1>"), -1), "")
	if r.Status != status || html.UnescapeString(got) != heading {
		r.t.Fatalf("%d %q, want %d %q; %+v %s", r.Status, got, status, heading, r.Refusal, r.Header.Get("Location"))
	}
	if (r.Refusal == nil) != (code == "") || r.Refusal != nil && r.Refusal.Code != code {
		r.t.Fatalf("%q was refused as %+v, want %q", heading, r.Refusal, code)
	}
	return r
}

// wantBack fails the test unless the browser is sent to uri with params, of
// which those that are "*" may be anything, and returns them.
func (r reply) wantBack(uri string, want url.Values) url.Values {
	r.t.Helper()
	location := r.want(http.StatusSeeOther).Header.Get("Location")
	rest, ok := strings.CutPrefix(location, uri)
	got, err := url.ParseQuery(strings.TrimLeft(rest, "?&"))
	if !ok || err != nil || len(got) != len(want) {
		r.t.Fatalf("sent to %q, want %s with %v", location, uri, want)
	}
	for name, values := range want {
		if len(got[name]) != 1 || values[0] != "*" && got[name][0] != values[0] {
			r.t.Errorf("%s is %q, want %q, in %s", name, got[name], values, location)
		}
	}
	return got
}

// state is the sealed state of the page's form.
func (r reply) state() string {
	r.t.Helper()
	state := between(r.body, `name="state" value="`, `"`)
	if state == "" {
		r.t.Fatalf("%d: no form in %s", r.Status, r.body)
	}
	return html.UnescapeString(state)
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	found, _, _ := strings.Cut(rest, after)
	return found
}

// door is an Authenticator. Its hook may fail or refuse in its place.
type door struct {
	hook func() (*oauth.Error, error)
	seen []oauth.SignIn
}

func (d *door) Authenticate(_ context.Context, s oauth.SignIn) (oauth.User, *oauth.Error, error) {
	d.seen = append(d.seen, s)
	if d.hook != nil {
		if refusal, err := d.hook(); refusal != nil || err != nil {
			return oauth.User{}, refusal, err
		}
	}
	if s.Password.Reveal() != right {
		return oauth.User{}, oauth.BadRequest(oauth.PermissionDenied, "unknown user or wrong password"), nil
	}
	return oauth.User{ID: "id of " + s.Name, Name: s.Name}, nil, nil
}

// clientsFunc is a ClientsAt.
type clientsFunc func() (*oauth.Client, error)

func (f clientsFunc) Client(context.Context, string, time.Time) (*oauth.Client, error) { return f() }
