// Command oauth1 runs github.com/dghubble/oauth1 against a gateway: token
// credentials by xAuth and three-legged, signed calls, revocation, refusals,
// and the way to OAuth 2. As `oauth1 sign METHOD` it signs requests for the
// sweep instead.
package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/dghubble/oauth1"

	"interop/check"
)

const name = "dghubble/oauth1"

func main() {
	setup := check.NewSetup(name)
	if len(os.Args) > 2 && os.Args[1] == "sign" {
		signAll(setup, os.Args[2])
		return
	}
	for _, how := range []struct {
		method, client string
		user           check.User
	}{
		{"HMAC-SHA1", "mobile", setup.Alice},
		{"HMAC-SHA256", "hard & fast/1", setup.Hard},
		{"RSA-SHA1", "rsa", setup.Hard},
	} {
		f := &flow{check.Reporter(name + ": " + how.method), setup, newConfig(setup, how.client, how.method), how.user}
		f.config.Noncer = longNoncer{}
		f.run()
	}
	refusals(check.Reporter(name+": refused"), setup)
	threeLegged(setup)
}

// newConfig is a client that signs by method, with a realm.
func newConfig(setup *check.Setup, client, method string) *oauth1.Config {
	config := oauth1.NewConfig(client, setup.Clients[client].Secret)
	config.Realm = "Any realm"
	switch method {
	case "HMAC-SHA256":
		config.Signer = &oauth1.HMAC256Signer{ConsumerSecret: config.ConsumerSecret}
	case "RSA-SHA1":
		config.Signer = &oauth1.RSASigner{PrivateKey: testKey()}
	}
	return config
}

type longNoncer struct{}

// Nonce is more than 400 characters long, some of them to be percent-encoded.
func (longNoncer) Nonce() string {
	return strings.Repeat("long+nonce", 40) + oauth1.Base64Noncer{}.Nonce()
}

func testKey() *rsa.PrivateKey {
	text, err := os.ReadFile(os.Getenv("GATEHOUSE_TEST_KEY"))
	check.Must(err)
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	check.Must(err)
	return key.(*rsa.PrivateKey)
}

// xauth asks for token credentials. The library has no word for xAuth: a
// client whose token is empty signs the form.
func xauth(config *oauth1.Config, setup *check.Setup, user check.User) check.Answer {
	client := config.Client(context.Background(), oauth1.NewToken("", ""))
	return check.Read(client.PostForm(setup.URL+"/oauth/access_token", url.Values{
		"x_auth_mode":     {"client_auth"},
		"x_auth_username": {user.Name},
		"x_auth_password": {user.Password},
	}))
}

// flow is one sign-in from its token to its end.
type flow struct {
	check.Reporter
	setup  *check.Setup
	config *oauth1.Config
	user   check.User
}

func (f *flow) run() {
	client := f.signIn()
	who := f.calls(client)
	f.Equal("POST /oauth/revoke", check.Send(client, "POST", f.setup.URL+"/oauth/revoke").Status, http.StatusOK)
	f.refused("call after revocation", client)

	client = f.signIn()
	other := check.Send(client, "GET", f.setup.URL+"/oauth/session").Session().Session
	f.Equal("a second sign-in is another session", other != who, true)
	ended := check.Send(client, "DELETE", f.setup.URL+"/oauth/sessions/"+other)
	f.Equal("DELETE /oauth/sessions/{id}", ended.Status, http.StatusNoContent)
	f.refused("call after signing out", client)
}

func (f *flow) signIn() *http.Client {
	answer := xauth(f.config, f.setup, f.user)
	f.Equal("xAuth", answer.Status, http.StatusOK)
	values, err := url.ParseQuery(answer.Body)
	f.Equal("xAuth: form-encoded answer", err, nil)
	f.Equal("xAuth: screen_name", values.Get("screen_name"), f.user.Name)
	f.Equal("xAuth: x_auth_expires", values.Get("x_auth_expires"), "0")
	token := oauth1.NewToken(values.Get("oauth_token"), values.Get("oauth_token_secret"))
	return f.config.Client(context.Background(), token)
}

func (f *flow) calls(client *http.Client) (session string) {
	who := check.Send(client, "GET", f.setup.URL+"/oauth/session").Session()
	f.Equal("GET /oauth/session: client", who.Client, f.config.ConsumerKey)
	f.Equal("GET /oauth/session: user_name", who.UserName, f.user.Name)
	f.Equal("GET /oauth/session: scope", who.Scope, "read write")
	f.Equal("GET /oauth/session: protocol", who.Protocol, "oauth1")
	// No key twice: this library signs only the first of them.
	list := check.Send(client, "GET", f.setup.URL+
		"/oauth/sessions?limit=100&note=a%20b%2Bc+d&%E9%9B%AA=%E2%98%83&empty=&none&tilde=~&star=*!'()&percent=%2525&eq=a=b")
	f.Equal("GET with hard characters in the query", list.Current(), who.Session)
	// The signature holds, and there is no such session.
	missing := check.Send(client, "DELETE", f.setup.URL+"/oauth/sessions/a%20b%2Bc+~*!'()%E9%9B%AA;=@")
	f.Equal("DELETE with hard characters in the path", missing.Status, http.StatusNotFound)
	return who.Session
}

func (f *flow) refused(what string, client *http.Client) {
	f.Equal(what, check.Send(client, "GET", f.setup.URL+"/oauth/session").Status, http.StatusUnauthorized)
}

func refusals(r check.Reporter, setup *check.Setup) {
	mobile := newConfig(setup, "mobile", "HMAC-SHA1")
	wrong := xauth(mobile, setup, setup.Guessed)
	r.Equal("wrong password", wrong.Status, http.StatusUnauthorized)
	r.Equal("wrong password: oauth_problem", problem(wrong), "permission_denied")
	unknown := xauth(mobile, setup, check.User{Name: "nobody of " + name, Password: "wrong"})
	r.Equal("unknown user, in the same words", unknown, wrong)

	thief := xauth(oauth1.NewConfig("mobile", "wrong"), setup, setup.Alice)
	r.Equal("wrong client secret", thief.Status, http.StatusUnauthorized)
	r.Equal("wrong client secret: oauth_problem", problem(thief), "signature_invalid")
	limited := xauth(newConfig(setup, "limited", "HMAC-SHA1"), setup, setup.Alice)
	r.Equal("client that may not use xAuth", problem(limited), "permission_denied")
	stranger := xauth(oauth1.NewConfig("stranger", "wrong"), setup, setup.Alice)
	r.Equal("unknown client", problem(stranger), "consumer_key_unknown")
	forger := mobile.Client(context.Background(), oauth1.NewToken("junk", "junk"))
	r.Equal("token that was not issued here", check.Send(forger, "GET", setup.URL+"/oauth/session").Status, http.StatusUnauthorized)
}

func problem(answer check.Answer) string {
	values, err := url.ParseQuery(answer.Body)
	check.Must(err)
	return values.Get("oauth_problem")
}
