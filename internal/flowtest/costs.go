package flowtest

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"gatehouse/internal/dynamodb/dynamodbtest"
)

// cost is what one operation may take of the store: round trips one after
// another, and units.
type cost struct {
	waves         int
	reads, writes float64
}

// operation is a request, how it must be answered, and what it costs.
type operation struct {
	name   string
	status int
	want   cost
	call   func(t *testing.T) reply
}

// RunCosts counts what each operation takes of the store, warm: the client
// was found before. counter is between target's functions and DynamoDB, and
// nobody else uses it meanwhile. What the operations need is there before the
// first of them.
func RunCosts(t *testing.T, g Target, counter *dynamodbtest.Counter) {
	tokens, c, p := signIn(t, g), xauthTokens(t, g), newPerson(t, g)
	access, fresh := text(t, tokens, "access_token"), text(t, tokens, "refresh_token")
	warm(t, g, access, c)
	operations := slices.Concat(
		bearerChecks(g, access),
		signedChecks(t, g, access, c),
		importedChecks(t, g),
		boundUses(t, g, p),
		proxied(g, access, c),
		signIns(g),
		codes(t, g, p),
		legs(t, g, p),
		renewals(g, fresh, c),
		revocations(t, g, p, access))
	for range 3 { // the sixth sign-in forgets the tries so far, which costs more
		signIn(t, g)
	}
	count(t, counter, operations)
}

// warm has each function know the client.
func warm(t *testing.T, g Target, access string, c credentials) {
	t.Helper()
	g.bearer(t, "GET", "/oauth/session", access).want(t, http.StatusOK)
	g.revoke(t, "junk").want(t, http.StatusOK)
	g.revokePublic(t, "junk").want(t, http.StatusOK)
	send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusOK)
	g.bearer(t, "GET", "/api/notes", access).want(t, http.StatusOK)
}

// count does one operation after the other.
func count(t *testing.T, counter *dynamodbtest.Counter, operations []operation) {
	t.Helper()
	for _, operation := range operations {
		t.Run(operation.name, func(t *testing.T) {
			operation.want.check(t, counter, func() { operation.call(t).want(t, operation.status) })
		})
	}
}

// check fails the test unless what call does takes c.
func (c cost) check(t *testing.T, counter *dynamodbtest.Counter, call func()) {
	t.Helper()
	counter.Reset()
	call()
	usage := counter.Usage()
	if got := (cost{usage.Waves, usage.Reads, usage.Writes}); got != c {
		t.Errorf("%s, want %s", got, c)
	}
}

func (c cost) String() string {
	return fmt.Sprintf("%d round trips, %v read and %v write units", c.waves, c.reads, c.writes)
}
