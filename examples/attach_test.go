// Package examples_test calls the APIs of the examples, as far as that is
// possible without AWS: in the local gateway, with their own code.
package examples_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/internal/flowtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/signing"
)

const (
	alice  = `{"client":"mobile","user":"user-1","user_name":"alice","scope":"`
	denied = `{"error":"insufficient_scope","error_description":"the token lacks scope that is needed here: write"}`
)

// restExamples are those that the local gateway can serve.
func restExamples(t *testing.T) (names []string) {
	t.Helper()
	templates, err := filepath.Glob("*/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range templates {
		if name := filepath.Dir(path); read(t, name).Resources["Api"].Type == "AWS::Serverless::Api" {
			names = append(names, name)
		}
	}
	if len(names) < 3 {
		t.Fatalf("only %v were found", names)
	}
	return names
}

func TestRESTExamples(t *testing.T) {
	for _, name := range restExamples(t) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, read(t, name))
			reader, writer := s.signIn(s.target.Client, "read"), s.signIn(s.target.Client, "read write")
			s.want("reading", phone.bearer(s, "GET", "/notes", reader), 200, alice+`read","protocol":"oauth2"}`)
			s.want("writing", phone.bearer(s, "POST", "/notes", writer), 200, alice+`read write","protocol":"oauth2"}`)
			s.want("writing without the scope", phone.bearer(s, "POST", "/notes", reader), 403, denied)
			s.want("anybody", phone.send(s.api, "GET", "/health", ""), 200, "{}")
			s.want("no such path", phone.send(s.api, "GET", "/nowhere", ""), 404, "not_found")
			s.want("no such path, with a token", phone.bearer(s, "GET", "/nowhere", reader), 404, "not_found")
			nobody := phone.send(s.api, "GET", "/notes", "")
			s.want("nobody", nobody, 401, "invalid_token")
			s.want("junk", phone.bearer(s, "GET", "/notes", "junk"), 401, "invalid_token")
			// An API offers what its authorizer takes, as Gatehouse's own does.
			want := phone.send(s.gatehouse, "GET", "/oauth/session", "").Header().Get("WWW-Authenticate")
			if name == "cached-bearer" {
				want, _, _ = strings.Cut(want, ",")
			}
			got := strings.ReplaceAll(nobody.Header().Get("WWW-Authenticate"), `"notes"`, `"gatehouse"`)
			if got != want || got == "" {
				t.Errorf("the challenges are %s, want %s", got, want)
			}
		})
	}
}

// credentials are of OAuth 1.0, by xAuth.
type credentials struct {
	consumer      flowtest.Client
	token, secret string
}

func (s *site) xauth() credentials {
	s.t.Helper()
	c := credentials{consumer: s.target.Client}
	answer := s.signed(s.gatehouse, c, signing.InHeader, "POST", "/oauth/access_token", oauth.Param{Name: "x_auth_mode", Value: "client_auth"},
		oauth.Param{Name: "x_auth_username", Value: s.target.User}, oauth.Param{Name: "x_auth_password", Value: s.target.Password})()
	form, err := url.ParseQuery(answer.Body.String())
	if err != nil || answer.Code != http.StatusOK {
		s.t.Fatalf("%d %s, %v", answer.Code, answer.Body, err)
	}
	c.token, c.secret = form.Get("oauth_token"), form.Get("oauth_token_secret")
	return c
}

// signed signs a request with a form, or with none, and returns what sends these
// very bytes whenever it is called.
func (s *site) signed(to http.Handler, c credentials, place signing.Place, method, path string, form ...oauth.Param) func() *httptest.ResponseRecorder {
	s.t.Helper()
	r := &signing.Request{Method: method, URL: &url.URL{Scheme: "http", Host: "example.com", Path: path}, Header: http.Header{}, Form: form}
	signer := signing.Credentials{ConsumerKey: c.consumer.ID, Token: c.token, Place: place, Signer: oauth1.Signer{Method: oauth.HMACSHA1,
		ClientSecret: oauth.NewSecret(c.consumer.Secret), TokenSecret: oauth.NewSecret(c.secret)}}
	if _, err := signer.Sign(r, s.now, rand.Text()); err != nil {
		s.t.Fatal(err)
	}
	var header []string
	if sent := r.Header.Get("Authorization"); sent != "" {
		header = append(header, "Authorization", sent)
	}
	if len(form) > 0 {
		header = append(header, "Content-Type", "application/x-www-form-urlencoded")
	}
	return func() *httptest.ResponseRecorder {
		return phone.send(to, method, r.URL.RequestURI(), string(r.Content()), header...)
	}
}

// A signed request works once, wherever its signature is.
func TestSignedRequests(t *testing.T) {
	for _, name := range []string{"same-stack", "other-stack"} {
		s := newSite(t, read(t, name))
		c := s.xauth()
		for _, place := range []signing.Place{signing.InHeader, signing.InQuery} {
			send := s.signed(s.api, c, place, "GET", "/notes")
			s.want(name, send(), 200, alice+`read write","protocol":"oauth1"}`)
			s.want(name+", again", send(), 401, "invalid_token")
		}
	}
}
