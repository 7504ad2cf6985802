package deployment_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/deployment"
	"gatehouse/internal/dynamodb"
	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/flowtest"
	"gatehouse/internal/local"
	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/consent/pages"
	"gatehouse/internal/oauth/seal"
)

const flowKeyring = `{"current":"1","1":"a key for tests that nobody must ever use"}`

type store interface {
	deployment.Store
	oauth.Registry
}

// serve runs a deployment on s in this process.
func serve(t *testing.T, s store, stage string) flowtest.Target {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(flowKeyring))
	if err != nil {
		t.Fatal(err)
	}
	target := flowtest.Register(t, s, keys)
	target.URL = flowtest.Serve(t, stage, func(baseURL string) map[string]local.Handler {
		return functions(t, s, keys, map[string]string{"PUBLIC_BASE_URL": baseURL,
			"UPSTREAM_URL": flowtest.Backend(t), "ROUTE_SCOPES": flowtest.ProxyRules})
	})
	return target
}

func functions(t *testing.T, s store, keys *seal.Keyring, variables map[string]string) map[string]local.Handler {
	t.Helper()
	return functionsAt(t, s, keys, variables, time.Now)
}

// functionsAt have another clock than that of the machine.
func functionsAt(t *testing.T, s store, keys *seal.Keyring, variables map[string]string, clock func() time.Time) map[string]local.Handler {
	t.Helper()
	return functionsOf(t, &deployment.Deployment{Keys: keys, Store: s, Clock: clock,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, variables)
}

// functionsOf are those of d with the settings of variables.
func functionsOf(t *testing.T, d *deployment.Deployment, variables map[string]string) map[string]local.Handler {
	t.Helper()
	settings, err := deployment.ReadSettings(func(name string) string { return variables[name] })
	if err != nil {
		t.Fatal(err)
	}
	d.Settings, d.Rand, d.Pages = settings, rand.Reader, pages.Write
	handlers := map[string]func() (apigateway.Handler, error){
		"functions/token": d.Token, "functions/authorize": d.Authorize, "functions/authorizer": d.Authorizer, "functions/revoke": d.Revoke,
	}
	if settings.Upstream != nil {
		handlers["functions/proxy"] = d.Proxy
	}
	made := map[string]local.Handler{}
	for folder, handler := range handlers {
		if made[folder], err = handler(); err != nil {
			t.Fatal(err)
		}
	}
	return made
}

// onEngine is a store on the DynamoDB engine with tables of its own.
func onEngine(t *testing.T, transport http.RoundTripper) store {
	t.Helper()
	prefix := rand.Text()
	s := dynamodb.New(dynamodbtest.Client(t, transport),
		dynamodb.Tables{Sessions: prefix + "-sessions", Replay: prefix + "-replay", Registry: prefix + "-registry"})
	if err := s.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFlowsInMemory(t *testing.T) {
	s := &read{Store: memory.New()}
	flowtest.Run(t, serve(t, s, ""))
	s.check(t)
}

// read notes the sessions that are found in memory, whose lists are the store's
// own.
type read struct {
	*memory.Store
	mu    sync.Mutex
	found []noted
}

type noted struct{ session, kept oauth.Session }

func (s *read) Find(ctx context.Context, id oauth.SessionID, now time.Time, c oauth.Consistency) (oauth.Session, error) {
	session, err := s.Store.Find(ctx, id, now, c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found = append(s.found, noted{session, session.Kept()})
	return session, err
}

// check has nobody have written to what was found.
func (s *read) check(t *testing.T) {
	t.Helper()
	if len(s.found) < 100 {
		t.Errorf("only %d sessions were found", len(s.found))
	}
	for _, found := range s.found {
		if !found.session.Equal(&found.kept) {
			t.Errorf("found %+v, and by now it is %+v", found.kept, found.session)
		}
	}
}

func TestFlowsBelowAStage(t *testing.T) { flowtest.Run(t, serve(t, memory.New(), "prod")) }

func TestFlowsOnDynamoDB(t *testing.T) { flowtest.Run(t, serve(t, onEngine(t, nil), "")) }

func TestCosts(t *testing.T) {
	counter := &dynamodbtest.Counter{Delay: 20 * time.Millisecond}
	target := serve(t, onEngine(t, counter), "")
	flowtest.RunCosts(t, target, counter)
}

func TestCostsOfProofs(t *testing.T) {
	counter := &dynamodbtest.Counter{Delay: 20 * time.Millisecond}
	target := serve(t, onEngine(t, counter), "")
	flowtest.RunProofCosts(t, target, counter)
}

func TestCostsOfIdleSessions(t *testing.T) {
	counter := &dynamodbtest.Counter{Delay: 20 * time.Millisecond}
	s := onEngine(t, counter)
	keys, err := seal.ParseKeyring([]byte(flowKeyring))
	if err != nil {
		t.Fatal(err)
	}
	target := flowtest.Register(t, s, keys)
	var ahead atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	target.URL = flowtest.Serve(t, "", func(string) map[string]local.Handler {
		return functionsAt(t, s, keys, map[string]string{"IDLE_TIMEOUT": "3600", "ACCESS_TOKEN_LIFETIME": "86400"}, clock)
	})
	flowtest.RunIdleCosts(t, target, counter, func(step time.Duration) { ahead.Add(int64(step)) })
}
