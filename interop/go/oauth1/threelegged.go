package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/dghubble/oauth1"
	"golang.org/x/oauth2"

	"interop/check"
)

const (
	callback      = "https://client.example/cb"
	outOfBand     = "oob"
	tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange"
)

// threeLegged is RFC 5849 §2, by each signature method the library has.
func threeLegged(setup *check.Setup) {
	for _, how := range []struct {
		method, client, callback string
		user                     check.User
	}{
		{"HMAC-SHA1", "hard & fast/1", callback + "?to=a%20b%2Bc&x=", setup.Hard},
		{"HMAC-SHA256", "mobile", "http://127.0.0.1:54321/callback", setup.Alice},
		{"HMAC-SHA1", "mobile", outOfBand, setup.Hard},
		{"RSA-SHA1", "rsa", callback, setup.Alice},
	} {
		report := check.Reporter(name + ": three-legged, " + how.method + " to " + how.callback)
		legs{report, setup, newLegs(setup, how.client, how.method, how.callback)}.run(how.user)
	}
	denials(check.Reporter(name+": three-legged"), setup)
	exchange(check.Reporter(name+": from OAuth 1.0 to 2"), setup)
}

func newLegs(setup *check.Setup, client, method, callback string) *oauth1.Config {
	config := newConfig(setup, client, method)
	config.CallbackURL = callback
	config.Endpoint = oauth1.Endpoint{
		RequestTokenURL: setup.URL + "/oauth/request_token",
		AuthorizeURL:    setup.URL + "/oauth/authorize",
		AccessTokenURL:  setup.URL + "/oauth/access_token",
	}
	return config
}

// legs is one such flow.
type legs struct {
	check.Reporter
	setup  *check.Setup
	config *oauth1.Config
}

func (l legs) run(user check.User) {
	token, secret, came := l.ask(user, "allow")
	verifier := came
	if l.config.CallbackURL != outOfBand {
		l.Equal("the browser comes back to the callback", strings.HasPrefix(came, l.config.CallbackURL), true)
		returned, parsed, err := parse(came)
		l.Equal("ParseAuthorizationCallback", err, nil)
		l.Equal("oauth_token", returned, token)
		verifier = parsed
	}
	client, err := l.redeem(token, secret, verifier)
	l.Equal("AccessToken", err, nil)
	if err != nil {
		return
	}
	who := check.Send(client, "GET", l.setup.URL+"/oauth/session").Session()
	l.Equal("GET /oauth/session: client", who.Client, l.config.ConsumerKey)
	l.Equal("GET /oauth/session: user_name", who.UserName, user.Name)
	l.Equal("GET /oauth/session: protocol", who.Protocol, "oauth1")
	_, err = l.redeem(token, secret, verifier)
	l.Equal("the verifier again is refused", err != nil, true)
	l.Equal("POST /oauth/revoke", check.Send(client, "POST", l.setup.URL+"/oauth/revoke").Status, http.StatusOK)
	l.Equal("call after revocation", check.Send(client, "GET", l.setup.URL+"/oauth/session").Status, http.StatusUnauthorized)
}

// ask gets temporary credentials and what the person brings for them: an
// address to go to, or a verifier.
func (l legs) ask(user check.User, button string) (token, secret, came string) {
	token, secret, err := l.config.RequestToken()
	check.Must(err)
	address, err := l.config.AuthorizationURL(token)
	check.Must(err)
	return token, secret, l.setup.Answer(address.String(), user, button)
}

// redeem returns a client that signs with the token credentials.
func (l legs) redeem(token, secret, verifier string) (*http.Client, error) {
	token, secret, err := l.config.AccessToken(token, secret, verifier)
	return l.config.Client(context.Background(), oauth1.NewToken(token, secret)), err
}

func parse(came string) (token, verifier string, err error) {
	request, err := http.NewRequest("GET", came, nil)
	check.Must(err)
	return oauth1.ParseAuthorizationCallback(request)
}

func denials(r check.Reporter, setup *check.Setup) {
	app := legs{r, setup, newLegs(setup, "mobile", "HMAC-SHA1", callback)}
	token, secret, came := app.ask(setup.Alice, "deny")
	r.Equal("denied: oauth_problem", check.Parameter(came, "oauth_problem"), "user_refused")
	_, _, err := parse(came)
	r.Equal("denied, as the library says it", err, "oauth1: Request missing oauth_token or oauth_verifier")
	_, err = app.redeem(token, secret, "gthv_junk")
	r.Equal("denied: a made-up verifier is refused", err != nil, true)

	_, _, came = app.ask(setup.Alice, "allow")
	_, err = app.redeem(token, secret, check.Parameter(came, "oauth_verifier"))
	r.Equal("verifier of other temporary credentials is refused", err != nil, true)
	_, _, err = newLegs(setup, "mobile", "HMAC-SHA1", callback+"/").RequestToken()
	r.Equal("callback that is not registered is refused", err != nil, true)
}

// exchange is RFC 8693: the app's old token, which signs the request, for
// tokens of OAuth 2.
func exchange(r check.Reporter, setup *check.Setup) {
	app := legs{r, setup, newLegs(setup, "mobile", "HMAC-SHA256", outOfBand)}
	client, err := app.redeem(app.ask(setup.Hard, "allow"))
	check.Must(err)
	for _, id := range []string{"mobile", "public"} {
		form := url.Values{"grant_type": {tokenExchange}}
		if id != "mobile" {
			form.Set("client_id", id)
		}
		var token oauth2.Token
		answer := check.Read(client.PostForm(setup.URL+"/oauth/token", form))
		r.Equal("exchange for "+id, answer.Status, http.StatusOK)
		r.Equal("exchange for "+id+": JSON", json.Unmarshal([]byte(answer.Body), &token), nil)
		config := oauth2.Config{ClientID: id, ClientSecret: setup.Clients[id].Secret,
			Endpoint: oauth2.Endpoint{TokenURL: setup.URL + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams}}
		for _, bearer := range []*oauth2.Token{&token, {RefreshToken: token.RefreshToken}} {
			call := check.Send(config.Client(context.Background(), bearer), "GET", setup.URL+"/oauth/session").Session()
			r.Equal("call with x/oauth2", []string{call.Client, call.UserName, call.Protocol}, []string{id, setup.Hard.Name, "oauth2"})
		}
	}
	old := check.Send(client, "GET", setup.URL+"/oauth/session").Session()
	r.Equal("the old token works on", old.Protocol, "oauth1")
}
