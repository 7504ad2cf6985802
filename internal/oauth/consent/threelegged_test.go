package consent

import (
	"errors"
	"html"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

func TestThreeLegged(t *testing.T) {
	h := newHouse(t)
	p := h.newPerson()
	token, query := h.temporary("mobile", "https://m.example.com/cb?a=1")
	p.signIn("alice", query)
	page := p.get(query).wantPage(http.StatusOK, mobileHeading, "")
	allowed := p.submit(page, "allow")
	back := allowed.wantBack("https://m.example.com/cb?a=1&", url.Values{"oauth_token": {token}, "oauth_verifier": {"*"}})
	wantVerifier(t, h, token, back.Get("oauth_verifier"))
	if s := allowed.Session; s == nil || s.User != "id of alice" || s.Client != "mobile" || s.Protocol != oauth.OAuth1 || allowed.Refusal != nil {
		t.Errorf("logged %+v, %+v", s, allowed.Refusal)
	}
	denied := p.submit(page, "deny")
	denied.wantBack("https://m.example.com/cb?a=1&", url.Values{"oauth_token": {token}, "oauth_problem": {"user_refused"}})
	if denied.Refusal == nil || denied.Refusal.Code != oauth.UserRefused || denied.Session == nil {
		t.Errorf("logged %+v, %+v", denied.Refusal, denied.Session)
	}
}

func wantVerifier(t *testing.T, h *house, token, verifier string) {
	t.Helper()
	got, err := h.Keys.OpenVerifier(token, verifier, h.now)
	want := seal.Verifier{User: "id of alice", UserName: "alice", Scope: []string{"read", "write"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the verifier says %+v, %v, want %+v", got, err, want)
	}
	if _, err := h.Keys.OpenVerifier(token, verifier, h.now.Add(10*time.Minute)); !errors.Is(err, seal.ErrExpired) {
		t.Errorf("the verifier after ten minutes: %v", err)
	}
	other, _ := h.temporary("mobile", oauth.OutOfBand)
	if _, err := h.Keys.OpenVerifier(other, verifier, h.now); !errors.Is(err, seal.ErrForged) {
		t.Errorf("the verifier for other credentials: %v", err)
	}
}

func TestOutOfBand(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	token, query := h.temporary("mobile", oauth.OutOfBand)
	page := p.get(query).wantPage(http.StatusOK, mobileHeading, "")
	if !strings.Contains(page.body, "You will get a code") {
		t.Errorf("the page does not say what comes: %s", page.body)
	}
	shown := p.submit(page, "allow").wantPage(http.StatusOK, "One step is left", "")
	_, element, _ := strings.Cut(shown.body, `id="verifier"`)
	wantVerifier(t, h, token, html.UnescapeString(between(element, ">", "<")))
	if !strings.Contains(element, "nothing but the app in which you began") {
		t.Errorf("no warning: %s", element)
	}
	p.submit(page, "deny").wantPage(http.StatusOK, "Access denied", oauth.UserRefused)
}

// Whatever is wrong with it, the user stays here: the callback in a request
// that is not proven is anybody's.
func TestThreeLeggedRefused(t *testing.T) {
	h := newHouse(t)
	good, query := h.temporary("mobile", "https://m.example.com/cb")
	verifier, err := h.Keys.SealVerifier(good, seal.Verifier{User: "u", UserName: "n"}, h.now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	of := func(client, callback string) string { _, query := h.temporary(client, callback); return query }
	for _, test := range []struct{ name, query, heading, code string }{
		{"empty", "oauth_token=", overHeading, oauth.TokenRejected},
		{"empty beside a right request", "oauth_token=&" + askWeb, overHeading, oauth.TokenRejected},
		{"junk beside a right request", "oauth_token=junk&" + askWeb, overHeading, oauth.TokenRejected},
		{"junk", "oauth_token=gtht_junk", overHeading, oauth.TokenRejected},
		{"twice", query + "&" + query, overHeading, oauth.ParameterRejected},
		{"changed", query[:len(query)-1] + "_", overHeading, oauth.TokenRejected},
		{"a verifier", "oauth_token=" + verifier.Reveal(), overHeading, oauth.TokenRejected},
		{"unknown client", of("nobody", oauth.OutOfBand), unknownHeading, oauth.ConsumerKeyUnknown},
		{"no client", of("", oauth.OutOfBand), unknownHeading, oauth.ConsumerKeyUnknown},
		{"disabled client", of("disabled", "https://disabled.example.com/cb"), unknownHeading, oauth.ConsumerKeyUnknown},
		{"client without the grant", of("web", "https://good.com/cb"), offeredHeading, oauth.PermissionDenied},
		{"client whose OAuth 1.0 has ended", of("over", "https://over.example.com/cb"), offeredHeading, oauth.ConsumerKeyRefused},
		{"callback that is not registered", of("mobile", "https://evil.com/cb"), addressHeading, oauth.ParameterRejected},
		{"callback of another client", of("mobile", "https://good.com/cb"), addressHeading, oauth.ParameterRejected},
		{"no callback", of("mobile", ""), addressHeading, oauth.ParameterRejected},
	} {
		for _, p := range []*person{h.newPerson(), h.alice()} {
			if r := p.get(test.query + "&oauth_callback=https%3A%2F%2Fevil.com"); r.Status != http.StatusSeeOther {
				r.wantPage(http.StatusBadRequest, test.heading, test.code)
			} else {
				t.Errorf("%s: sent to %s", test.name, r.Header.Get("Location"))
			}
		}
	}
	h.now = h.now.Add(seal.TemporaryLifetime)
	h.newPerson().get(query).wantPage(http.StatusBadRequest, overHeading, oauth.TokenExpired)
}

// A callback that was taken back while the form was open is not called.
func TestCallbackTakenBack(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	_, query := h.temporary("mobile", "https://m.example.com/cb")
	page := p.get(query)
	h.change("mobile", func(c *oauth.Client) { c.RedirectURIs = c.RedirectURIs[:1] })
	p.submit(page, "deny").wantPage(http.StatusBadRequest, addressHeading, oauth.ParameterRejected)
}

// The sunset is of OAuth 1.0 only.
func TestSunset(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	_, query := h.temporary("over", oauth.OutOfBand)
	p.get("response_type=code&client_id=over").want(http.StatusOK)
	h.now = sunset.Add(-1)
	page := p.get(query).want(http.StatusOK)
	h.now = sunset
	p.submit(page, "allow").wantPage(http.StatusBadRequest, offeredHeading, oauth.ConsumerKeyRefused)
}
