package deployment

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

const registeredURI = "https://app.example.com/cb"

// target is a site with a session, as one who has none of its secrets, or
// perhaps some, attacks it.
type target struct {
	*site
	authorizer apigateway.Handler
	endpoints  []apigateway.Handler
	secrets    []string // by which something is given out
	internal   []string // what nobody is ever told
}

func newTarget(t testing.TB) *target {
	s := newSite(t)
	registry := s.Store.(oauth.Registry)
	client := oauth.Client{ID: "app", SecretKey: 1, Grants: oauth.Grants(), Scopes: []string{"read"}, RedirectURIs: []string{registeredURI}, Diagnose: true}
	if err := registry.CreateClient(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	s.token(seal.AccessToken) // begins the session
	secret, err := s.Keys.ClientSecret(&client)
	if err != nil {
		t.Fatal(err)
	}
	x := &target{site: s, authorizer: s.handler(s.Authorizer()), secrets: liveTokens(t),
		internal: []string{"a key for tests", "another key for tests", secret.Reveal()}}
	x.secrets = append(x.secrets, secret.Reveal(), base64.StdEncoding.EncodeToString([]byte("app:"+secret.Reveal())))
	for _, make := range []func() (apigateway.Handler, error){s.Token, s.Authorize, s.Revoke} {
		x.endpoints = append(x.endpoints, s.handler(make()))
	}
	return x
}

// liveTokens are those of the session that site.token begins.
func liveTokens(t testing.TB) (tokens []string) {
	keys := parseKeys(t, oldKeys)
	for _, kind := range []seal.Kind{seal.AccessToken, seal.RefreshToken, seal.OAuth1Token} {
		tokens = append(tokens, keys.Mint(kind, oauth.SessionID{1}, 0).Reveal())
	}
	return tokens
}

// shows reports whether what was sent has a credential in it.
func (x *target) shows(sent string) bool {
	for _, secret := range x.secrets {
		if strings.Contains(sent, secret) {
			return true
		}
	}
	return false
}

// asked invokes the authorizer: it allows nothing without a credential.
func (x *target) asked(t *testing.T, payload []byte, sent string) {
	t.Helper()
	out, err := x.authorizer.Invoke(t.Context(), payload)
	if strings.Contains(string(out), "Allow") && !x.shows(sent) {
		t.Fatalf("allowed: %s", out)
	}
	if err == nil && !json.Valid(out) {
		t.Fatalf("the answer is %q", out)
	}
	x.tellsNothing(t, string(out), sent)
}

// answered invokes an endpoint with an event that API Gateway could send: it
// never breaks, gives out nothing without a credential and sends nobody but
// where the client registered.
func (x *target) answered(t *testing.T, endpoint apigateway.Handler, payload []byte, sent string) {
	t.Helper()
	out, err := endpoint.Invoke(t.Context(), payload)
	var answer struct {
		StatusCode        int
		Headers           map[string]string
		MultiValueHeaders http.Header
		Body              string
	}
	if err != nil || json.Unmarshal(out, &answer) != nil {
		t.Fatalf("%s, %v: %s", out, err, x.log)
	}
	if answer.StatusCode < 200 || answer.StatusCode >= 500 {
		t.Fatalf("status %d: %s", answer.StatusCode, x.log)
	}
	for _, given := range []string{`"access_token"`, "oauth_token="} {
		if strings.Contains(answer.Body, given) && answer.StatusCode == 200 && !x.shows(sent) {
			t.Fatalf("given out: %s", answer.Body)
		}
	}
	header := answer.MultiValueHeaders.Clone()
	if header == nil {
		header = http.Header{}
	}
	for name, value := range answer.Headers {
		header.Add(name, value)
	}
	leadsNowhereElse(t, header)
	for _, markup := range []string{"<x-", "\" x-on=", "' x-on="} { // no page has such, and the seeds do
		if strings.Contains(answer.Body, markup) && strings.HasPrefix(header.Get("Content-Type"), "text/html") {
			t.Fatalf("markup that was sent is in the page: %s", answer.Body)
		}
	}
	x.tellsNothing(t, string(out), sent)
}

// leadsNowhereElse holds that no header has two lines, and that a browser is
// sent to the client or to the pages themselves.
func leadsNowhereElse(t *testing.T, header http.Header) {
	t.Helper()
	for name, values := range header {
		if strings.ContainsAny(name+strings.Join(values, ""), "\r\n\x00") {
			t.Fatalf("header %q: %q", name, values)
		}
	}
	if location := header.Get("Location"); location != "" && !strings.HasPrefix(location, registeredURI+"?") && !strings.HasPrefix(location, "?") {
		t.Fatalf("sent on to %q", location)
	}
}

// tellsNothing looks in an answer and in the log for what is nobody's business,
// unless it was in the question.
func (x *target) tellsNothing(t *testing.T, out, sent string) {
	t.Helper()
	for _, text := range append([]string{".go:", "goroutine ", "runtime error", "gatehouse/internal", "panic"}, x.internal...) {
		if strings.Contains(out+x.log.String(), text) && !strings.Contains(sent, text) {
			t.Fatalf("%q is told: %s, log: %s", text, out, x.log)
		}
	}
	for _, secret := range x.secrets {
		if strings.Contains(x.log.String(), secret) {
			t.Fatalf("the log has a credential: %s", x.log)
		}
	}
}

// tries are requests: method, path, query, name and value of a header, body.
func (x *target) tries() [][6]string {
	bearer, refresh, secret := x.secrets[0], x.secrets[1], x.secrets[3]
	const signed = `OAuth oauth_consumer_key="app", oauth_token="gth1_x", oauth_signature_method="HMAC-SHA1", oauth_timestamp="2051319845", oauth_nonce="n", oauth_signature="c2ln"`
	return [][6]string{
		{"GET", "/x", "a=1", "Authorization", "Bearer " + bearer, ""},
		{"GET", "/oauth/session", "", "Authorization", "Bearer " + bearer + "x", ""},
		{"DELETE", "/x", "", "Authorization", signed, ""},
		{"GET", "/x", "oauth_consumer_key=app&oauth_signature=a&oauth_signature_method=PLAINTEXT&oauth_token=gth1_", "", "", ""},
		{"POST", "/oauth/token", "", "Authorization", "Basic YXBwOng=", "grant_type=client_credentials"},
		{"POST", "/oauth/token", "", "", "", "grant_type=client_credentials&client_id=app&client_secret=" + secret},
		{"POST", "/oauth/token", "", "", "", "grant_type=refresh_token&client_id=old&refresh_token=" + refresh},
		{"POST", "/oauth/token", "", "", "", "grant_type=authorization_code&code=gthc_AAAA&client_id=app&client_secret=x&code_verifier=v&redirect_uri=" + registeredURI},
		{"POST", "/oauth/token", "", "Authorization", signed, "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=x&subject_token_type=y"},
		{"POST", "/oauth/access_token", "", "Authorization", strings.Replace(signed, "gth1_", "gtht_", 1), "oauth_verifier=gthv_"},
		{"POST", "/oauth/request_token", "", "Authorization", strings.Replace(signed, "oauth_token", "oauth_callback", 1), ""},
		{"POST", "/oauth/revoke", "", "Authorization", "Basic", "token=" + refresh + "&client_id=app"},
		{"POST", "/oauth/introspect", "", "Content-Type", "application/json", `{"token":1}`},
		{"GET", "/oauth/authorize", "client_id=app&response_type=code&redirect_uri=" + registeredURI + "&state=%22%0D%0A&scope=read", "Cookie", "__Host-gatehouse=x", ""},
		{"GET", "/oauth/authorize", "client_id=app&redirect_uri=https://evil.example/", "", "", ""},
		{"GET", "/oauth/authorize", "client_id=app&response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&state=%3Cx-a%22+x-on=1", "", "", ""},
		{"GET", "/oauth/authorize%22%20x-on=1%3Cx-a", "client_id=%3Cx-a%3E%22+x-on=1&oauth_token='+x-on=1%3Cx-b", "X-Forwarded-Host", "<x-a", ""},
		{"GET", "/oauth/authorize", "client_id=app&response_type=token&state=s", "", "", ""},
		{"GET", "/oauth/authorize", "oauth_token=gtht_AAAAAQ", "", "", ""},
		{"POST", "/oauth/authorize", "", "Cookie", "gatehouse=AAAA", "form=AAAA&action=allow"},
		{"GET", "/.well-known/oauth-authorization-server", "", "X-Forwarded-Host", "evil.example", ""},
		{"OPTIONS", "//oauth/token", "", "Origin", "https://evil.example", ""},
	}
}

// FuzzRequests puts what a client chooses into events of each kind, and those
// through all that a deployment does with them, but hashing passwords.
func FuzzRequests(f *testing.F) {
	x := newTarget(f)
	for _, seed := range x.tries() {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5])
	}
	f.Fuzz(func(t *testing.T, method, path, query, name, value, body string) {
		if method == "" || !strings.HasPrefix(path, "/") || strings.Contains(body, "assword") || strings.Contains(body, "%") && strings.Contains(body, "ass") {
			return
		}
		x.log.Reset()
		sent := strings.Join([]string{method, path, query, name, value, body, unescapedText(query), unescapedText(body), unescapedText(value)}, "\n")
		header := map[string]string{"Content-Type": "application/x-www-form-urlencoded", name: value}
		rest := restEvent(method, path, query, header, body)
		http2 := http2Event(method, path, query, header, body)
		for _, endpoint := range x.endpoints {
			x.answered(t, endpoint, event(rest), sent)
			x.answered(t, endpoint, text(t, http2), sent)
		}
		rest["type"], rest["methodArn"] = "REQUEST", arnPrefix+"/prod/"+method+path
		x.asked(t, event(rest), sent)
		http2["type"], http2["routeArn"] = "REQUEST", arnPrefix+"/prod/"+method+path
		x.asked(t, text(t, http2), sent)
	})
}

