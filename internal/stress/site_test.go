package stress

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse"
	"gatehouse/internal/apigateway"
	"gatehouse/internal/deployment"
	"gatehouse/internal/dynamodb"
	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/flowtest"
	"gatehouse/internal/local"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/consent/pages"
	"gatehouse/internal/oauth/seal"
)

const (
	keyring = `{"current":"1","1":"a key for tests that nobody must ever use"}`
	address = "https://gatehouse.example"
)

// store is all that a site asks of its store.
type store interface {
	deployment.Store
	oauth.Registry
}

// site is a deployment behind the gateway that template.yaml describes, in
// this process.
type site struct {
	flowtest.Target
	keys    *seal.Keyring
	clock   *clock
	handler http.Handler
	t       *testing.T
}

// newSite serves a deployment on s with the settings in variables, and with the
// clients and the user of flowtest.
func newSite(t *testing.T, s store, variables map[string]string) *site {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(keyring))
	if err != nil {
		t.Fatal(err)
	}
	settings, err := deployment.ReadSettings(func(name string) string {
		if name == "PUBLIC_BASE_URL" {
			return address
		}
		return variables[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	made := &site{Target: flowtest.Register(t, s, keys), keys: keys, clock: newClock(), t: t}
	d := &deployment.Deployment{Settings: settings, Keys: keys, Store: s, Clock: made.clock.Now, Rand: rand.Reader,
		Log: slog.New(faultLog{slog.DiscardHandler}), Pages: pages.Write}
	made.handler, err = local.New(gatehouse.Template, functions(t, d), local.Options{
		Log: local.NewLog(io.Discard, made.clock.Now), Clock: made.clock.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func functions(t *testing.T, d *deployment.Deployment) map[string]local.Handler {
	t.Helper()
	made := map[string]local.Handler{}
	for folder, handler := range map[string]func() (apigateway.Handler, error){
		"functions/token": d.Token, "functions/authorize": d.Authorize,
		"functions/authorizer": d.Authorizer, "functions/revoke": d.Revoke,
	} {
		var err error
		if made[folder], err = handler(); err != nil {
			t.Fatal(err)
		}
	}
	return made
}

// clock runs as time does, from a day in the future so that no engine deletes
// what has not ended, and can be set forward.
type clock struct {
	began, first time.Time
	ahead        atomic.Int64 // nanoseconds
}

func newClock() *clock {
	return &clock{began: time.Now(), first: time.Date(2035, 6, 7, 8, 9, 10, 0, time.UTC)}
}

// Now is the time by this clock.
func (c *clock) Now() time.Time {
	return c.first.Add(time.Since(c.began) + time.Duration(c.ahead.Load()))
}

// jump sets the clock forward.
func (c *clock) jump(by time.Duration) { c.ahead.Add(int64(by)) }

// steady is a store on the engine, with tables of its own, where nothing goes
// wrong.
func steady(t *testing.T) *dynamodb.Store {
	t.Helper()
	return dynamodb.New(dynamodbtest.Client(t, manyConnections()), newTables(t))
}

// manyConnections keeps more of them than there are racers, so that none waits
// for another.
func manyConnections() http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost, transport.MaxIdleConns = 2*racers, 2*racers
	return transport
}

// newTables makes tables for one test.
func newTables(t *testing.T) dynamodb.Tables {
	t.Helper()
	prefix := "stress-" + rand.Text()
	tables := dynamodb.Tables{Sessions: prefix + "-sessions", Replay: prefix + "-replay", Registry: prefix + "-registry"}
	if err := dynamodb.New(dynamodbtest.Client(t, nil), tables).CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return tables
}
