// Package storetest is what every store must keep: one suite, run against each.
package storetest

import (
	"crypto/sha256"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// Store is everything a deployment asks of its store.
type Store interface {
	oauth.Sessions
	oauth.UserSessions
	oauth.TokenSecrets
	oauth.Replay
	oauth.Spendings
	oauth.Throttle
	oauth.Clients
	oauth.ClientList
	oauth.ClientSecrets
	oauth.Users
	oauth.UserList
	oauth.Passwords
	oauth.Registry
}

// Run checks that the stores which open returns keep the contracts of package
// oauth. open may return one store again and again: the tests use different
// keys.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, group := range slices.Concat(sessionGroups(), registryGroups()) {
		t.Run(group.name, func(t *testing.T) { group.test(t, open(t)) })
	}
}

// group is what is asked of one operation, or of a few that belong together.
type group struct {
	name string
	test func(*testing.T, Store)
}

func sessionGroups() []group {
	return []group{
		{"Create", testCreate},
		{"Find", testFind},
		{"Refresh", testRefresh},
		{"RefreshRefused", testRefreshRefused},
		{"RefreshEdges", testRefreshEdges},
		{"RefreshRaces", testRefreshRaces},
		{"RefreshBound", testRefreshBound},
		{"RefreshUnbound", testRefreshUnbound},
		{"RefreshRebound", testRefreshRebound},
		{"Kill", testKill},
		{"KillEdges", testKillEdges},
		{"KillRaces", testKillRaces},
		{"Extend", testExtend},
		{"Revoke", testRevoke},
		{"RevokeEdges", testRevokeEdges},
		{"RevokeImported", testRevokeImported},
		{"RevokeKilled", testRevokeKilled},
		{"RevokeByToken", testRevokeByToken},
		{"RevokeByOldToken", testRevokeByOldToken},
		{"List", testList},
		{"SealedSessions", testSealedSessions},
		{"ResealToken", testResealToken},
		{"Spend", testSpend},
		{"Throttle", testThrottle},
	}
}

func registryGroups() []group {
	return []group{
		{"Client", testClient},
		{"User", testUser},
		{"RegistryMisses", testRegistryMisses},
		{"AllClients", testAllClients},
		{"ListUsers", testListUsers},
		{"ClientWrites", testClientWrites},
		{"UserWrites", testUserWrites},
		{"RegistryRaces", testRegistryRaces},
		{"Reseal", testReseal},
		{"Rehash", testRehash},
	}
}

// start is when the tests begin: in the future, so that no engine deletes what
// has not ended by its own clock, and not on a whole millisecond.
var start = time.Date(2035, 6, 7, 8, 9, 10, 123_456_789, time.UTC)

// racers is how many callers race each other.
const racers = 100

// sessionID is an id that no other test has.
func sessionID(t *testing.T) oauth.SessionID {
	sum := sha256.Sum256([]byte(t.Name()))
	return oauth.SessionID(sum[:16])
}

// fullSession is a session of a user of this test alone, every field set.
func fullSession(t *testing.T) oauth.Session {
	return oauth.Session{
		ID:            sessionID(t),
		Protocol:      oauth.OAuth2,
		Client:        "mobile",
		User:          "u-" + t.Name(),
		UserName:      "alice ✓",
		Scope:         []string{"write", "read", "admin"},
		Created:       start,
		Generation:    7,
		Renewed:       start.Add(time.Minute),
		AccessScope:   []string{"write", "read"},
		AccessExpires: start.Add(time.Hour),
		Expires:       start.Add(24 * time.Hour),

		PreviousScope:   []string{"read"},
		PreviousExpires: start.Add(time.Minute),

		Binding:      oauth.Binding{Agent: []byte{0, 1, 255}, Address: []byte{2}},
		Confirmation: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",

		Until: start.Add(48 * time.Hour),
		Idle:  time.Hour,

		SealedSecret: "sealed",

		Killed: oauth.Killing{Reason: oauth.ReasonAddress, Generation: 3, At: start.Add(time.Second)},
	}
}

// created stores fullSession after change, if any, and returns it as kept.
func created(t *testing.T, store Store, change func(*oauth.Session)) oauth.Session {
	t.Helper()
	session := fullSession(t)
	if change != nil {
		change(&session)
	}
	if err := store.Create(t.Context(), session); err != nil {
		t.Fatalf("Create: %v", err)
	}
	return session.Kept()
}

func wantError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got error %v, want %v", what, got, want)
	}
}

func isNilOr(err, target error) bool { return err == nil || errors.Is(err, target) }

func wantSession(t *testing.T, what string, got, want oauth.Session, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

// wantStored checks what a strong read finds.
func wantStored(t *testing.T, store Store, want oauth.Session) {
	t.Helper()
	got, err := store.Find(t.Context(), want.ID, start, oauth.Strong)
	wantSession(t, "Find", got, want, err)
}

// race calls call from racers goroutines at once and waits for them.
func race(call func(racer int)) {
	var ready, done sync.WaitGroup
	gun := make(chan struct{})
	ready.Add(racers)
	for racer := range racers {
		done.Go(func() {
			ready.Done()
			<-gun
			call(racer)
		})
	}
	ready.Wait()
	close(gun)
	done.Wait()
}

// wantFull fails when a field of v is zero: a field that was added to the
// vocabulary must be added to the tests.
func wantFull(t *testing.T, v any) {
	t.Helper()
	value := reflect.ValueOf(v)
	for i := range value.NumField() {
		if value.Field(i).IsZero() {
			t.Errorf("the test value %T leaves %s unset", v, value.Type().Field(i).Name)
		}
	}
}
