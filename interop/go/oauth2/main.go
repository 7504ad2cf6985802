// Command oauth2 runs golang.org/x/oauth2 against a gateway: tokens by
// password and by code, calls, refresh, revocation, and refusals as this client
// sees them.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"interop/check"
)

const name = "x/oauth2"

var ctx = context.Background()

func main() {
	setup := check.NewSetup(name)
	for _, how := range []struct {
		name, client string
		user         check.User
		style        oauth2.AuthStyle
	}{
		{"client_secret_basic", "mobile", setup.Alice, oauth2.AuthStyleInHeader},
		{"client_secret_post", "mobile", setup.Alice, oauth2.AuthStyleInParams},
		{"client authentication found out by trying", "mobile", setup.Alice, oauth2.AuthStyleAutoDetect},
		{"client_secret_basic, hard characters", "hard & fast/1", setup.Hard, oauth2.AuthStyleInHeader},
		{"client_secret_post, hard characters", "hard & fast/1", setup.Hard, oauth2.AuthStyleInParams},
		{"public client", "public", setup.Hard, oauth2.AuthStyleInParams},
	} {
		f := &flow{check.Reporter(name + ": " + how.name), setup, newConfig(setup, how.client, how.style), how.user}
		f.run()
	}
	refusals(check.Reporter(name+": refused"), setup)
	codes(setup)
}

func newConfig(setup *check.Setup, client string, style oauth2.AuthStyle) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     client,
		ClientSecret: setup.Clients[client].Secret,
		Endpoint:     oauth2.Endpoint{TokenURL: setup.URL + "/oauth/token", AuthStyle: style},
		Scopes:       []string{"read", "write"},
	}
}

// flow is one sign-in from its token to its end.
type flow struct {
	check.Reporter
	setup  *check.Setup
	config *oauth2.Config
	user   check.User
}

func (f *flow) run() {
	token, err := f.config.PasswordCredentialsToken(ctx, f.user.Name, f.user.Password)
	f.Equal("password grant", err, nil)
	if err != nil {
		return
	}
	f.calls(token)
	renewed := f.refresh(token)
	f.revoke(renewed)
}

func (f *flow) calls(token *oauth2.Token) {
	client := f.config.Client(ctx, token)
	who := check.Send(client, "GET", f.setup.URL+"/oauth/session").Session()
	f.Equal("GET /oauth/session: client", who.Client, f.config.ClientID)
	f.Equal("GET /oauth/session: user_name", who.UserName, f.user.Name)
	f.Equal("GET /oauth/session: scope", who.Scope, "read write")
	f.Equal("GET /oauth/session: protocol", who.Protocol, "oauth2")
	list := check.Send(client, "GET", f.setup.URL+"/oauth/sessions?limit=100")
	f.Equal("GET /oauth/sessions shows the session", list.Current(), who.Session)
}

// refresh lets the client refresh by itself, as it does for an expired token,
// and once more with the same refresh token, as after a lost answer.
func (f *flow) refresh(token *oauth2.Token) *oauth2.Token {
	expired := *token
	expired.Expiry = token.Expiry.Add(-24 * time.Hour)
	renewed, err := f.config.TokenSource(ctx, &expired).Token()
	f.Equal("refresh of an expired token", err, nil)
	if err != nil {
		return token
	}
	f.Equal("refresh: the access token is a new one", renewed.AccessToken != token.AccessToken, true)
	f.Equal("refresh: the refresh token is a new one", renewed.RefreshToken != token.RefreshToken, true)
	again, err := f.config.TokenSource(ctx, &expired).Token()
	f.Equal("refresh again within the grace period", err, nil)
	if err == nil {
		f.Equal("refresh again: the same tokens", again.AccessToken+again.RefreshToken, renewed.AccessToken+renewed.RefreshToken)
	}
	call := check.Send(f.config.Client(ctx, &expired), "GET", f.setup.URL+"/oauth/session")
	f.Equal("call with an expired token refreshes it", call.Status, http.StatusOK)
	return renewed
}

// revoke is RFC 7009, which this library leaves to its user.
func (f *flow) revoke(token *oauth2.Token) {
	form := url.Values{"token": {token.RefreshToken}, "client_id": {f.config.ClientID}}
	if f.config.ClientSecret != "" {
		form.Set("client_secret", f.config.ClientSecret)
	}
	revoked := check.Read(http.PostForm(f.setup.URL+"/oauth/revoke", form))
	f.Equal("revoke", revoked.Status, http.StatusOK)
	call := check.Send(oauth2.NewClient(ctx, oauth2.StaticTokenSource(token)), "GET", f.setup.URL+"/oauth/session")
	f.Equal("call afterwards is refused", call.Status, http.StatusUnauthorized)
	_, err := f.config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	f.Equal("refresh afterwards is refused", errorCode(err), "invalid_grant")
}

func refusals(r check.Reporter, setup *check.Setup) {
	mobile := newConfig(setup, "mobile", oauth2.AuthStyleInHeader)
	_, wrong := mobile.PasswordCredentialsToken(ctx, setup.Guessed.Name, setup.Guessed.Password)
	r.Equal("wrong password", errorCode(wrong), "invalid_grant")
	_, unknown := mobile.PasswordCredentialsToken(ctx, "nobody of "+name, "wrong")
	r.Equal("unknown user, in the same words", unknown, wrong)

	thief := newConfig(setup, "mobile", oauth2.AuthStyleInHeader)
	thief.ClientSecret = "wrong"
	_, err := thief.PasswordCredentialsToken(ctx, setup.Alice.Name, setup.Alice.Password)
	r.Equal("wrong client secret", errorCode(err), "invalid_client")
	r.Equal("wrong client secret: status", status(err), http.StatusUnauthorized)

	limited := newConfig(setup, "limited", oauth2.AuthStyleInParams)
	_, err = limited.PasswordCredentialsToken(ctx, setup.Alice.Name, setup.Alice.Password)
	r.Equal("grant that the client may not use", errorCode(err), "unauthorized_client")

	greedy := newConfig(setup, "mobile", oauth2.AuthStyleInHeader)
	greedy.Scopes = []string{"read", "admin"}
	_, err = greedy.PasswordCredentialsToken(ctx, setup.Alice.Name, setup.Alice.Password)
	r.Equal("scope beyond the client's", errorCode(err), "invalid_scope")

	own(r, mobile)
	junk := oauth2.NewClient(ctx, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "junk"}))
	r.Equal("token that was not issued here", check.Send(junk, "GET", setup.URL+"/oauth/session").Status, http.StatusUnauthorized)
}

// own is a token of the client's own, and a code that the server never made.
func own(r check.Reporter, config *oauth2.Config) {
	robot := clientcredentials.Config{ClientID: config.ClientID, ClientSecret: config.ClientSecret,
		TokenURL: config.Endpoint.TokenURL, AuthStyle: config.Endpoint.AuthStyle}
	token, err := robot.Token(ctx)
	r.Equal("client_credentials", err, nil)
	r.Equal("client_credentials: no refresh token", token.RefreshToken, "")
	_, err = config.Exchange(ctx, "code")
	r.Equal("code that was not issued here", errorCode(err), "invalid_grant")
}

// errorCode is the error as the library reports it (RFC 6749 §5.2).
func errorCode(err error) string {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		return refused.ErrorCode
	}
	return strings.TrimSpace(fmt.Sprint("not a RetrieveError: ", err))
}

func status(err error) int {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		return refused.Response.StatusCode
	}
	return 0
}
