package dynamodb

import (
	"context"
	"testing"
	"time"

	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/storetest"
)

// What each operation costs, as the design promises.
func TestCosts(t *testing.T) {
	counter := &dynamodbtest.Counter{}
	store := newStore(t, counter)
	session := testSession()
	userless := session
	userless.ID, userless.User = oauth.SessionID{2}, ""
	renewal := oauth.Renewal{ID: session.ID, Client: session.Client, Now: start.Add(time.Minute),
		AccessExpires: start.Add(time.Hour), Expires: start.Add(2 * time.Hour)}
	for _, step := range []struct {
		name string
		call func(context.Context) error
		want dynamodbtest.Usage
	}{
		{"ping", store.Ping, reads(0.5)},
		{"find nothing", find(store, session, oauth.Eventual), reads(0.5)},
		{"create: one for the table and one for the index", func(ctx context.Context) error { return store.Create(ctx, session) }, writes(2)},
		{"create without user", func(ctx context.Context) error { return store.Create(ctx, userless) }, writes(1)},
		{"find", find(store, session, oauth.Eventual), reads(0.5)},
		{"find, strong", find(store, session, oauth.Strong), reads(1)},
		{"refresh", refresh(store, renewal), writes(1)},
		{"refresh again", refresh(store, renewal), writes(1)},
		{"extend", extend(store, session, start.Add(3*time.Hour)), writes(1)},
		{"extend as far", extend(store, session, start.Add(3*time.Hour)), writes(1)},
		{"kill a token", kill(store, session, 1), writes(1)},
		{"kill it again", kill(store, session, 1), writes(1)},
		{"spend", spend(store, "a", start), writes(1)},
		{"spend again", spend(store, "b", start), writes(1)},
		{"spend what has expired", spend(store, "b", start.Add(time.Hour)), writes(1)},
		{"count", count(store, start), writes(1)},
		{"count again", count(store, start), writes(1)},
		{"begin counting anew", count(store, start.Add(time.Hour)), dynamodbtest.Usage{RoundTrips: 2, Waves: 2, Writes: 2}},
		{"take one back", func(ctx context.Context) error { return store.TakeBack(ctx, "alice") }, writes(1)},
		{"take none back", func(ctx context.Context) error { return store.TakeBack(ctx, "nobody") }, writes(1)},
		{"forget", func(ctx context.Context) error { return store.Forget(ctx, "alice") }, writes(1)},
		{"list", list(store, session), dynamodbtest.Usage{RoundTrips: 2, Waves: 2, Reads: 1.5}},
		{"revoke another's", revoke(store, session, "mallory"), writes(1)},
		{"revoke: one for the table and one for the index", revoke(store, session, session.User), writes(2)},
		{"revoke without user", revoke(store, userless, ""), writes(1)},
		{"revoke nothing", revoke(store, session, session.User), writes(1)},
		{"find sealed secrets", func(ctx context.Context) error { _, _, err := store.SealedSessions(ctx, ""); return err }, reads(1)},
		{"seal a token's secret", func(ctx context.Context) error { return store.ResealToken(ctx, session.ID, "old", "new") }, writes(1)},
		{"rehash", func(ctx context.Context) error { return store.Rehash(ctx, "alice", "old", "new") }, writes(1)},
		{"find no client", func(ctx context.Context) error { _, err := store.Client(ctx, "mobile"); return err }, reads(0.5)},
		{"find no user", func(ctx context.Context) error { _, err := store.User(ctx, "alice"); return err }, reads(1)},
	} {
		t.Run(step.name, func(t *testing.T) {
			counter.Reset()
			err := step.call(t.Context())
			if got := counter.Usage(); got != step.want {
				t.Errorf("got %+v, want %+v; error: %v", got, step.want, err)
			}
		})
	}
}

func reads(units float64) dynamodbtest.Usage {
	return dynamodbtest.Usage{RoundTrips: 1, Waves: 1, Reads: units}
}

func writes(units float64) dynamodbtest.Usage {
	return dynamodbtest.Usage{RoundTrips: 1, Waves: 1, Writes: units}
}

func spend(store *Store, attempt string, now time.Time) func(context.Context) error {
	return func(ctx context.Context) error {
		return store.Spend(ctx, oauth.Spending{Key: storetest.Nonce("n"), Attempt: storetest.Attempt(attempt), Now: now, Expires: now.Add(time.Minute)})
	}
}

func find(store *Store, session oauth.Session, c oauth.Consistency) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := store.Find(ctx, session.ID, start, c)
		return err
	}
}

func refresh(store *Store, r oauth.Renewal) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := store.Refresh(ctx, r)
		return err
	}
}

func extend(store *Store, session oauth.Session, end time.Time) func(context.Context) error {
	return func(ctx context.Context) error { return store.Extend(ctx, session.ID, end, start) }
}

func kill(store *Store, session oauth.Session, generation uint32) func(context.Context) error {
	return func(ctx context.Context) error {
		return store.Kill(ctx, session.ID, oauth.Killing{Reason: oauth.ReasonAgent, Generation: generation, At: start})
	}
}

func count(store *Store, now time.Time) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := store.Count(ctx, "alice", now, time.Minute)
		return err
	}
}

func list(store *Store, session oauth.Session) func(context.Context) error {
	return func(ctx context.Context) error {
		_, _, err := store.List(ctx, session.User, "", 10, start)
		return err
	}
}

func revoke(store *Store, session oauth.Session, user string) func(context.Context) error {
	return func(ctx context.Context) error {
		return store.Revoke(ctx, oauth.Revocation{ID: session.ID, Owner: oauth.Owner{User: user}})
	}
}
