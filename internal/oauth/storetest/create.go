package storetest

import (
	"math"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

func testCreate(t *testing.T, store Store) {
	t.Run("every field", func(t *testing.T) {
		session := created(t, store, nil)
		wantFull(t, session)
		wantStored(t, store, session)
	})
	for name, change := range sessionVariants() {
		t.Run(name, func(t *testing.T) { wantStored(t, store, created(t, store, change)) })
	}
	t.Run("retried", func(t *testing.T) {
		session := created(t, store, nil)
		wantError(t, "same session", store.Create(t.Context(), session), nil)
		wantStored(t, store, session)
	})
	t.Run("taken", func(t *testing.T) {
		session := created(t, store, nil)
		other := fullSession(t)
		other.User = "mallory"
		wantError(t, "another session", store.Create(t.Context(), other), oauth.ErrExists)
		wantStored(t, store, session)
	})
	t.Run("taken by its own later generation", func(t *testing.T) {
		session := created(t, store, nil)
		if _, err := store.Refresh(t.Context(), renewalOf(session)); err != nil {
			t.Fatal(err)
		}
		wantError(t, "first generation", store.Create(t.Context(), session), oauth.ErrExists)
	})
	t.Run("keeps nothing of the caller's", func(t *testing.T) { testCreateShares(t, store) })
}

// sessionVariants are the edges of what a session may hold.
func sessionVariants() map[string]func(*oauth.Session) {
	return map[string]func(*oauth.Session){
		"bare": func(s *oauth.Session) {
			*s = oauth.Session{ID: s.ID, Protocol: oauth.OAuth1, Client: "c", Created: s.Created}
		},
		"no user":           func(s *oauth.Session) { s.User, s.UserName = "", "" },
		"never ends":        func(s *oauth.Session) { s.Expires, s.AccessExpires = time.Time{}, time.Time{} },
		"no access scope":   func(s *oauth.Session) { s.AccessScope = nil },
		"empty scope":       func(s *oauth.Session) { s.Scope, s.AccessScope = []string{}, []string{} },
		"scope said twice":  func(s *oauth.Session) { s.Scope = append(s.Scope, s.Scope...) },
		"empty hashes":      func(s *oauth.Session) { s.Binding = oauth.Binding{Agent: []byte{}, Address: []byte{}} },
		"first generation":  func(s *oauth.Session) { s.Generation = 0 },
		"last generation":   func(s *oauth.Session) { s.Generation = math.MaxUint32 },
		"ends on a second":  func(s *oauth.Session) { s.Expires = start.Truncate(time.Second).Add(time.Hour) },
		"another time zone": func(s *oauth.Session) { s.Created = s.Created.In(time.FixedZone("", -7200)) },
	}
}

func testCreateShares(t *testing.T, store Store) {
	session := fullSession(t)
	want := session.Kept()
	if err := store.Create(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	session.Scope[0], session.AccessScope[0], session.Binding.Agent[0], session.Binding.Address[0] = "x", "x", 9, 9
	wantStored(t, store, want)
}

func testFind(t *testing.T, store Store) {
	find := func(t *testing.T, now time.Time, c oauth.Consistency) error {
		_, err := store.Find(t.Context(), sessionID(t), now, c)
		return err
	}
	t.Run("missing", func(t *testing.T) {
		wantError(t, "eventual", find(t, start, oauth.Eventual), oauth.ErrNotFound)
		wantError(t, "strong", find(t, start, oauth.Strong), oauth.ErrNotFound)
	})
	t.Run("expired but present", func(t *testing.T) {
		session := created(t, store, nil)
		wantError(t, "just before", find(t, session.Expires.Add(-1), oauth.Strong), nil)
		wantError(t, "at its end", find(t, session.Expires, oauth.Strong), oauth.ErrExpired)
		wantError(t, "eventual, later", find(t, session.Expires.Add(time.Hour), oauth.Eventual), oauth.ErrExpired)
	})
	t.Run("access token expired", func(t *testing.T) {
		session := created(t, store, nil)
		wantError(t, "the session lives on", find(t, session.AccessExpires.Add(1), oauth.Strong), nil)
	})
}
