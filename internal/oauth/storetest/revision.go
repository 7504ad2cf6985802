package storetest

import (
	"fmt"
	"reflect"
	"testing"

	"gatehouse/internal/oauth"
)

func testClientWrites(t *testing.T, store Store) {
	first := fullClient(t)
	create := func(c oauth.Client) error { return store.CreateClient(t.Context(), c) }
	update := func(c oauth.Client) error { return store.UpdateClient(t.Context(), c) }
	wantError(t, "update of nothing", update(first), oauth.ErrNotFound)
	wantError(t, "create", create(first), nil)
	wantError(t, "create again, the same", create(first), nil)
	other := first
	other.Name = "another"
	wantError(t, "create another of the id", create(other), oauth.ErrExists)
	wantClient(t, store, "first", first)
	wantError(t, "update", update(other), nil)
	wantError(t, "the same update again", update(other), nil)
	wantError(t, "another update of the first", update(first), oauth.ErrChanged)
	other.Revision = 2
	wantClient(t, store, "other", other)
	for _, revision := range []uint32{0, 1, 3, 1 << 31} {
		old := first
		old.Revision = revision
		wantError(t, fmt.Sprint("update of revision ", revision), update(old), oauth.ErrChanged)
	}
	wantClient(t, store, "other", other)
	for range 2 {
		wantError(t, "delete", store.DeleteClient(t.Context(), first.ID), nil)
	}
	_, err := store.Client(t.Context(), first.ID)
	wantError(t, "after delete", err, oauth.ErrNotFound)
	wantError(t, "update of what was deleted", update(other), oauth.ErrNotFound)
	wantError(t, "create anew", create(first), nil)
	wantClient(t, store, "first", first)
}

func wantClient(t *testing.T, store Store, what string, want oauth.Client) {
	t.Helper()
	if got, err := store.Client(t.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %+v, %v\nwant %+v", what, got, err, want)
	}
}

func testUserWrites(t *testing.T, store Store) {
	first := fullUser(t)
	create := func(u oauth.User) error { return store.CreateUser(t.Context(), u) }
	update := func(u oauth.User) error { return store.UpdateUser(t.Context(), u) }
	wantError(t, "update of nobody", update(first), oauth.ErrNotFound)
	wantError(t, "create", create(first), nil)
	wantError(t, "create again, the same", create(first), nil)
	other := first
	other.Disabled = false
	wantError(t, "create another of the name", create(other), oauth.ErrExists)
	wantUser(t, store, first)
	wantError(t, "update", update(other), nil)
	wantError(t, "the same update again", update(other), nil)
	wantError(t, "another update of the first", update(first), oauth.ErrChanged)
	other.Revision = 2
	wantUser(t, store, other)
	for range 2 {
		wantError(t, "delete", store.DeleteUser(t.Context(), first.Name), nil)
	}
	_, err := store.User(t.Context(), first.Name)
	wantError(t, "after delete", err, oauth.ErrNotFound)
	wantError(t, "update of who was deleted", update(other), oauth.ErrNotFound)
	client := oauth.Client{ID: first.Name}
	wantError(t, "a client of the name", store.CreateClient(t.Context(), client), nil)
	wantError(t, "delete no user", store.DeleteUser(t.Context(), first.Name), nil)
	_, err = store.Client(t.Context(), first.Name)
	wantError(t, "the client afterwards", err, nil)
}

// testRegistryRaces has exactly one of many writes of a revision kept, so that
// those who read again and write lose nothing.
func testRegistryRaces(t *testing.T, store Store) {
	client := oauth.Client{ID: "c-" + t.Name()}
	user := oauth.User{ID: "u", Name: "n-" + t.Name()}
	name := func(racer int) string { return fmt.Sprint("racer ", racer) }
	writeClient, writeUser, lost := store.CreateClient, store.CreateUser, oauth.ErrExists
	for revision := range uint32(3) {
		winner := oneWins(t, lost, func(racer int) error {
			c := client
			c.Name = name(racer)
			return writeClient(t.Context(), c)
		})
		client.Name, client.Revision = name(winner), revision+1
		wantClient(t, store, "winner", client)
		winner = oneWins(t, lost, func(racer int) error {
			u := user
			u.PasswordHash = name(racer)
			return writeUser(t.Context(), u)
		})
		user.PasswordHash, user.Revision = name(winner), revision+1
		wantUser(t, store, user)
		writeClient, writeUser, lost = store.UpdateClient, store.UpdateUser, oauth.ErrChanged
	}
}

// oneWins races write and returns who won; all others must have got lost.
func oneWins(t *testing.T, lost error, write func(racer int) error) (winner int) {
	t.Helper()
	var errs [racers]error
	race(func(racer int) { errs[racer] = write(racer) })
	winners := 0
	for racer, err := range errs {
		if err == nil {
			winners++
			winner = racer
			continue
		}
		wantError(t, fmt.Sprintf("racer %d", racer), err, lost)
	}
	if winners != 1 {
		t.Errorf("%d of %d won", winners, racers)
	}
	return winner
}
