package deployment_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/deployment"
	"gatehouse/internal/flowtest"
	"gatehouse/internal/local"
	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// stranger sends events to the functions of a deployment, whose log is kept.
type stranger struct {
	t         *testing.T
	functions map[string]local.Handler
	target    flowtest.Target
	keys      *seal.Keyring
	log       lines
}

func newStranger(t *testing.T) *stranger {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(flowKeyring))
	if err != nil {
		t.Fatal(err)
	}
	s, store := &stranger{t: t, keys: keys}, memory.New()
	s.target = flowtest.Register(t, store, keys)
	s.functions = functionsOf(t, s.log.logging(&deployment.Deployment{Keys: keys, Store: store, Clock: time.Now}),
		map[string]string{"UPSTREAM_URL": flowtest.Backend(t)})
	return s
}

// sends invokes a function with a request, which has to be one line in the log
// beside its audit events.
func (s *stranger) sends(function, method, path string, headers map[string]string, form url.Values) {
	s.t.Helper()
	many := map[string][]string{"Content-Type": {"application/x-www-form-urlencoded"}}
	for name, value := range headers {
		many[name] = []string{value}
	}
	event := map[string]any{"path": path, "httpMethod": method, "multiValueHeaders": many, "body": form.Encode(),
		"requestContext": map[string]any{"requestId": "r", "stage": "prod", "path": "/prod" + path, "domainName": "api.example.com",
			"identity": map[string]any{"sourceIp": "192.0.2.1"}}}
	if function == "authorizer" {
		event["type"], event["methodArn"] = "REQUEST", "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/GET"+path
	}
	payload, err := json.Marshal(event)
	if err != nil {
		s.t.Fatal(err)
	}
	before := s.log.text.Len()
	_, _ = s.functions["functions/"+function].Invoke(s.t.Context(), payload)
	if got := bytes.Count(s.log.text.Bytes()[before:], []byte(`"request_id":"r","method"`)); got != 1 {
		s.t.Errorf("%s %s: %d lines", method, path, got)
	}
}

// Whoever sends junk, as much as they like, makes no metric that there was not
// and no audit event: one line for each request, and that is all. To say a
// public client's id, or one of another, takes no secret.
func TestJunkInTheLog(t *testing.T) {
	const junk = "junkjunk"
	s := newStranger(t)
	public, known := s.target.Public.ID, s.target.Client.ID
	forms := []url.Values{
		{}, {"grant_type": {junk}}, {"grant_type": {junk}, "client_id": {public}}, {"grant_type": {"refresh_token"}, "client_id": {junk}},
		{"grant_type": {"refresh_token"}, "client_id": {public}, "refresh_token": {junk}},
		{"grant_type": {"refresh_token"}, "client_id": {public}, "refresh_token": {string(seal.RefreshToken) + strings.Repeat("A", 80)}},
		{"grant_type": {"authorization_code"}, "client_id": {public}, "code": {junk}},
		{"grant_type": {"password"}, "client_id": {public}, "scope": {junk}, "username": {junk}, "password": {junk}},
		{"grant_type": {"password"}, "client_id": {known}, "client_secret": {junk}, "username": {"alice"}, "password": {junk}},
		{"grant_type": {"client_credentials"}, "client_id": {public}}, {"error": {junk}, "reason": {junk}, "function": {junk}, "scheme": {junk}},
		{"token": {junk}, "client_id": {public}}, {"token": {junk}, "client_id": {known}, "client_secret": {junk}},
		{"_aws": {junk}, "cause": {junk}}, {"oauth_token": {junk}, "oauth_verifier": {junk}}, {"x_auth_mode": {junk}, "x_auth_username": {junk}},
	}
	signed := `OAuth oauth_consumer_key="` + known + `", oauth_token="` + junk + `", oauth_signature_method="` + junk + `", oauth_signature="x", oauth_timestamp="1", oauth_nonce="n"`
	headers := []map[string]string{nil, {"Authorization": junk}, {"Authorization": junk + " " + junk}, {"Authorization": "Bearer " + junk},
		{"Authorization": "DPoP " + junk, "DPoP": junk}, {"Authorization": signed}, {"Authorization": strings.Replace(signed, known, junk, 1)},
		{"X-Amzn-Trace-Id": junk, "User-Agent": junk, "Referer": junk, "DPoP": junk}}
	for _, where := range [][2]string{{"token", "/oauth/token"}, {"token", "/oauth/access_token"}, {"token", "/oauth/request_token"}, {"token", "/" + junk},
		{"revoke", "/oauth/revoke"}, {"revoke", "/oauth/introspect"}, {"revoke", "/oauth/session"}, {"authorize", "/oauth/authorize"},
		{"proxy", "/api/" + junk}, {"authorizer", "/" + junk}} {
		for _, method := range []string{"POST", "GET", junk, "_aws"} {
			for _, header := range headers {
				for _, form := range forms {
					s.sends(where[0], method, where[1], header, form)
				}
			}
		}
	}
	s.log.wantMetrics(t, "Refused")
	if told := s.log.events(t); len(told) > 0 {
		t.Errorf("%d audit events, such as %+v", len(told), told[0])
	}
}

// A client that has tokens of an older provider fills the audit log neither, by
// tokens that never were: revocations are read out of it.
func TestMadeUpTokensInTheLog(t *testing.T) {
	s := newStranger(t)
	moved := s.target.Moved
	for _, token := range []string{"junk", "Ue0vN3gQ8cT5sXyLr4Kd"} {
		for _, path := range []string{"/oauth/revoke", "/oauth/introspect"} {
			s.sends("revoke", "POST", path, nil, url.Values{"token": {token}, "client_id": {moved.ID}, "client_secret": {moved.Secret}})
		}
	}
	if told := s.log.events(t); len(told) > 0 {
		t.Errorf("%d audit events, such as %+v", len(told), told[0])
	}
}

// What is genuine is told of: a client that gave its secret, a password that
// somebody tries, and whose it is not, though nobody types it into the log.
func TestRefusalsInTheAuditLog(t *testing.T) {
	s := newStranger(t)
	public, client := s.target.Public.ID, s.target.Client
	old := s.keys.Mint(seal.RefreshToken, oauth.SessionID{9}, 0).Reveal()
	for _, form := range []url.Values{
		{"grant_type": {"password"}, "client_id": {public}, "username": {"alice"}, "password": {"typed"}},
		{"grant_type": {"password"}, "client_id": {public}, "username": {"typed"}, "password": {"typed"}},
		{"grant_type": {"refresh_token"}, "client_id": {public}, "refresh_token": {old}},
		{"grant_type": {"refresh_token"}, "client_id": {client.ID}, "client_secret": {client.Secret}, "refresh_token": {"junk"}},
	} {
		s.sends("token", "POST", "/oauth/token", map[string]string{"User-Agent": "typed"}, form)
	}
	var got []string
	for _, e := range s.log.events(t) {
		got = append(got, strings.TrimSpace(strings.Join([]string{string(e.Event), e.Client, e.User, e.Session, e.Protocol, e.Reason}, " ")))
	}
	want := []string{"sign_in_refused web user-1  oauth2 invalid_grant", "sign_in_refused web   oauth2 invalid_grant",
		"token_refused web  CQAAAAAAAAAAAAAAAAAAAA oauth2 invalid_grant", "token_refused mobile   oauth2 invalid_grant"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	s.log.wantNothingOf(t, "typed", "192.0.2.1", old, client.Secret)
}
