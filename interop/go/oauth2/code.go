package main

import (
	"net/http"
	"strings"

	"golang.org/x/oauth2"

	"interop/check"
)

const (
	callback = "https://client.example/cb"
	loopback = "http://127.0.0.1:54321/callback"
)

// codes is the authorization code grant: PKCE by the library; state and iss,
// which it leaves to its user, by this program.
func codes(setup *check.Setup) {
	for _, how := range []struct {
		name, client, redirect string
		user                   check.User
		style                  oauth2.AuthStyle
	}{
		{"client_secret_basic", "mobile", callback, setup.Alice, oauth2.AuthStyleInHeader},
		{"client_secret_post, hard characters", "hard & fast/1", callback + "?to=a%20b%2Bc&x=", setup.Hard, oauth2.AuthStyleInParams},
		{"public client, loopback", "public", loopback, setup.Hard, oauth2.AuthStyleInParams},
		{"public client, client authentication found out by trying", "public", loopback, setup.Alice, oauth2.AuthStyleAutoDetect},
	} {
		r := check.Reporter(name + ": code, " + how.name)
		codeFlow(r, setup, newRequest(setup, how.client, how.redirect, how.style), how.user)
	}
	codeRefusals(check.Reporter(name+": code refused"), setup)
}

// request is what an app keeps of one authorization request.
type request struct {
	config          *oauth2.Config
	state, verifier string
}

func newRequest(setup *check.Setup, client, redirect string, style oauth2.AuthStyle) *request {
	config := newConfig(setup, client, style)
	config.RedirectURL = redirect
	config.Endpoint.AuthURL = setup.URL + "/oauth/authorize"
	return &request{config, "state & more", oauth2.GenerateVerifier()}
}

func (r *request) url() string {
	return r.config.AuthCodeURL(r.state, oauth2.S256ChallengeOption(r.verifier))
}

func (r *request) exchange(came string) (*oauth2.Token, error) {
	return r.config.Exchange(ctx, check.Parameter(came, "code"), oauth2.VerifierOption(r.verifier))
}

func codeFlow(r check.Reporter, setup *check.Setup, app *request, user check.User) {
	came := setup.Answer(app.url(), user, "allow")
	r.Equal("the browser comes back to the redirect URI", strings.HasPrefix(came, app.config.RedirectURL), true)
	r.Equal("state", check.Parameter(came, "state"), app.state)
	r.Equal("iss", check.Parameter(came, "iss"), setup.URL)
	token, err := app.exchange(came)
	r.Equal("Exchange", err, nil)
	if err != nil {
		return
	}
	f := &flow{r, setup, app.config, user}
	f.calls(token)
	renewed := f.refresh(token)
	_, err = app.exchange(came)
	r.Equal("the code again", errorCode(err), "invalid_grant")
	stolen := oauth2.NewClient(ctx, oauth2.StaticTokenSource(renewed))
	r.Equal("ends what it made", check.Send(stolen, "GET", setup.URL+"/oauth/session").Status, http.StatusUnauthorized)
}

func codeRefusals(r check.Reporter, setup *check.Setup) {
	public := newRequest(setup, "public", loopback, oauth2.AuthStyleInParams)
	came := setup.Answer(public.url(), setup.Alice, "deny")
	r.Equal("denied: error", check.Parameter(came, "error"), "access_denied")
	r.Equal("denied: state", check.Parameter(came, "state"), public.state)
	r.Equal("denied: iss", check.Parameter(came, "iss"), setup.URL)
	_, err := public.exchange(came)
	r.Equal("denied: Exchange without a code", errorCode(err), "invalid_request")

	came = setup.Answer(public.url(), setup.Alice, "allow")
	other := newRequest(setup, "public", loopback, oauth2.AuthStyleInParams)
	_, err = other.exchange(came)
	r.Equal("code_verifier of another request", errorCode(err), "invalid_grant")
	_, err = newRequest(setup, "mobile", loopback, oauth2.AuthStyleInHeader).exchange(came)
	r.Equal("code of another client", errorCode(err), "invalid_grant")
	_, err = public.exchange(came)
	r.Equal("neither spends the code", err, nil)
}
