package stress

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"gatehouse/internal/flowtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop"
	"gatehouse/internal/oauth/dpop/dpoptest"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/signing"
)

// request is the bytes of a request, which can be sent again and again.
type request struct {
	method, path  string
	authorization string
	form          string
	agent         string // User-Agent; empty: none
	source        string // address and port of the caller; empty: some
	proof         string // DPoP; empty: none
}

// from is r as it is sent by an agent at a place.
func (r request) from(agent string, at place) request {
	r.agent, r.source = agent, at.String()
	return r
}

// answer is what came back.
type answer struct {
	status int
	body   string
}

func (a answer) String() string { return fmt.Sprintf("%d %.300s", a.status, a.body) }

func (a answer) ok() bool { return a.status < 300 }

// failed reports whether something broke, so that nothing was said.
func (a answer) failed() bool { return a.status >= 500 }

// form reads an answer of OAuth 1.0; what is no form is empty.
func (a answer) form() url.Values {
	values, _ := url.ParseQuery(a.body)
	return values
}

// json reads an answer of OAuth 2; what is no JSON is empty.
func (a answer) json() map[string]any {
	var fields map[string]any
	_ = json.Unmarshal([]byte(a.body), &fields)
	return fields
}

// text is a field of the answer's JSON, empty where it is no text.
func (a answer) text(name string) string {
	value, _ := a.json()[name].(string)
	return value
}

// send has the gateway answer a request.
func (s *site) send(ctx context.Context, r request) answer {
	sent := httptest.NewRequestWithContext(ctx, r.method, address+r.path, strings.NewReader(r.form))
	if r.authorization != "" {
		sent.Header.Set("Authorization", r.authorization)
	}
	if r.form != "" {
		sent.Header.Set("Content-Type", signing.FormType)
	}
	if r.agent != "" {
		sent.Header.Set("User-Agent", r.agent)
	}
	if r.proof != "" {
		sent.Header.Set(dpop.Header, r.proof)
	}
	if r.source != "" {
		sent.RemoteAddr = r.source
	}
	received := httptest.NewRecorder()
	s.handler.ServeHTTP(received, sent)
	return answer{received.Code, received.Body.String()}
}

func bearer(method, path, token string) request {
	return request{method: method, path: path, authorization: "Bearer " + token}
}

// proven is r with the proof of a key, for an access token or for none.
func (s *site) proven(key *dpoptest.Key, r request, token string) request {
	path, _, _ := strings.Cut(r.path, "?")
	r.proof = key.Proof(s.t, dpoptest.Claims{Method: r.method, URI: address + path, IssuedAt: s.clock.Now(), Token: token})
	if token != "" {
		r.authorization = "DPoP " + token
	}
	return r
}

// post is a form of names and values by turns.
func post(path string, pairs ...string) request {
	return request{method: http.MethodPost, path: path, form: oauth1.EncodeForm(params(pairs))}
}

func params(pairs []string) (all oauth.Params) {
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, oauth.Param{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

// by adds a client's credentials to a form.
func by(client flowtest.Client, pairs ...string) []string {
	return append(pairs, "client_id", client.ID, "client_secret", client.Secret)
}

// altered is base64 with another character at an index.
func altered(text string, at int) string {
	other := byte('A')
	if text[at] == other {
		other = 'B'
	}
	return text[:at] + string(other) + text[at+1:]
}

// credentials sign requests, with a token or without.
type credentials struct {
	client        flowtest.Client
	token, secret string
}

// sign makes a request whose header signs it with a nonce of its own; pairs
// are its form.
func (s *site) sign(c credentials, method, path string, pairs ...string) request {
	at, err := url.Parse(address + path)
	if err != nil {
		panic(err) // a path of these tests
	}
	signed := &signing.Request{Method: method, URL: at, Header: http.Header{}, Form: params(pairs)}
	signer := signing.Credentials{ConsumerKey: c.client.ID, Token: c.token, Place: signing.InHeader, Signer: oauth1.Signer{
		Method: oauth.HMACSHA1, ClientSecret: oauth.NewSecret(c.client.Secret), TokenSecret: oauth.NewSecret(c.secret)}}
	if _, err := signer.Sign(signed, s.clock.Now(), rand.Text()); err != nil {
		panic(err) // HMAC of what was parsed
	}
	return request{method: method, path: path, authorization: signed.Header.Get("Authorization"), form: string(signed.Content())}
}
