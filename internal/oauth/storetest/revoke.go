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

// testRevokeByToken has a token of a session end it, which began its seventh
// generation, of an hour, a minute after start.
func testRevokeByToken(t *testing.T, store Store) {
	const ms = time.Millisecond
	renewed, ends, over := start.Truncate(ms).Add(time.Minute), start.Truncate(ms).Add(time.Hour), oauth.End(start.Add(24*time.Hour))
	endless := func(s *oauth.Session) {
		s.AccessExpires, s.PreviousExpires, s.Expires = time.Time{}, time.Time{}, time.Time{}
	}
	withSession := func(s *oauth.Session) { s.AccessExpires, s.PreviousExpires = time.Time{}, time.Time{} }
	longBefore := func(s *oauth.Session) { s.PreviousExpires = ends }
	tests := []struct {
		name       string
		change     func(*oauth.Session)
		generation uint32
		now        time.Time
		err        error
	}{
		{"current", nil, 7, renewed, nil},
		{"at its last moment", nil, 7, ends.Add(-1), nil},
		{"expired", nil, 7, ends, oauth.ErrNotLive},
		{"without an end", endless, 7, over.AddDate(9, 0, 0), nil},
		{"ending with the session", withSession, 7, over.Add(-1), nil},
		{"ended with the session", withSession, 7, over, oauth.ErrNotLive},
		{"of an expired session", func(s *oauth.Session) { s.AccessExpires = over.Add(time.Hour) }, 7, over, oauth.ErrNotLive},
		{"killed", func(s *oauth.Session) { s.Killed.Generation = 7 }, 7, renewed, oauth.ErrNotLive},
		{"one after a killed one", func(s *oauth.Session) { s.Killed.Generation = 6 }, 7, renewed, nil},
		{"where nothing was killed", func(s *oauth.Session) { s.Killed = oauth.Killing{} }, 7, renewed, nil},
		{"in grace", longBefore, 6, renewed.Add(30*time.Second - 1), nil},
		{"after grace", longBefore, 6, renewed.Add(30 * time.Second), oauth.ErrNotLive},
		{"expired in grace", nil, 6, renewed, oauth.ErrNotLive},
		{"in grace, ending with the session", withSession, 6, renewed, nil},
		{"in grace, without an end", endless, 6, renewed, nil},
		{"in grace and killed", func(s *oauth.Session) { longBefore(s); s.Killed.Generation = 6 }, 6, renewed, oauth.ErrNotLive},
		{"replaced twice", endless, 5, renewed, oauth.ErrNotLive},
		{"long replaced", endless, 0, renewed, oauth.ErrNotLive},
		{"yet to come", endless, 8, renewed, oauth.ErrNotLive},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			session := created(t, store, test.change)
			r := oauth.Revocation{ID: session.ID, Owner: oauth.Owner{Client: "other"},
				ByToken: &oauth.Presented{Generation: test.generation, Now: test.now, Grace: 30 * time.Second}}
			wantError(t, "Revoke another's", store.Revoke(t.Context(), r), oauth.ErrNotOwner)
			r.Owner.Client = session.Client
			wantError(t, "Revoke", store.Revoke(t.Context(), r), test.err)
			_, err := store.Find(t.Context(), session.ID, start, oauth.Strong)
			if (err == nil) != (test.err != nil) || !isNilOr(err, oauth.ErrNotFound) {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}
