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
	"strconv"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// Target is a running Gatehouse with one client and one user. The client is
// confidential, may use xauth, password and refresh_token, and has the scopes
// read and write; Other is a second one of the same kind.
type Target struct {
	URL      string // without a slash at the end
	Client   Client
	Other    Client
	User     string
	Password string
}

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
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(body)}
}

func newRequest(t *testing.T, method, address, body string, header ...string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
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

func encode(pairs []string) string {
	params := make(oauth.Params, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		params = append(params, oauth.Param{Name: pairs[i], Value: pairs[i+1]})
	}
	return oauth1.EncodeForm(params)
}

// credentials sign OAuth 1.0 requests as client, with a token or without.
type credentials struct {
	client        Client
	token, secret string
	method        oauth.SignatureMethod
}

// sign makes a request whose Authorization header signs it; pairs are its
// form body.
func (g Target) sign(t *testing.T, c credentials, method, path string, pairs ...string) *http.Request {
	t.Helper()
	request := newRequest(t, method, g.URL+path, encode(pairs))
	if len(pairs) > 0 {
		request.Header.Set("Content-Type", form)
	}
	protocol := protocolParams(c)
	all := protocol
	for _, text := range []string{request.URL.RawQuery, encode(pairs)} {
		params, err := oauth.ParseForm(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all[:len(all):len(all)], params...)
	}
	signer := oauth1.Signer{Method: oauth.SignatureMethod(protocol.Get("oauth_signature_method")),
		ClientSecret: oauth.NewSecret(c.client.Secret), TokenSecret: oauth.NewSecret(c.secret)}
	uri := oauth1.BaseURI(request.URL.Scheme, request.URL.Host, request.URL.EscapedPath())
	signature, err := signer.Sign(method, uri, all)
	if err != nil {
		t.Fatal(err)
	}
	protocol = append(protocol, oauth.Param{Name: "oauth_signature", Value: signature})
	request.Header.Set("Authorization", oauth1.FormatHeader("", protocol))
	return request
}

func protocolParams(c credentials) oauth.Params {
	if c.method == "" {
		c.method = oauth.HMACSHA1
	}
	params := oauth.Params{
		{Name: "oauth_consumer_key", Value: c.client.ID},
		{Name: "oauth_signature_method", Value: string(c.method)},
		{Name: "oauth_timestamp", Value: strconv.FormatInt(time.Now().Unix(), 10)},
		{Name: "oauth_nonce", Value: rand.Text()},
		{Name: "oauth_version", Value: "1.0"},
	}
	if c.token != "" {
		params = append(params, oauth.Param{Name: "oauth_token", Value: c.token})
	}
	return params
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
