package deployment

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop"
	"gatehouse/internal/oauth/dpop/dpoptest"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

const eventBase = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod"

// bound begins a session of the client called old that is bound to key, and to
// its caller by keys; it returns its access token.
func (s *site) bound(key *dpoptest.Key, keys *seal.Keyring) string {
	s.t.Helper()
	session := oauth.Session{ID: oauth.SessionID{7}, Protocol: oauth.OAuth2, Client: "old", User: "u1", Confirmation: key.Thumbprint(),
		Binding: keys.Bind(oauth.BindAgent, &oauth.Request{}), Created: instant, Renewed: instant, Expires: instant.AddDate(1, 0, 0)}
	if err := s.Store.Create(s.t.Context(), session); err != nil {
		s.t.Fatal(err)
	}
	return s.Keys.Mint(seal.AccessToken, session.ID, 0).Reveal()
}

// proven are the headers of a request to path with a token and its proof.
func (s *site) proven(key *dpoptest.Key, method, path, token, nonce string) map[string][]string {
	s.t.Helper()
	proof := key.Proof(s.t, dpoptest.Claims{Method: method, URI: eventBase + path, IssuedAt: instant, Token: token, Nonce: nonce})
	headers := map[string][]string{"DPoP": {proof}, "Content-Type": {"application/x-www-form-urlencoded"}}
	if token != "" {
		headers["Authorization"] = []string{"DPoP " + token}
	}
	return headers
}

// asks is a REST API's event to its authorizer about a GET of /x.
func asks(headers map[string][]string) []byte {
	return event(map[string]any{"type": "REQUEST", "methodArn": arnPrefix + "/prod/GET/x", "path": "/x", "httpMethod": "GET", "multiValueHeaders": headers})
}

// A nonce is asked for where its header reaches the client, and nowhere else.
func TestNoncesWhereAHeaderCanBeSent(t *testing.T) {
	backend := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(backend.Close)
	for _, nonces := range []bool{false, true} {
		s, key := newSite(t), dpoptest.NewKey(t)
		s.Settings.Nonces = nonces
		upstream, err := url.Parse(backend.URL)
		if err != nil {
			t.Fatal(err)
		}
		s.Settings.Upstream = upstream
		token := s.bound(key, s.Keys)
		secret, err := s.Keys.ClientSecret(&oauth.Client{ID: "old", SecretKey: 1})
		if err != nil {
			t.Fatal(err)
		}
		body := url.Values{"grant_type": {"magic"}, "client_id": {"old"}, "client_secret": {secret.Reveal()}}
		tokens := func(nonce string) []byte {
			body.Set("grant_type", "client_credentials")
			return event(map[string]any{"path": "/oauth/token", "httpMethod": "POST", "body": body.Encode(),
				"multiValueHeaders": s.proven(key, "POST", "/oauth/token", "", nonce)})
		}
		api := func(nonce string) []byte {
			return event(map[string]any{"path": "/api/x", "httpMethod": "GET", "multiValueHeaders": s.proven(key, "GET", "/api/x", token, nonce)})
		}
		storetest.PutClient(t, s.Store.(registered), oauth.Client{ID: "old", SecretKey: 1, Grants: []oauth.Grant{oauth.GrantClientCredentials}})
		for name, test := range map[string]struct {
			h      apigateway.Handler
			ask    func(nonce string) []byte
			wanted int // status without a nonce, where one is wanted
			good   int
		}{
			"token": {s.handler(s.Token()), tokens, http.StatusBadRequest, http.StatusOK},
			"proxy": {s.handler(s.Proxy()), api, http.StatusUnauthorized, http.StatusNotFound},
		} {
			without, good := test.good, test.good
			if nonces {
				without = test.wanted
			}
			status, header := s.answer(test.h, test.ask(""))
			if status != without || (header[dpop.NonceHeader] != "") != nonces {
				t.Errorf("%s, nonces %v: %d %v, want %d", name, nonces, status, header, without)
			}
			if status, _ := s.answer(test.h, test.ask(s.Keys.Nonce(instant))); status != good {
				t.Errorf("%s, nonces %v, with a nonce: %d, want %d", name, nonces, status, good)
			}
		}
		if out, err := s.handler(s.Authorizer()).Invoke(t.Context(), asks(s.proven(key, "GET", "/x", token, ""))); err != nil || !strings.Contains(string(out), "Allow") {
			t.Errorf("authorizer, nonces %v: %s, %v", nonces, out, err)
		}
	}
}

// answer invokes a proxy's handler and returns its answer's status and headers.
func (s *site) answer(h apigateway.Handler, payload []byte) (int, map[string]string) {
	s.t.Helper()
	out, err := h.Invoke(s.t.Context(), payload)
	var answer struct {
		StatusCode int
		Headers    map[string]string
	}
	if err != nil || json.Unmarshal(out, &answer) != nil {
		s.t.Fatalf("%s, %v", out, err)
	}
	for name, value := range answer.Headers {
		answer.Headers[http.CanonicalHeaderKey(name)] = value
	}
	answer.Headers[dpop.NonceHeader] = answer.Headers[http.CanonicalHeaderKey(dpop.NonceHeader)]
	return answer.StatusCode, answer.Headers
}

// A request that is asked twice because of a key that was yet to be learnt of
// is no replay of itself.
func TestProofWhileAKeyIsLearntOf(t *testing.T) {
	s, key := newSite(t), dpoptest.NewKey(t)
	token := s.bound(key, parseKeys(t, newKeys))
	h := s.handler(s.Authorizer())
	question := asks(s.proven(key, "GET", "/x", token, ""))
	if out, err := h.Invoke(t.Context(), question); err != nil || !strings.Contains(string(out), "Allow") {
		t.Errorf("%s, %v, want it to be let through", out, err)
	}
	s.wantReads("once", 1)
	if out, err := h.Invoke(t.Context(), question); err == nil {
		t.Errorf("a replay: %s", out)
	}
}

func TestNonceOfALaterKey(t *testing.T) {
	s, key := newSite(t), dpoptest.NewKey(t)
	s.Settings.Nonces = true
	h := s.handler(s.Token())
	payload := event(map[string]any{"path": "/oauth/token", "httpMethod": "POST", "body": "grant_type=password&client_id=app&username=a&password=b",
		"multiValueHeaders": s.proven(key, "POST", "/oauth/token", "", parseKeys(t, newKeys).Nonce(instant))})
	if err := s.Store.(oauth.Registry).CreateClient(t.Context(), oauth.Client{ID: "app", Public: true, Grants: []oauth.Grant{oauth.GrantPassword}}); err != nil {
		t.Fatal(err)
	}
	if status, body := s.status(h, payload); !strings.Contains(body, oauth.InvalidGrant) {
		t.Errorf("%d %s, want the nonce to be taken and the password refused", status, body)
	}
}
