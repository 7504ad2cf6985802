package storetest

import (
	"fmt"
	"testing"

	"gatehouse/internal/oauth"
)

// sealedSessions are all that the store has, by their ids.
func sealedSessions(t *testing.T, store Store) map[oauth.SessionID]oauth.Session {
	t.Helper()
	found := map[oauth.SessionID]oauth.Session{}
	for cursor := ""; ; {
		page, next, err := store.SealedSessions(t.Context(), cursor)
		wantError(t, "SealedSessions", err, nil)
		for _, session := range page {
			if _, twice := found[session.ID]; twice {
				t.Errorf("%s is there twice", session.ID)
			}
			found[session.ID] = session
		}
		if cursor = next; cursor == "" {
			return found
		}
	}
}

func testSealedSessions(t *testing.T, store Store) {
	var sealed, derived oauth.Session
	t.Run("sealed", func(t *testing.T) { sealed = created(t, store, nil) })
	t.Run("derived", func(t *testing.T) { derived = created(t, store, func(s *oauth.Session) { s.SealedSecret = "" }) })
	found := sealedSessions(t, store)
	wantSession(t, "an imported one", found[sealed.ID], sealed, nil)
	if _, there := found[derived.ID]; there {
		t.Error("one whose secret is derived is among them")
	}
	wantError(t, "Revoke", store.Revoke(t.Context(), oauth.Revocation{ID: sealed.ID}), nil)
	if _, there := sealedSessions(t, store)[sealed.ID]; there {
		t.Error("a revoked one is among them")
	}
}

func testResealToken(t *testing.T, store Store) {
	reseal := func(t *testing.T, old, renewed string) error {
		return store.ResealToken(t.Context(), sessionID(t), old, renewed)
	}
	t.Run("gone", func(t *testing.T) {
		wantError(t, "ResealToken", reseal(t, "sealed", "anew"), oauth.ErrNotFound)
		_, err := store.Find(t.Context(), sessionID(t), start, oauth.Strong)
		wantError(t, "none is made", err, oauth.ErrNotFound)
	})
	t.Run("not imported", func(t *testing.T) {
		session := created(t, store, func(s *oauth.Session) { s.SealedSecret = "" })
		wantError(t, "ResealToken", reseal(t, "sealed", "anew"), oauth.ErrNotFound)
		wantStored(t, store, session)
	})
	t.Run("another meanwhile", func(t *testing.T) {
		session := created(t, store, nil)
		wantError(t, "ResealToken", reseal(t, "other", "anew"), oauth.ErrNotFound)
		wantStored(t, store, session)
	})
	t.Run("resealed, retried, and used meanwhile", func(t *testing.T) {
		session := created(t, store, nil)
		killed := oauth.Killing{Reason: oauth.ReasonAgent, Generation: session.Generation, At: start}
		wantError(t, "Kill", store.Kill(t.Context(), session.ID, killed), nil)
		for range 2 {
			wantError(t, "ResealToken", reseal(t, "sealed", "anew"), nil)
		}
		wantError(t, "from what is no more", reseal(t, "sealed", "again"), oauth.ErrNotFound)
		session.SealedSecret, session.Killed = "anew", killed
		wantStored(t, store, session.Kept())
	})
	t.Run("raced", func(t *testing.T) { raceResealToken(t, store) })
}

// raceResealToken has exactly one of many secrets kept.
func raceResealToken(t *testing.T, store Store) {
	session := created(t, store, nil)
	secret := func(racer int) string { return fmt.Sprint("racer ", racer) }
	winner := oneWins(t, oauth.ErrNotFound, func(racer int) error {
		return store.ResealToken(t.Context(), session.ID, "sealed", secret(racer))
	})
	session.SealedSecret = secret(winner)
	wantStored(t, store, session)
}
