package clientauth

import (
	"context"
	"net/http"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// from is a request of a web page of each of these origins.
func from(origins ...string) *oauth.Request {
	r := request()
	r.Header["Origin"] = origins
	return r
}

type formWay = func(context.Context, *oauth.Request, oauth.Params, time.Time) (oauth.Client, *oauth.Error, error)

// waysOf are the ways to authenticate a client by a form.
func waysOf(a *Authenticator) map[string]formWay {
	return map[string]formWay{"Form": a.Form, "FormAlone": a.FormAlone}
}

func TestOrigins(t *testing.T) {
	a, _ := newAuthenticator(t)
	for _, test := range []struct {
		name, client string
		r            *oauth.Request
		allowed      bool
	}{
		{"an app", "pages", request(), true},
		{"its page", "pages", from("https://app.example.com"), true},
		{"its page on a laptop", "pages", from("http://localhost:5173"), true},
		{"another page", "pages", from("https://evil.example"), false},
		{"a subdomain", "pages", from("https://x.app.example.com"), false},
		{"a longer host", "pages", from("https://app.example.com.evil.example"), false},
		{"another scheme", "pages", from("http://app.example.com"), false},
		{"another port", "pages", from("http://localhost:5174"), false},
		{"a slash", "pages", from("https://app.example.com/"), false},
		{"upper case", "pages", from("HTTPS://APP.EXAMPLE.COM"), false},
		{"a page without an origin", "pages", from("null"), false},
		{"empty", "pages", from(""), false},
		{"two", "pages", from("https://app.example.com", "https://app.example.com"), false},
		{"two in one", "pages", from("https://app.example.com, https://evil.example"), false},
		{"any page of a client without origins", "web", from("https://evil.example"), true},
		{"no origin, of a client without origins", "web", from("null"), true},
		{"two, of a client without origins", "web", from("a", "b"), true},
	} {
		for way, authenticate := range waysOf(a) {
			client, refusal, err := authenticate(t.Context(), test.r, params("client_id", test.client), instant)
			switch {
			case err != nil:
				t.Errorf("%s by %s: %v", test.name, way, err)
			case test.allowed && (refusal != nil || client.ID != test.client):
				t.Errorf("%s by %s: %q, %+v, want to be let in", test.name, way, client.ID, refusal)
			case !test.allowed && (refusal == nil || refusal.Status != http.StatusBadRequest || refusal.Code != oauth.UnauthorizedClient || client.ID != ""):
				t.Errorf("%s by %s: %q, %+v, want 400 %s", test.name, way, client.ID, refusal, oauth.UnauthorizedClient)
			}
		}
	}
}

// Which origins a client has is for those to learn who know its secret.
func TestOriginIsJudgedLast(t *testing.T) {
	a, _ := newAuthenticator(t)
	for way, authenticate := range waysOf(a) {
		_, refusal, err := authenticate(t.Context(), from("https://evil.example"), params("client_id", "pages", "client_secret", "wrong"), instant)
		if err != nil || refusal == nil || refusal.Code != oauth.InvalidClient {
			t.Errorf("%s: %+v, %v, want %s", way, refusal, err, oauth.InvalidClient)
		}
	}
}
