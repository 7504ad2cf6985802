package dynamodb

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/oauth"
)

var someTables = Tables{Sessions: "sessions", Replay: "replay", Registry: "registry"}

// opened returns the store that Open makes where the environment names endpoint.
func opened(t *testing.T, endpoint string, tables Tables) *Store {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_REGION": "us-east-1",
		"AWS_ACCESS_KEY_ID": "anyone", "AWS_SECRET_ACCESS_KEY": "anything",
	} {
		t.Setenv(name, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return Open(cfg, tables)
}

func TestOpenUsesTheEnvironment(t *testing.T) {
	tables := newStore(t, nil).tables
	store := opened(t, dynamodbtest.Endpoint(t), tables)
	if err := store.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
	if err := store.CreateUser(t.Context(), oauth.User{ID: "u1", Name: "alice"}); err != nil {
		t.Errorf("CreateUser: %v", err)
	}
}

func TestPingReportsAMissingTable(t *testing.T) {
	store := opened(t, dynamodbtest.Endpoint(t), someTables)
	if err := store.Ping(t.Context()); err == nil {
		t.Error("Ping of tables that are not there succeeded")
	}
}

// A table that does not answer is asked twice, about a second each.
func TestHangingCallsAreGivenUp(t *testing.T) {
	var calls atomic.Int32
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		calls.Add(1)
		<-done
	}))
	defer server.Close()
	defer close(done)
	store := opened(t, server.URL, someTables)
	begun := time.Now()
	err := store.Ping(t.Context())
	if took := time.Since(begun); err == nil || took > attempts*attemptTimeout+time.Second {
		t.Errorf("Ping: %v after %v, want an error after two seconds", err, took)
	}
	if got := calls.Load(); got != attempts {
		t.Errorf("%d calls, want %d", got, attempts)
	}
}

// Each try is a call, and each is timed.
func TestCallsAreCounted(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 2 {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	store := opened(t, server.URL, someTables)
	var clock atomic.Int64
	ctx := oauth.WithCalls(t.Context(), func() time.Time { return time.UnixMilli(clock.Add(7)) })
	counted := oauth.CallsOf(ctx)
	for _, want := range []int{1, 3} { // the second one is repeated
		if err := store.Ping(ctx); err != nil {
			t.Fatal(err)
		}
		if count, took := counted.Total(); count != want || took != time.Duration(7*want)*time.Millisecond {
			t.Errorf("%d calls of %v, want %d", count, took, want)
		}
	}
	if err := store.Ping(t.Context()); err != nil {
		t.Errorf("where nobody counts: %v", err)
	}
	if count, _ := counted.Total(); count != 3 || calls.Load() != 4 {
		t.Errorf("%d calls counted of %d, want those of the one request", count, calls.Load())
	}
}

func TestConnectionsAreKept(t *testing.T) {
	var dialled atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("{}"))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dialled.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	store := opened(t, server.URL, someTables)
	const calls = 10
	for range calls {
		if err := store.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		// The transport takes a connection back a moment after the answer was
		// read; a call in that moment dials another.
		time.Sleep(10 * time.Millisecond)
	}
	if got := dialled.Load(); got > calls/3 {
		t.Errorf("%d connections for %d calls", got, calls)
	}
}
