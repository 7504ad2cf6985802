package storetest

import (
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

func testRevoke(t *testing.T, store Store) {
	user := func(t *testing.T) string { return fullSession(t).User }
	tests := []struct {
		name  string
		owner func(t *testing.T) oauth.Owner
		err   error
	}{
		{"anyone", func(*testing.T) oauth.Owner { return oauth.Owner{} }, nil},
		{"its client", func(*testing.T) oauth.Owner { return oauth.Owner{Client: "mobile"} }, nil},
		{"its user", func(t *testing.T) oauth.Owner { return oauth.Owner{User: user(t)} }, nil},
		{"both", func(t *testing.T) oauth.Owner { return oauth.Owner{Client: "mobile", User: user(t)} }, nil},
		{"another client", func(*testing.T) oauth.Owner { return oauth.Owner{Client: "other"} }, oauth.ErrNotOwner},
		{"another user", func(*testing.T) oauth.Owner { return oauth.Owner{User: "mallory"} }, oauth.ErrNotOwner},
		{"its client, another user", func(*testing.T) oauth.Owner { return oauth.Owner{Client: "mobile", User: "mallory"} }, oauth.ErrNotOwner},
		{"its user, another client", func(t *testing.T) oauth.Owner { return oauth.Owner{Client: "other", User: user(t)} }, oauth.ErrNotOwner},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			session := created(t, store, nil)
			wantError(t, "Revoke", store.Revoke(t.Context(), oauth.Revocation{ID: session.ID, Owner: test.owner(t)}), test.err)
			if test.err != nil {
				wantStored(t, store, session)
				return
			}
			_, err := store.Find(t.Context(), session.ID, start, oauth.Strong)
			wantError(t, "Find", err, oauth.ErrNotFound)
			wantError(t, "Revoke again", store.Revoke(t.Context(), oauth.Revocation{ID: session.ID, Owner: test.owner(t)}), nil)
		})
	}
}

func testRevokeEdges(t *testing.T, store Store) {
	t.Run("missing", func(t *testing.T) {
		wantError(t, "Revoke", store.Revoke(t.Context(), oauth.Revocation{ID: sessionID(t), Owner: oauth.Owner{Client: "mobile"}}), nil)
	})
	t.Run("a session without a user is no user's", func(t *testing.T) {
		session := created(t, store, func(s *oauth.Session) { s.User = "" })
		err := store.Revoke(t.Context(), oauth.Revocation{ID: session.ID, Owner: oauth.Owner{User: "alice"}})
		wantError(t, "Revoke", err, oauth.ErrNotOwner)
	})
	t.Run("expired", func(t *testing.T) {
		session := created(t, store, func(s *oauth.Session) { s.Expires = start.Add(-1) })
		wantError(t, "Revoke", store.Revoke(t.Context(), oauth.Revocation{ID: session.ID}), nil)
	})
}

// testRevokeImported has only a session end that an imported token is of.
func testRevokeImported(t *testing.T, store Store) {
	revoke := func(id oauth.SessionID, client string) error {
		return store.Revoke(t.Context(), oauth.Revocation{ID: id, Owner: oauth.Owner{Client: client}, Imported: true})
	}
	t.Run("missing", func(t *testing.T) {
		wantError(t, "Revoke", revoke(sessionID(t), "mobile"), oauth.ErrNotFound)
		_, err := store.Find(t.Context(), sessionID(t), start, oauth.Strong)
		wantError(t, "none is made", err, oauth.ErrNotFound)
	})
	t.Run("not imported", func(t *testing.T) {
		session := created(t, store, func(s *oauth.Session) { s.SealedSecret = "" })
		wantError(t, "Revoke", revoke(session.ID, "mobile"), oauth.ErrNotFound)
		wantStored(t, store, session)
	})
	t.Run("there", func(t *testing.T) {
		session := created(t, store, nil)
		wantError(t, "Revoke another's", revoke(session.ID, "other"), oauth.ErrNotOwner)
		wantStored(t, store, session)
		wantError(t, "Revoke", revoke(session.ID, "mobile"), nil)
		wantError(t, "Revoke again", revoke(session.ID, "mobile"), oauth.ErrNotFound)
	})
	t.Run("killed", func(t *testing.T) {
		session := created(t, store, func(s *oauth.Session) { s.Killed.Generation = oauth.AllGenerations })
		wantError(t, "Revoke", revoke(session.ID, "mobile"), oauth.ErrNotLive)
		wantStored(t, store, session)
	})
}

// testRevokeKilled: who stole a token can't have the record of it deleted.
func testRevokeKilled(t *testing.T, store Store) {
	whole := func(s *oauth.Session) { s.Killed.Generation = oauth.AllGenerations }
	owner := oauth.Owner{Client: "mobile"}
	t.Run("kept", func(t *testing.T) {
		session := created(t, store, whole)
		for _, token := range []*oauth.Presented{nil, {Generation: session.Generation, Now: start, Grace: time.Hour}} {
			err := store.Revoke(t.Context(), oauth.Revocation{ID: session.ID, Owner: owner, ByToken: token})
			wantError(t, "Revoke", err, oauth.ErrNotLive)
		}
		err := store.Revoke(t.Context(), oauth.Revocation{ID: session.ID, Owner: oauth.Owner{Client: "other"}})
		wantError(t, "Revoke another's", err, oauth.ErrNotOwner)
		wantStored(t, store, session)
	})
	t.Run("forgotten", func(t *testing.T) {
		session := created(t, store, whole)
		wantError(t, "Revoke", store.Revoke(t.Context(), oauth.Revocation{ID: session.ID, Owner: owner, Forget: true}), nil)
		_, err := store.Find(t.Context(), session.ID, start, oauth.Strong)
		wantError(t, "Find", err, oauth.ErrNotFound)
	})
}
