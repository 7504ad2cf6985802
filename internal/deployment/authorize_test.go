package deployment

import (
	"context"
	"encoding/json"
	"errors"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauthtest"
	"gatehouse/internal/oauth/password"
	"gatehouse/internal/oauth/seal"
)

// visitor has a browser with one cookie.
type visitor struct {
	t      *testing.T
	cookie string
}

// visit sends a form, or asks for the page when there is none, and returns the
// status and the state of the form that comes.
func (v *visitor) visit(h apigateway.Handler, form url.Values) (status int, state string) {
	v.t.Helper()
	fields := map[string]any{"path": "/oauth/authorize", "httpMethod": "GET",
		"multiValueQueryStringParameters": map[string][]string{"response_type": {"code"}, "client_id": {"pages"}}}
	headers := map[string][]string{"Cookie": {v.cookie}}
	if form != nil {
		headers["Content-Type"] = []string{"application/x-www-form-urlencoded"}
		fields["httpMethod"], fields["body"] = "POST", form.Encode()
	}
	fields["multiValueHeaders"] = headers
	out, err := h.Invoke(v.t.Context(), event(fields))
	var answer struct {
		StatusCode int
		Headers    map[string]string
		Body       string
	}
	if err != nil || json.Unmarshal(out, &answer) != nil {
		v.t.Fatalf("%s, %v", out, err)
	}
	if set := answer.Headers["Set-Cookie"]; set != "" {
		v.cookie, _, _ = strings.Cut(set, ";")
	}
	if found := regexp.MustCompile(`name="state" value="([^"]*)"`).FindStringSubmatch(answer.Body); found != nil {
		state = html.UnescapeString(found[1])
	}
	return answer.StatusCode, state
}

// A browser that signed in where a new key is known is signed in everywhere,
// and its forms are good everywhere.
func TestBrowserOfALaterKey(t *testing.T) {
	later := newSite(t)
	later.Keys = parseKeys(t, newKeys)
	addVisitor(t, later)
	v := &visitor{t: t}
	h := later.handler(later.Authorize())
	_, state := v.visit(h, nil)
	if status, _ := v.visit(h, url.Values{"state": {state}, "action": {"sign-in"}, "username": {"alice"}, "password": {"correct horse"}}); status != 303 {
		t.Fatalf("sign-in: %d", status)
	}
	_, state = v.visit(h, nil)
	cookie := v.cookie
	for name, form := range map[string]url.Values{"page": nil, "form": {"state": {state}, "action": {"allow"}}} {
		s := newSite(t)
		addVisitor(t, s)
		status, _ := v.visit(s.handler(s.Authorize()), form)
		if form == nil && (status != 200 || v.cookie != cookie) || form != nil && status != 303 {
			t.Errorf("%s: %d, %q", name, status, v.cookie)
		}
		s.wantReads(name, 1)
	}
}

// addVisitor registers alice, and a client that sends her to the pages.
func addVisitor(t *testing.T, s *site) {
	t.Helper()
	hash, err := password.Hash(oauth.NewSecret("correct horse"), password.OWASP(), &oauthtest.Rand{})
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	if err := store.CreateUser(t.Context(), oauth.User{ID: "u1", Name: "alice", PasswordHash: hash}); err != nil {
		t.Fatal(err)
	}
	client := oauth.Client{ID: "pages", Grants: []oauth.Grant{oauth.GrantAuthorizationCode}, RedirectURIs: []string{"https://app.example.com/cb"}}
	if err := store.CreateClient(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	s.Store = store
}

// A fault is a page for people, with its detail in the log alone.
func TestFaultIsAPage(t *testing.T) {
	s := newSite(t)
	s.Store = onFire{memory.New()}
	status, body := s.status(s.handler(s.Authorize()), event(map[string]any{"path": "/oauth/authorize", "httpMethod": "GET",
		"multiValueQueryStringParameters": map[string][]string{"client_id": {"pages"}}}))
	if status != 503 || !strings.Contains(body, "Something went wrong here") || strings.Contains(body, errFire.Error()) {
		t.Errorf("%d, %s", status, body)
	}
}

var errFire = errors.New("the registry is on fire")

type onFire struct{ *memory.Store }

func (onFire) Client(context.Context, string) (oauth.Client, error) {
	return oauth.Client{}, errFire
}

// A program that was built without pages does not start as the one that shows
// them.
func TestNoPages(t *testing.T) {
	s := newSite(t)
	s.Pages = nil
	if _, err := s.Authorize(); !errors.Is(err, errNoPages) {
		t.Errorf("got %v", err)
	}
}

// Temporary credentials that another function sealed with a new key.
func TestTemporaryCredentialsOfALaterKey(t *testing.T) {
	s := newSite(t)
	identifier, _, err := parseKeys(t, newKeys).SealTemporary(seal.Temporary{Client: "old", Callback: oauth.OutOfBand}, instant.Add(seal.TemporaryLifetime))
	if err != nil {
		t.Fatal(err)
	}
	_, body := s.status(s.handler(s.Authorize()), event(map[string]any{"path": "/oauth/authorize", "httpMethod": "GET",
		"multiValueQueryStringParameters": map[string][]string{"oauth_token": {identifier.Reveal()}}}))
	if !strings.Contains(body, "This app cannot ask for access in this way") { // it lacks the grant
		t.Errorf("the credentials were not read: %s", body)
	}
	s.wantReads("temporary credentials", 1)
}
