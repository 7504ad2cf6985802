package dynamodb

import (
	"errors"
	"testing"

	"gatehouse/internal/oauth"
)

// Sealed sessions are found on every page, between others and on pages without
// any.
func TestSealedSessionsOnManyPages(t *testing.T) {
	store, want := newStore(t, nil), 0
	for i := range 30 {
		session := testSession()
		session.ID = oauth.SessionID{1, byte(i)}
		if i%3 == 0 {
			session.SealedSecret = "sealed"
			want++
		}
		if err := store.Create(t.Context(), session); err != nil {
			t.Fatal(err)
		}
	}
	for _, limit := range []int32{1, 4, 1000} {
		found := map[oauth.SessionID]bool{}
		for cursor := ""; ; {
			page, next, err := store.scanSealed(t.Context(), cursor, limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, session := range page {
				found[session.ID] = session.SealedSecret == "sealed"
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if len(found) != want {
			t.Errorf("pages of %d: %d sessions, want %d", limit, len(found), want)
		}
	}
	if _, _, err := store.SealedSessions(t.Context(), "junk"); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("a cursor that is none: %v", err)
	}
}
