package storetest

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// many stores n sessions of a user of this test, the i-th created at at(i),
// and returns them.
func many(t *testing.T, store Store, n int, at func(i int) time.Time) []oauth.Session {
	t.Helper()
	sessions := make([]oauth.Session, n)
	for i := range sessions {
		sessions[i] = created(t, store, func(s *oauth.Session) {
			binary.BigEndian.PutUint32(s.ID[12:], uint32(i)) // #nosec G115 -- a few sessions
			s.Created = at(i)
		})
	}
	return sessions
}

func apart(i int) time.Time { return start.Add(time.Duration(i) * time.Minute) }

// listed are the sessions of user, in pages.
func listed(t *testing.T, store Store, user string, limit int) []oauth.Session {
	t.Helper()
	return pages(t, limit, func(cursor string) ([]oauth.Session, string, error) {
		return store.List(t.Context(), user, cursor, limit, start)
	})
}

// pages reads all pages, and checks how large each is.
func pages[T any](t *testing.T, limit int, list func(cursor string) ([]T, string, error)) (all []T) {
	t.Helper()
	cursor := ""
	for range 10_000 {
		page, next, err := list(cursor)
		if err != nil {
			t.Fatalf("a page: %v", err)
		}
		if len(page) > limit {
			t.Errorf("a page of %d, want at most %d", len(page), limit)
		}
		all = append(all, page...)
		if next == "" {
			return all
		}
		cursor = next
	}
	t.Fatal("the list does not end")
	return nil
}

func testList(t *testing.T, store Store) {
	t.Run("none", func(t *testing.T) {
		if got := listed(t, store, fullSession(t).User, 10); len(got) != 0 {
			t.Errorf("got %d sessions, want none", len(got))
		}
	})
	t.Run("no user", func(t *testing.T) {
		created(t, store, func(s *oauth.Session) { s.User = "" })
		if got := listed(t, store, "", 10); len(got) != 0 {
			t.Errorf("got %d sessions, want none", len(got))
		}
	})
	for _, limit := range []int{1, 3, 7, 100} {
		t.Run("newest first", func(t *testing.T) { testListPages(t, store, limit) })
	}
	t.Run("created at once", func(t *testing.T) { testListTies(t, store) })
	t.Run("expired and revoked", func(t *testing.T) { testListLive(t, store) })
	t.Run("cursor", func(t *testing.T) { testListCursor(t, store) })
}

func testListPages(t *testing.T, store Store, limit int) {
	want := many(t, store, 7, apart)
	got := listed(t, store, want[0].User, limit)
	if len(got) != len(want) {
		t.Fatalf("got %d sessions, want %d", len(got), len(want))
	}
	for i := range got {
		wantSession(t, "listed", got[i], want[len(want)-1-i], nil)
	}
}

// testListTies pages through sessions that only their ids tell apart.
func testListTies(t *testing.T, store Store) {
	want := many(t, store, 9, func(int) time.Time { return start })
	seen := map[oauth.SessionID]int{}
	for _, session := range listed(t, store, want[0].User, 2) {
		seen[session.ID]++
	}
	for _, session := range want {
		if seen[session.ID] != 1 {
			t.Errorf("session %s was listed %d times, want once", session.ID, seen[session.ID])
		}
	}
}

func testListLive(t *testing.T, store Store) {
	sessions := many(t, store, 6, apart)
	for _, i := range []int{1, 4} {
		if err := store.Revoke(t.Context(), oauth.Revocation{ID: sessions[i].ID}); err != nil {
			t.Fatal(err)
		}
	}
	r := renewalOf(sessions[2])
	r.Expires = start
	if _, err := store.Refresh(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	page, _, err := store.List(t.Context(), sessions[0].User, "", 100, oauth.End(start))
	if err != nil {
		t.Fatal(err)
	}
	want := []oauth.Session{sessions[5], sessions[3], sessions[0]}
	if len(page) != len(want) {
		t.Fatalf("got %d sessions, want %d", len(page), len(want))
	}
	for i := range want {
		wantSession(t, "live", page[i], want[i], nil)
	}
}

func testListCursor(t *testing.T, store Store) {
	sessions := many(t, store, 3, apart)
	user := sessions[0].User
	_, next, err := store.List(t.Context(), user, "", 1, start)
	if err != nil || next == "" {
		t.Fatalf("first page: cursor %q, %v", next, err)
	}
	for _, forged := range []string{"x", "%", next + "A", next[1:], strings.Repeat("A", 4096), "\xff"} {
		_, _, err := store.List(t.Context(), user, forged, 1, start)
		wantError(t, "forged cursor", err, oauth.ErrNotFound)
	}
	page, _, err := store.List(t.Context(), "nobody", next, 10, start)
	if err != nil || len(page) != 0 {
		t.Errorf("another user's cursor: got %d sessions, %v, want none", len(page), err)
	}
	if err := store.Revoke(t.Context(), oauth.Revocation{ID: sessions[2].ID}); err != nil {
		t.Fatal(err)
	}
	page, _, err = store.List(t.Context(), user, next, 10, start)
	if err != nil || len(page) != 2 {
		t.Errorf("after what the cursor names was revoked: got %d sessions, %v, want 2", len(page), err)
	}
}