func unescapedText(form string) string {
	text, err := url.QueryUnescape(form)
	if err != nil {
		return ""
	}
	return text
}

func restEvent(method, path, query string, header map[string]string, body string) map[string]any {
	values, _ := url.ParseQuery(query) // what there is: a gateway does no other
	headers := http.Header{}
	for name, value := range header {
		headers[name] = append(headers[name], value)
	}
	return map[string]any{"path": path, "httpMethod": method, "resource": "/{proxy+}", "multiValueHeaders": headers,
		"multiValueQueryStringParameters": values, "body": body}
}

func http2Event(method, path, query string, header map[string]string, body string) map[string]any {
	return map[string]any{"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "headers": header, "body": body,
		"requestContext": map[string]any{"requestId": "r", "stage": "$default", "domainName": "api.example.com",
			"http": map[string]any{"method": method, "path": path, "sourceIp": "192.0.2.1"}}}
}

func text(t *testing.T, event map[string]any) []byte {
	t.Helper()
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// FuzzEvents holds of any bytes what FuzzRequests does of requests: an event
// may be refused as none, but nothing else breaks, is allowed or told.
func FuzzEvents(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("..", "apigateway", "testdata", "*.json"))
	if err != nil || len(names) == 0 {
		f.Fatalf("no events: %v", err)
	}
	for _, name := range names {
		payload, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(payload)
	}
	x := newTarget(f)
	f.Add(question(x.secrets[0]))
	f.Add(post("/oauth/token", "grant_type", "client_credentials", "client_id", "app", "client_secret", x.secrets[3]))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if strings.Contains(string(payload), "assword") {
			return // hashing takes long
		}
		x.log.Reset()
		x.asked(t, payload, string(payload))
		for _, endpoint := range x.endpoints {
			out, err := endpoint.Invoke(t.Context(), payload)
			if err == nil && !json.Valid(out) {
				t.Fatalf("the answer is %q", out)
			}
			x.tellsNothing(t, string(out), string(payload))
		}
	})
}
