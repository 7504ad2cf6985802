package storetest

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

func testListUsers(t *testing.T, store Store) {
	want := map[string]oauth.User{}
	for i := range 25 {
		user := oauth.User{ID: fmt.Sprint("u", i), Name: fmt.Sprintf("%s ✓ %d", t.Name(), i), PasswordHash: "hash", Disabled: i%2 == 0, Revision: 1}
		want[user.Name] = user
		wantError(t, "CreateUser", store.CreateUser(t.Context(), user), nil)
		wantError(t, "CreateClient", store.CreateClient(t.Context(), oauth.Client{ID: user.Name}), nil)
	}
	for _, limit := range []int{1, 7, 1000} {
		seen := map[string]int{}
		for _, user := range allUsers(t, store, limit) {
			if !strings.HasPrefix(user.Name, t.Name()) {
				continue // of another test
			}
			seen[user.Name]++
			if user != want[user.Name] || seen[user.Name] > 1 {
				t.Errorf("pages of %d: got %+v, time %d, want %+v", limit, user, seen[user.Name], want[user.Name])
			}
		}
		if len(seen) != len(want) {
			t.Errorf("pages of %d: %d users, want %d", limit, len(seen), len(want))
		}
	}
	for _, forged := range []string{"x", "%", "AAAA=", oauth.KeyCursor("x") + "\n", "\xff"} {
		_, _, err := store.ListUsers(t.Context(), forged, 1)
		wantError(t, "forged place", err, oauth.ErrNotFound)
	}
}

// allUsers are those that the store has, in pages.
func allUsers(t *testing.T, store Store, limit int) []oauth.User {
	t.Helper()
	return pages(t, limit, func(after string) ([]oauth.User, string, error) { return store.ListUsers(t.Context(), after, limit) })
}
