// Package flowtest is what every way of running Gatehouse must do: one suite
// of whole flows over HTTP, run against the handlers in process and against
// the compiled functions, on each store.
package flowtest

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/signing"
)

// Target is a running Gatehouse with its clients and one user. Client and Other
// are confidential, may use every grant and have the scopes read and write;
// Public has no secret, and Client is linked to it; Bound is as Other, and its
// sessions are bound to agent and network. Moved came from an older provider, as
// Client otherwise. Each is sent to Callback.
type Target struct {
	URL      string // without a slash at the end
	Client   Client
	Other    Client
	Bound    Client
	Public   Client
	Moved    Client
	User     string
	Password string

	// Import stores an OAuth 1.0 token that an older provider issued to Moved for
	// User, with its secret.
	Import func(t *testing.T, token, secret string)
}

// Callback is the redirect URI of the clients of a Target.
const Callback = "https://app.example.com/callback?from=gatehouse"

// Client is a client's credentials.
type Client struct{ ID, Secret string }

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) form(t *testing.T) url.Values {
	t.Helper()
	values, err := url.ParseQuery(r.body)
	if err != nil {
		t.Fatalf("the answer is not a form: %v: %q", err, r.body)
	}
	return values
}

func (r reply) json(t *testing.T) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal([]byte(r.body), &value); err != nil {
		t.Fatalf("the answer is not JSON: %v: %q", err, r.body)
	}
	return value
}

// want fails the test unless the answer has status.
func (r reply) want(t *testing.T, status int) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

// wantError fails the test unless the answer is an OAuth 2 error.
func (r reply) wantError(t *testing.T, status int, code string) reply {
	t.Helper()
	if got, _ := r.want(t, status).json(t)["error"].(string); got != code {
		t.Fatalf("error %q, want %q: %s", got, code, r.body)
	}
	return r
}

// wantProblem fails the test unless the answer is an OAuth 1.0 problem.
func (r reply) wantProblem(t *testing.T, status int, problem string) reply {
	t.Helper()
	if got := r.want(t, status).form(t).Get("oauth_problem"); got != problem {
		t.Fatalf("oauth_problem %q, want %q: %s", got, problem, r.body)
	}
	return r
}

func send(t *testing.T, request *http.Request) reply {
	t.Helper()
	return sendBy(t, http.DefaultClient, request)
}

func sendBy(t *testing.T, client *http.Client, request *http.Request) reply {
	t.Helper()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := reply{response.StatusCode, response.Header, string(body)}
	answer.wantUnkept(t, request)
	return answer
}

// wantUnkept fails the test if a cache may keep an answer to request that is for
// its caller alone. Public are three, and a backend's answers are its own.
func (r reply) wantUnkept(t *testing.T, request *http.Request) {
	t.Helper()
	want, path := "no-store", request.URL.Path
	switch {
	case r.status != http.StatusOK:
	case strings.Contains(path, "/api/"):
		want = ""
	case strings.HasSuffix(path, "/oauth/client.js"), strings.HasSuffix(path, "/.well-known/oauth-authorization-server"),
		strings.HasSuffix(path, "/.well-known/jwks.json"):
		want = "public, max-age=300"
	}
	if got := r.header.Get("Cache-Control"); got != want {
		t.Errorf("%s %s: %d with Cache-Control %q, want %q", request.Method, path, r.status, got, want)
	}
}

func newRequest(t *testing.T, method, address, body string, header ...string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1]) // #nosec G602 -- names and values come in pairs
	}
	return request
}

const form = "application/x-www-form-urlencoded"

// post sends pairs as a form to a path.
func (g Target) post(t *testing.T, path string, pairs ...string) reply {
	t.Helper()
	return send(t, newRequest(t, "POST", g.URL+path, encode(pairs), "Content-Type", form))
}

// bearer calls a path with an access token.
func (g Target) bearer(t *testing.T, method, path, token string) reply {
	t.Helper()
	return send(t, newRequest(t, method, g.URL+path, "", "Authorization", "Bearer "+token))
}

func encode(pairs []string) string { return oauth1.EncodeForm(params(pairs)) }

// params is nil where there are no pairs.
func params(pairs []string) (all oauth.Params) {
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, oauth.Param{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

// credentials sign OAuth 1.0 requests as client, with a token or without.
type credentials struct {
	client        Client
	token, secret string
	method        oauth.SignatureMethod // empty: HMAC-SHA1
}

// sign makes a request whose Authorization header signs it; pairs are its
// form body.
func (g Target) sign(t *testing.T, c credentials, method, path string, pairs ...string) *http.Request {
	t.Helper()
	plain := newRequest(t, method, g.URL+path, "")
	signed := &signing.Request{Method: method, URL: plain.URL, Header: http.Header{}, Form: params(pairs)}
	if c.method == "" {
		c.method = oauth.HMACSHA1
	}
	signer := signing.Credentials{ConsumerKey: c.client.ID, Token: c.token, Place: signing.InHeader, Signer: oauth1.Signer{
		Method: c.method, ClientSecret: oauth.NewSecret(c.client.Secret), TokenSecret: oauth.NewSecret(c.secret)}}
	if _, err := signer.Sign(signed, time.Now(), rand.Text()); err != nil {
		t.Fatal(err)
	}
	request := newRequest(t, method, g.URL+path, string(signed.Content()), "Authorization", signed.Header.Get("Authorization"))
	if len(pairs) > 0 {
		request.Header.Set("Content-Type", form)
	}
	return request
}

// repeat sends the very bytes of a request again.
func repeat(t *testing.T, request *http.Request) *http.Request {
	t.Helper()
	again := request.Clone(t.Context())
	if request.GetBody != nil {
		body, err := request.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		again.Body = body
	}
	return again
}
