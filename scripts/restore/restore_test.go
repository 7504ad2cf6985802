package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"gatehouse/internal/dynamodb"
	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/storetest"
)

// newStore is a store of tables of its own.
func newStore(t *testing.T) (*dynamodb.Store, dynamodb.Tables) {
	t.Helper()
	prefix := rand.Text()
	tables := dynamodb.Tables{Sessions: prefix + "-sessions", Replay: prefix + "-replay", Registry: prefix + "-registry"}
	store := dynamodb.New(dynamodbtest.Client(t, nil), tables)
	if err := store.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store, tables
}

func session(id byte, user string, expires time.Time) oauth.Session {
	return oauth.Session{ID: oauth.SessionID{id}, Protocol: oauth.OAuth2, Client: "app", User: user, UserName: user,
		Scope: []string{"read"}, Created: time.Now(), Expires: expires}
}

func TestRestore(t *testing.T) {
	onEngine(t)
	restored, from := newStore(t)
	own, to := newStore(t)
	later, newer := time.Now().Add(time.Hour), session(2, "bob", time.Now().Add(2*time.Hour))
	for _, s := range []oauth.Session{session(1, "alice", later), session(2, "bob", later), session(3, "carol", later),
		session(4, "dave", later), session(5, "dave", time.Time{}), session(6, "alice", time.Now().Add(-time.Hour)), session(7, "", time.Time{})} {
		if err := restored.Create(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := own.Create(t.Context(), newer); err != nil {
		t.Fatal(err)
	}
	ended := filepath.Join(t.TempDir(), "ended.txt")
	if err := os.WriteFile(ended, []byte(oauth.SessionID{3}.String()+"\ndave\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2 items put back, 1 left as they are, 3 left out since they have ended, 1 since they have expired\n",
		"0 items put back, 3 left as they are, 3 left out since they have ended, 1 since they have expired\n",
	} {
		var out bytes.Buffer
		if err := run(t.Context(), []string{from.Sessions, to.Sessions, ended}, &out); err != nil || out.String() != want {
			t.Errorf("%v, %q, want %q", err, out.String(), want)
		}
	}
	for id, lives := range map[byte]bool{1: true, 2: true, 3: false, 4: false, 5: false, 6: false, 7: true} {
		found, err := own.Find(t.Context(), oauth.SessionID{id}, time.Now(), oauth.Strong)
		if (err == nil) != lives {
			t.Errorf("session %d: %v", id, err)
		}
		if id == 2 && !found.Expires.Equal(newer.Kept().Expires) {
			t.Errorf("what was there became %v", found)
		}
	}
}

// onEngine has the SDK call the engine.
func onEngine(t *testing.T) {
	t.Helper()
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodbtest.Endpoint(t))
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
}

// What was revoked comes back only where that is asked for.
func TestRestoreAll(t *testing.T) {
	onEngine(t)
	restored, from := newStore(t)
	own, to := newStore(t)
	if err := restored.Create(t.Context(), session(1, "alice", time.Now().Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{from.Sessions, to.Sessions}, &out); !errors.Is(err, errRevives) || out.Len() != 0 {
		t.Errorf("%v, %q", err, &out)
	}
	if _, err := own.Find(t.Context(), oauth.SessionID{1}, time.Now(), oauth.Strong); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("it is there: %v", err)
	}
	if err := run(t.Context(), []string{"--all", from.Sessions, to.Sessions}, &out); err != nil || !strings.HasPrefix(out.String(), "1 items put back") {
		t.Errorf("%v, %q", err, &out)
	}
}

// Clients and users have no sessions to leave out.
func TestRestoreClients(t *testing.T) {
	onEngine(t)
	restored, from := newStore(t)
	_, to := newStore(t)
	if err := restored.CreateClient(t.Context(), oauth.Client{ID: "app"}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{from.Registry, to.Registry}, &out); err != nil || !strings.HasPrefix(out.String(), "1 items put back") {
		t.Errorf("%v, %q", err, &out)
	}
}

// A write that is refused is the last.
func TestRestoreStops(t *testing.T) {
	var asked atomic.Int32
	denying := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"com.amazon.coral.service#AccessDeniedException","message":"no"}`))
	}))
	defer denying.Close()
	work := &transfer{to: "to", client: awsdynamodb.New(awsdynamodb.Options{Region: "us-east-1", BaseEndpoint: &denying.URL, Credentials: awssdk.AnonymousCredentials{}})}
	err := work.page(t.Context(), slices.Repeat([]map[string]types.AttributeValue{{}}, 1000), "absent")
	if err == nil || plain(err).Error() != "AccessDeniedException: no" {
		t.Errorf("got %v", plain(err))
	}
	if got := asked.Load(); got > sideBySide+1 {
		t.Errorf("after a refusal there were %d writes", got)
	}
}

func TestRestoreRefuses(t *testing.T) {
	onEngine(t)
	store, tables := newStore(t)
	if err := store.Spend(t.Context(), oauth.Spending{Key: storetest.Nonce("n"), Attempt: storetest.Attempt("1"), Expires: time.Now().Add(time.Hour), Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty.txt")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ args, want string }{
		{"", "usage"},
		{"one", "usage"},
		{"same same", "usage"},
		{"a b c d", "usage"},
		{"a b none.txt", "none.txt"},
		{"a b " + empty, "has no ids"},
		{"--all a b " + empty, "usage"},
		{"--al a b", "usage"},
		{tables.Sessions + " none", "there is no table none"},
		{"none " + tables.Sessions, "there is no table none"},
		{"--all " + tables.Sessions + " " + tables.Registry, "not tables of one kind: their keys are id and pk"},
		{tables.Registry + " " + tables.Sessions, "not tables of one kind"},
		{tables.Replay + " " + tables.Registry, "a table of nonces"},
		{tables.Registry + " " + tables.Replay, "a table of nonces"},
		{"--help", "help requested"},
	} {
		var out bytes.Buffer
		err := run(t.Context(), strings.Fields(test.args), &out)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s", test.args, err, test.want)
		}
	}
}
