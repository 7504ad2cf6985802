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

// allUsers reads all pages and checks how large each is.
func allUsers(t *testing.T, store Store, limit int) (all []oauth.User) {
	t.Helper()
	after := ""
	for range 10_000 {
		page, next, err := store.ListUsers(t.Context(), after, limit)
		if err != nil {
			t.Fatalf("ListUsers: %v", err)
		}
		if len(page) > limit {
			t.Errorf("a page of %d, want at most %d", len(page), limit)
		}
		all = append(all, page...)
		if next == "" {
			return all
		}
		after = next
	}
	t.Fatal("the list does not end")
	return nil
}
