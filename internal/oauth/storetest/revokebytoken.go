package storetest

import (
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// tokenTimes are when a session began its seventh generation, and when that
// token and the session end.
func tokenTimes() (renewed, ends, over time.Time) {
	begun := start.Truncate(time.Millisecond)
	return begun.Add(time.Minute), begun.Add(time.Hour), oauth.End(start.Add(24 * time.Hour))
}

func endless(s *oauth.Session) {
	s.AccessExpires, s.PreviousExpires, s.Expires = time.Time{}, time.Time{}, time.Time{}
}

// endsWithSession has tokens end with their session.
func endsWithSession(s *oauth.Session) { s.AccessExpires, s.PreviousExpires = time.Time{}, time.Time{} }

// shown is a token of a generation that is to end its session at some time.
type shown struct {
	name       string
	change     func(*oauth.Session)
	generation uint32
	now        time.Time
	err        error
}

// testRevokeByToken has a token of the current generation end its session.
func testRevokeByToken(t *testing.T, store Store) {
	renewed, ends, over := tokenTimes()
	for _, test := range []shown{
		{"current", nil, 7, renewed, nil},
		{"at its last moment", nil, 7, ends.Add(-1), nil},
		{"expired", nil, 7, ends, oauth.ErrNotLive},
		{"without an end", endless, 7, over.AddDate(9, 0, 0), nil},
		{"ending with the session", endsWithSession, 7, over.Add(-1), nil},
		{"ended with the session", endsWithSession, 7, over, oauth.ErrNotLive},
		{"of an expired session", func(s *oauth.Session) { s.AccessExpires = over.Add(time.Hour) }, 7, over, oauth.ErrNotLive},
		{"killed", func(s *oauth.Session) { s.Killed.Generation = 7 }, 7, renewed, oauth.ErrNotLive},
		{"one after a killed one", func(s *oauth.Session) { s.Killed.Generation = 6 }, 7, renewed, nil},
		{"where nothing was killed", func(s *oauth.Session) { s.Killed = oauth.Killing{} }, 7, renewed, nil},
	} {
		t.Run(test.name, func(t *testing.T) { revokeByToken(t, store, test) })
	}
}

// testRevokeByOldToken has a token of another generation end the session. One of
// the sixth can within the grace period.
func testRevokeByOldToken(t *testing.T, store Store) {
	renewed, ends, _ := tokenTimes()
	longBefore := func(s *oauth.Session) { s.PreviousExpires = ends }
	for _, test := range []shown{
		{"in grace", longBefore, 6, renewed.Add(30*time.Second - 1), nil},
		{"after grace", longBefore, 6, renewed.Add(30 * time.Second), oauth.ErrNotLive},
		{"expired in grace", nil, 6, renewed, oauth.ErrNotLive},
		{"in grace, ending with the session", endsWithSession, 6, renewed, nil},
		{"in grace, without an end", endless, 6, renewed, nil},
		{"in grace and killed", func(s *oauth.Session) { longBefore(s); s.Killed.Generation = 6 }, 6, renewed, oauth.ErrNotLive},
		{"replaced twice", endless, 5, renewed, oauth.ErrNotLive},
		{"long replaced", endless, 0, renewed, oauth.ErrNotLive},
		{"yet to come", endless, 8, renewed, oauth.ErrNotLive},
	} {
		t.Run(test.name, func(t *testing.T) { revokeByToken(t, store, test) })
	}
}

func revokeByToken(t *testing.T, store Store, test shown) {
	t.Helper()
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
}
