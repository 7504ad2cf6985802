package dynamodb

import (
	"crypto/rand"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/storetest"
)

// start is when the tests begin: in the future, so that no engine deletes what
// has not ended by its own clock.
var start = time.Date(2035, 6, 7, 8, 9, 10, 0, time.UTC)

// newStore returns a store with tables of its own whose requests pass through
// transport.
func newStore(t *testing.T, transport http.RoundTripper) *Store {
	t.Helper()
	prefix := "test-" + rand.Text()
	tables := Tables{Sessions: prefix + "-sessions", Replay: prefix + "-replay", Registry: prefix + "-registry"}
	if err := New(dynamodbtest.Client(t, nil), tables).CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return New(dynamodbtest.Client(t, transport), tables)
}

// patient opens more connections than racers, so that none waits for another.
func patient() http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 2 * connections
	return transport
}

func TestStore(t *testing.T) {
	store := newStore(t, patient())
	storetest.Run(t, func(*testing.T) storetest.Store { return store })
}

func TestCreateTablesTwice(t *testing.T) {
	store := newStore(t, nil)
	if err := store.CreateTables(t.Context()); err != nil {
		t.Error(err)
	}
	for _, table := range []string{store.tables.Sessions, store.tables.Replay, store.tables.Registry} {
		out, err := store.client.DescribeTimeToLive(t.Context(), &sdk.DescribeTimeToLiveInput{TableName: &table})
		if err != nil {
			t.Fatal(err)
		}
		if got := aws.ToString(out.TimeToLiveDescription.AttributeName); got != attrExpires {
			t.Errorf("%s: the TTL is of attribute %q, want %q", table, got, attrExpires)
		}
	}
}

func testSession() oauth.Session {
	return oauth.Session{ID: oauth.SessionID{1}, Protocol: oauth.OAuth2, Client: "mobile", User: "u1",
		Scope: []string{"read", "write"}, Created: start, Renewed: start, Expires: start.Add(time.Hour)}
}
