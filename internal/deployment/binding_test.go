package deployment

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/dynamodb"
	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
	"gatehouse/internal/oauth/storetest"
)

// cloudFront is a proxy in front of the API, which is trusted.
const cloudFront = "130.176.1.2"

// viewer is who calls by way of it.
type viewer struct{ agent, address string }

var (
	phone = viewer{"Notes/1.2 (iPhone)", "203.0.113.5"}
	cafe  = viewer{phone.agent, "198.51.100.7"}
	thief = viewer{"curl/8.1", "198.51.100.66"}
)

// sends is an event as it comes through CloudFront, with what the caller wrote
// in the hope to pass for the phone.
func (v viewer) sends(t testing.TB, payload []byte) []byte {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(payload, &fields); err != nil {
		t.Fatal(err)
	}
	header := fields["multiValueHeaders"].(map[string]any)
	header["User-Agent"] = []string{v.agent}
	header["X-Forwarded-For"] = []string{phone.address + ", " + cloudFront + ", " + v.address + ", " + cloudFront}
	fields["requestContext"].(map[string]any)["identity"] = map[string]any{"sourceIp": cloudFront}
	out, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// boundSite is a deployment with these settings, a public client and alice.
type boundSite struct {
	*site
	token, authorizer apigateway.Handler
}

func newBoundSite(t *testing.T, store Store, variables map[string]string) *boundSite {
	t.Helper()
	s := newSite(t)
	variables["TRUSTED_PROXIES"] = "130.176.0.0/16"
	var err error
	if s.Settings, err = ReadSettings(from(variables)); err != nil {
		t.Fatal(err)
	}
	s.Rand = rand.Reader // several sites share a store
	hash, err := password.Hash(oauth.NewSecret("correct horse"), password.OWASP(), s.Rand)
	if err != nil {
		t.Fatal(err)
	}
	client := oauth.Client{ID: "app", Public: true, Scopes: []string{"read"}, Grants: []oauth.Grant{oauth.GrantPassword, oauth.GrantRefreshToken}}
	registry := store.(registered)
	storetest.PutUser(t, registry, oauth.User{ID: "u1", Name: "alice", PasswordHash: hash})
	storetest.PutClient(t, registry, client)
	s.Store = store
	return &boundSite{s, s.handler(s.Token()), s.handler(s.Authorizer())}
}

// tokens asks for tokens by a form, which must give this status.
func (s *boundSite) tokens(v viewer, status int, pairs ...string) (access, refresh string) {
	s.t.Helper()
	got, body := s.status(s.token, v.sends(s.t, post("/oauth/token", append(pairs, "client_id", "app")...)))
	var answer struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if got != status || json.Unmarshal([]byte(body), &answer) != nil {
		s.t.Errorf("%+v: %d %s, want %d", v, got, body, status)
	}
	return answer.Access, answer.Refresh
}

func (s *boundSite) signIn(v viewer) (access, refresh string) {
	s.t.Helper()
	return s.tokens(v, http.StatusOK, "grant_type", "password", "username", "alice", "password", "correct horse")
}

func (s *boundSite) refresh(v viewer, status int, token string) (access, refresh string) {
	s.t.Helper()
	return s.tokens(v, status, "grant_type", "refresh_token", "refresh_token", token)
}

// wantAllowed fails the test unless the authorizer lets v through, or not.
func (s *boundSite) wantAllowed(name string, v viewer, token string, want bool) {
	s.t.Helper()
	_, err := s.authorizer.Invoke(s.t.Context(), v.sends(s.t, question(token)))
	if want && err != nil || !want && !errors.Is(err, apigateway.ErrUnauthorized) {
		s.t.Errorf("%s: %v, want it let through: %v", name, err, want)
	}
}

// Two settings are the way of an older system: the first try from elsewhere ends
// the session.
func TestTheOldWay(t *testing.T) {
	s := newBoundSite(t, newSite(t).Store, map[string]string{"TOKEN_BINDING": "agent+address", "ON_MISMATCH": "session"})
	for reason, other := range map[string]viewer{"user_agent": thief, "address": cafe} {
		access, refresh := s.signIn(phone)
		s.wantAllowed("at home", phone, access, true)
		s.log.Reset()
		s.wantAllowed("elsewhere", other, access, false)
		if line := s.log.String(); !strings.Contains(line, "reason="+reason) || !strings.Contains(line, "on_mismatch=session") ||
			strings.Contains(line, other.address) || strings.Contains(line, cloudFront) || strings.Contains(line, other.agent) {
			t.Errorf("the log says %s", line)
		}
		s.wantAllowed("at home again", phone, access, false)
		s.refresh(phone, http.StatusBadRequest, refresh)
	}
}

// Each viewer of a proxy is another caller, by whom tries are counted as well.
func TestViewersBehindAProxy(t *testing.T) {
	s := newBoundSite(t, newSite(t).Store, map[string]string{"TOKEN_BINDING": "network"})
	access, refresh := s.signIn(phone)
	s.wantAllowed("a neighbour", viewer{"another app", "203.0.113.250"}, access, true)
	s.wantAllowed("a thief", thief, access, false)
	s.wantAllowed("at home", phone, access, false)
	access, _ = s.refresh(cafe, http.StatusOK, refresh)
	s.wantAllowed("in the café", cafe, access, true)
	guess := []string{"grant_type", "password", "username", "alice", "password", "wrong"}
	for range 10 {
		s.tokens(thief, http.StatusBadRequest, guess...)
	}
	s.tokens(thief, http.StatusTooManyRequests, guess...)
	s.signIn(phone)
}

// Sessions stored before there were bindings go on as they are, and are bound at
// their next refresh.
func TestSettingsOfALivingDeployment(t *testing.T) {
	store := newSite(t).Store
	before := newBoundSite(t, store, map[string]string{})
	access, refresh := before.signIn(phone)
	after := newBoundSite(t, store, map[string]string{"TOKEN_BINDING": "agent", "IDLE_TIMEOUT": "3600"})
	after.Keys = before.Keys
	after.wantAllowed("as before", thief, access, true)
	access, _ = after.refresh(phone, http.StatusOK, refresh)
	after.wantAllowed("bound", thief, access, false)
}

// unwritable is a store that can kill nothing.
type unwritable struct{ Store }

func (unwritable) Kill(context.Context, oauth.SessionID, oauth.Killing) error { return errBroken }

// A store that can't write a kill is a fault: 500, and no Allow.
func TestKillThatFails(t *testing.T) {
	s := newBoundSite(t, newSite(t).Store, map[string]string{"TOKEN_BINDING": "agent"})
	access, refresh := s.signIn(phone)
	s.Store = unwritable{s.Store}
	authorizer, token := s.handler(s.Authorizer()), s.handler(s.Token())
	if out, err := authorizer.Invoke(t.Context(), thief.sends(t, question(access))); out != nil || !errors.Is(err, apigateway.ErrInternal) {
		t.Errorf("%s, %v", out, err)
	}
	stolen := post("/oauth/token", "grant_type", "refresh_token", "refresh_token", refresh, "client_id", "app")
	if status, body := s.status(token, thief.sends(t, stolen)); status != http.StatusServiceUnavailable || strings.Contains(body, errBroken.Error()) {
		t.Errorf("%d %s", status, body)
	}
	if line := s.log.String(); strings.Count(line, errBroken.Error()) != 2 {
		t.Errorf("the log says %s", line)
	}
}

// What the tables hold shows neither the agent nor the address of anybody.
func TestNothingOfTheCallerIsStored(t *testing.T) {
	all, prefix := &dynamodbtest.Recorder{}, rand.Text()
	store := dynamodb.New(dynamodbtest.Client(t, all),
		dynamodb.Tables{Sessions: prefix + "-sessions", Replay: prefix + "-replay", Registry: prefix + "-registry"})
	if err := store.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, to := range oauth.Bindings() {
		if to == oauth.BindDPoP {
			continue // which needs a proof
		}
		s := newBoundSite(t, store, map[string]string{"TOKEN_BINDING": string(to)})
		access, refresh := s.signIn(phone)
		s.wantAllowed("at home", phone, access, true)
		s.refresh(phone, http.StatusOK, refresh)
		s.wantAllowed("a thief", thief, access, to == oauth.BindNone)
	}
	text := all.Text()
	if !strings.Contains(text, `"agent"`) || !strings.Contains(text, `"killed_why"`) {
		t.Fatal("nothing was bound or killed")
	}
	for _, v := range []viewer{phone, cafe, thief} {
		for _, secret := range []string{v.agent, v.address, v.address[:strings.LastIndexByte(v.address, '.')]} {
			// Binary attributes are in base64, at whichever of three places.
			for skip := range 3 {
				encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", skip) + secret))
				if middle := encoded[4 : len(encoded)-4]; strings.Contains(text, secret) || strings.Contains(text, middle) {
					t.Errorf("%q is in what was stored", secret)
				}
			}
		}
	}
}
