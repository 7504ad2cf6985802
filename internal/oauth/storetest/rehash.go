package storetest

import (
	"fmt"
	"testing"

	"gatehouse/internal/oauth"
)

func testRehash(t *testing.T, store Store) {
	user := fullUser(t)
	rehash := func(name, old, renewed string) error { return store.Rehash(t.Context(), name, old, renewed) }
	hashed := func(want string, revision uint32) {
		t.Helper()
		wanted := user
		wanted.PasswordHash, wanted.Revision = want, revision
		wantUser(t, store, wanted)
	}
	wantError(t, "nobody", rehash(user.Name, user.PasswordHash, "new"), oauth.ErrNotFound)
	_, err := store.User(t.Context(), user.Name)
	wantError(t, "nobody is made", err, oauth.ErrNotFound)
	wantError(t, "CreateUser", store.CreateUser(t.Context(), user), nil)
	wantError(t, "another hash", rehash(user.Name, "other", "new"), oauth.ErrNotFound)
	hashed(user.PasswordHash, 1)
	wantError(t, "Rehash", rehash(user.Name, user.PasswordHash, "new"), nil)
	hashed("new", 2)
	wantError(t, "a change of what was read before", store.UpdateUser(t.Context(), user), oauth.ErrChanged)
	wantError(t, "a retry", rehash(user.Name, user.PasswordHash, "new"), nil)
	wantError(t, "another of the old hash", rehash(user.Name, user.PasswordHash, "newer"), oauth.ErrNotFound)
	hashed("new", 3)
	raceRehash(t, store, user.Name)
	wantError(t, "CreateClient", store.CreateClient(t.Context(), oauth.Client{ID: "c-" + t.Name()}), nil)
	wantError(t, "a client", rehash("c-"+t.Name(), "old", "new"), oauth.ErrNotFound)
}

// raceRehash has exactly one of many hashes kept.
func raceRehash(t *testing.T, store Store, name string) {
	t.Helper()
	renewed := func(racer int) string { return fmt.Sprint("racer ", racer) }
	winner := oneWins(t, oauth.ErrNotFound, func(racer int) error { return store.Rehash(t.Context(), name, "new", renewed(racer)) })
	if got, err := store.User(t.Context(), name); err != nil || got.PasswordHash != renewed(winner) {
		t.Errorf("racer %d won, and the hash is %q, %v", winner, got.PasswordHash, err)
	}
}
