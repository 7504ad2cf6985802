package dynamodb

import (
	"errors"
	"testing"
	"time"

	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/storetest"
)

// losing returns a store whose nth answer is lost, so that the SDK sends that
// request again, and the counter of its requests.
func losing(t *testing.T, nth int64) (*Store, *dynamodbtest.Counter) {
	t.Helper()
	counter := &dynamodbtest.Counter{}
	return newStore(t, dynamodbtest.Lose(counter, nth)), counter
}

func wantSent(t *testing.T, counter *dynamodbtest.Counter, want int) {
	t.Helper()
	if got := counter.Usage().RoundTrips; got != want {
		t.Errorf("%d requests were sent, want %d", got, want)
	}
}

func TestCreateSurvivesLostAnswer(t *testing.T) {
	store, counter := losing(t, 1)
	session := testSession()
	if err := store.Create(t.Context(), session); err != nil {
		t.Errorf("Create: %v", err)
	}
	wantSent(t, counter, 2)
	session.User = "mallory"
	if err := store.Create(t.Context(), session); !errors.Is(err, oauth.ErrExists) {
		t.Errorf("Create of another: %v, want %v", err, oauth.ErrExists)
	}
}

func TestSpendSurvivesLostAnswer(t *testing.T) {
	store, counter := losing(t, 1)
	spend := oauth.Spending{Key: storetest.Nonce("n"), Attempt: storetest.Attempt("a"), Now: start, Expires: start.Add(time.Minute)}
	if err := store.Spend(t.Context(), spend); err != nil {
		t.Errorf("Spend: %v", err)
	}
	wantSent(t, counter, 2)
	spend.Attempt = storetest.Attempt("b")
	if err := store.Spend(t.Context(), spend); !errors.Is(err, oauth.ErrSpent) {
		t.Errorf("Spend by another: %v, want %v", err, oauth.ErrSpent)
	}
}

// Even with no grace: the caller asked only once.
func TestRefreshSurvivesLostAnswer(t *testing.T) {
	for _, grace := range []time.Duration{0, 30 * time.Second} {
		store, counter := losing(t, 2)
		session := testSession()
		if err := store.Create(t.Context(), session); err != nil {
			t.Fatal(err)
		}
		got, err := store.Refresh(t.Context(), oauth.Renewal{ID: session.ID, Client: session.Client,
			Now: start.Add(time.Minute + 1), Expires: start.Add(time.Hour), Grace: grace})
		if err != nil || got.Generation != 1 {
			t.Errorf("Refresh with grace %v: generation %d, %v, want 1", grace, got.Generation, err)
		}
		wantSent(t, counter, 3)
	}
}

func TestRevokeSurvivesLostAnswer(t *testing.T) {
	store, counter := losing(t, 2)
	session := testSession()
	if err := store.Create(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	if err := store.Revoke(t.Context(), oauth.Revocation{ID: session.ID, Owner: oauth.Owner{Client: session.Client}}); err != nil {
		t.Errorf("Revoke: %v", err)
	}
	wantSent(t, counter, 3)
}

// A counter that was raised twice for one try only makes the next wait longer.
func TestCountSurvivesLostAnswer(t *testing.T) {
	store, counter := losing(t, 1)
	got, err := store.Count(t.Context(), "alice", start, time.Minute)
	if err != nil || got.Count != 2 {
		t.Errorf("Count: %+v, %v, want 2", got, err)
	}
	wantSent(t, counter, 2)
}

func TestRehashSurvivesLostAnswer(t *testing.T) {
	store, counter := losing(t, 2)
	if err := store.CreateUser(t.Context(), oauth.User{ID: "u1", Name: "alice", PasswordHash: "old"}); err != nil {
		t.Fatal(err)
	}
	if err := store.Rehash(t.Context(), "alice", "old", "new"); err != nil {
		t.Errorf("Rehash: %v", err)
	}
	wantSent(t, counter, 3)
}

func TestResealTokenSurvivesLostAnswer(t *testing.T) {
	store, counter := losing(t, 2)
	session := testSession()
	session.SealedSecret = "old"
	if err := store.Create(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	if err := store.ResealToken(t.Context(), session.ID, "old", "new"); err != nil {
		t.Errorf("ResealToken: %v", err)
	}
	wantSent(t, counter, 3)
}

func TestResealSurvivesLostAnswer(t *testing.T) {
	store, counter := losing(t, 2)
	client := oauth.Client{ID: "mobile", SecretKey: 1}
	if err := store.CreateClient(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if err := store.Reseal(t.Context(), client, "sealed"); err != nil {
		t.Errorf("Reseal: %v", err)
	}
	wantSent(t, counter, 3)
}

func TestRegistryWritesSurviveLostAnswers(t *testing.T) {
	client, user := oauth.Client{ID: "c", Revision: 1}, oauth.User{ID: "u1", Name: "alice", Revision: 1}
	writes := map[string][]func(*Store) error{
		"CreateClient": {func(s *Store) error { return s.CreateClient(t.Context(), client) }},
		"UpdateClient": {func(s *Store) error { return s.CreateClient(t.Context(), client) }, func(s *Store) error { return s.UpdateClient(t.Context(), client) }},
		"CreateUser":   {func(s *Store) error { return s.CreateUser(t.Context(), user) }},
		"UpdateUser":   {func(s *Store) error { return s.CreateUser(t.Context(), user) }, func(s *Store) error { return s.UpdateUser(t.Context(), user) }},
		"DeleteClient": {func(s *Store) error { return s.DeleteClient(t.Context(), client.ID) }},
		"DeleteUser":   {func(s *Store) error { return s.DeleteUser(t.Context(), user.Name) }},
	}
	for name, calls := range writes {
		store, counter := losing(t, int64(len(calls)))
		for _, call := range calls {
			if err := call(store); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		wantSent(t, counter, len(calls)+1)
	}
}
