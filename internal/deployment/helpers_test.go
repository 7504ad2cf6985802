package deployment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/consent/pages"
	"gatehouse/internal/oauth/oauthtest"
	"gatehouse/internal/oauth/seal"
)

const (
	oldKey    = `"1":"a key for tests that nobody must ever use"`
	newKey    = `"2":"another key for tests, not for use either"`
	oldKeys   = `{"current":"1",` + oldKey + `}`
	newKeys   = `{"current":"2",` + oldKey + `,` + newKey + `}`
	arnPrefix = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5"
)

var (
	instant   = time.Date(2035, 1, 2, 3, 4, 5, 0, time.UTC)
	errBroken = errors.New("the secret cannot be read")
)

// site is a deployment in memory that knows the old key, while the secret has
// the new one too. Its clock stands until a test moves it.
type site struct {
	*Deployment
	t   testing.TB
	log *bytes.Buffer

	mu     sync.Mutex
	now    time.Time
	broken error         // of the secret
	held   chan struct{} // where set, a reading waits for it
	reads  int
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, now: instant, log: &bytes.Buffer{}}
	settings, err := ReadSettings(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	for _, client := range []oauth.Client{{ID: "old", SecretKey: 1}, {ID: "new", SecretKey: 2}} {
		if err := store.CreateClient(t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	s.Deployment = &Deployment{Settings: settings, Keys: parseKeys(t, oldKeys), ReadKeys: s.read, Store: store,
		Clock: s.clock, Rand: &oauthtest.Rand{}, Log: slog.New(slog.NewTextHandler(s.log, nil)), Pages: pages.Write}
	return s
}

// registered is a store whose clients and users a test may change.
type registered interface {
	Store
	oauth.Registry
}

func parseKeys(t testing.TB, text string) *seal.Keyring {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) wait(step time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(step)
}

func (s *site) read(context.Context) (*seal.Keyring, error) {
	s.mu.Lock()
	held := s.held
	s.reads++
	broken := s.broken
	s.mu.Unlock()
	if held != nil {
		<-held
	}
	if broken != nil {
		return nil, broken
	}
	return seal.ParseKeyring([]byte(newKeys))
}

func (s *site) setBroken(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
}

// wantReads fails the test unless the secret was read this often in all.
func (s *site) wantReads(name string, want int) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reads != want {
		s.t.Errorf("%s: the secret was read %d times, want %d", name, s.reads, want)
	}
}

// token begins a session at the client called old, and gives it a token of
// the newest key, as a function that knows it would.
func (s *site) token(kind seal.Kind) string {
	s.t.Helper()
	session := oauth.Session{ID: oauth.SessionID{1}, Protocol: oauth.OAuth2, Client: "old", User: "u1",
		Created: instant, Renewed: instant, Expires: instant.AddDate(1, 0, 0)}
	if err := s.Store.Create(s.t.Context(), session); err != nil {
		s.t.Fatal(err)
	}
	return parseKeys(s.t, newKeys).Mint(kind, session.ID, 0).Reveal()
}

func (s *site) handler(made apigateway.Handler, err error) apigateway.Handler {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}

// question is a REST API's event to its authorizer about a bearer token.
func question(token string) []byte {
	return event(map[string]any{"type": "REQUEST", "methodArn": arnPrefix + "/prod/GET/x", "path": "/x", "httpMethod": "GET",
		"multiValueHeaders": map[string][]string{"Authorization": {"Bearer " + token}}})
}

// post is a REST API's event of a form sent to path, names and values by turns.
func post(path string, pairs ...string) []byte {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return event(map[string]any{"path": path, "httpMethod": "POST", "body": values.Encode(),
		"multiValueHeaders": map[string][]string{"Content-Type": {"application/x-www-form-urlencoded"}}})
}

func event(fields map[string]any) []byte {
	fields["requestContext"] = map[string]any{"requestId": "r", "stage": "prod", "path": "/prod" + fmt.Sprint(fields["path"]),
		"domainName": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com", "identity": map[string]any{"sourceIp": "192.0.2.1"}}
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // a map of strings
	}
	return text
}

// status invokes a proxy's handler and returns what it answers.
func (s *site) status(h apigateway.Handler, payload []byte) (int, string) {
	s.t.Helper()
	out, err := h.Invoke(s.t.Context(), payload)
	var answer struct {
		StatusCode int
		Body       string
	}
	if err != nil || json.Unmarshal(out, &answer) != nil {
		s.t.Fatalf("%s, %v", out, err)
	}
	return answer.StatusCode, answer.Body
}
