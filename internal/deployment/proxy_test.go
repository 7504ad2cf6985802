package deployment

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/proxy"
)

func get(path string, headers map[string][]string) []byte {
	return event(map[string]any{"resource": "/{proxy+}", "path": path, "httpMethod": "GET", "multiValueHeaders": headers})
}

// published are how many public keys the proxy shows.
func (s *site) published(h apigateway.Handler) int {
	s.t.Helper()
	status, body := s.status(h, get(proxy.KeysRoute, nil))
	var set struct{ Keys []any }
	if err := json.Unmarshal([]byte(body), &set); err != nil || status != 200 {
		s.t.Fatalf("%d %s: %v", status, body, err)
	}
	return len(set.Keys)
}

// Another function may sign with a new key before this one has seen any of its
// tokens: a backend that looks for the key must find it here.
func TestPublicKeysOfALaterKey(t *testing.T) {
	s := newSite(t)
	s.Settings.Upstream, _ = proxy.ParseUpstream("http://127.0.0.1:1")
	h := s.handler(s.Proxy())
	if got := s.published(h); got != 2 {
		t.Errorf("%d keys are published", got)
	}
	s.wantReads("first", 1)
	s.published(h)
	s.wantReads("right after", 1)
	s.wait(renewEvery)
	s.setBroken(errBroken)
	if got := s.published(h); got != 2 {
		t.Errorf("without the secret %d keys are published", got)
	}
	s.wantReads("later", 2)
	if !strings.Contains(s.log.String(), errBroken.Error()) {
		t.Errorf("the log does not say so: %s", s.log)
	}
}

// A token of a new key is judged by it, and the backend is asked once.
func TestProxyOfALaterKey(t *testing.T) {
	s := newSite(t)
	asked := 0
	backend := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(backend.Close)
	s.Settings.Upstream, _ = proxy.ParseUpstream(backend.URL)
	h := s.handler(s.Proxy())
	if status, body := s.status(h, get("/api/x", map[string][]string{"Authorization": {"Bearer " + s.token("gtha_")}})); status != 200 || asked != 1 {
		t.Errorf("%d %s, and the backend was asked %d times", status, body, asked)
	}
	s.wantReads("new key", 1)
}

// What goes wrong behind is one line in the log and no word to the client.
func TestProxyLogsFailures(t *testing.T) {
	s := newSite(t)
	s.Settings.Upstream, _ = proxy.ParseUpstream("http://127.0.0.1:1")
	s.Settings.UpstreamTimeout = time.Minute
	h := s.handler(s.Proxy())
	status, body := s.status(h, get("/api/x", map[string][]string{"Authorization": {"Bearer " + s.token("gtha_")}}))
	if status != 502 || strings.Contains(body, "127.0.0.1") {
		t.Errorf("%d %s", status, body)
	}
	if line := s.log.String(); !strings.Contains(line, "level=ERROR") || !strings.Contains(line, "127.0.0.1:1") || !strings.Contains(line, "client=old") {
		t.Errorf("the log says %s", line)
	}
}

func TestNoUpstream(t *testing.T) {
	if h, err := newSite(t).Proxy(); !errors.Is(err, ErrNoUpstream) || h != nil {
		t.Errorf("got %v", err)
	}
}
