package storetest

import (
	"fmt"
	"math"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

const grace = 30 * time.Second

// renewalOf asks for the generation after that of s, an hour after it began.
func renewalOf(s oauth.Session) oauth.Renewal {
	now := s.Renewed.Add(time.Hour + 456*time.Microsecond)
	return oauth.Renewal{ID: s.ID, Client: s.Client, Generation: s.Generation, Now: now,
		AccessExpires: now.Add(time.Hour), Expires: now.Add(48 * time.Hour), Grace: grace,
		Until: now.Add(96 * time.Hour), Idle: 48 * time.Hour,
		Agents:  [][]byte{{7}, s.Binding.Agent},
		Binding: oauth.Binding{Agent: []byte{7}, Address: []byte{8}}, Confirmation: s.Confirmation}
}

// renewed is s as r must leave it.
func renewed(s oauth.Session, r oauth.Renewal) oauth.Session {
	s.PreviousScope, s.PreviousExpires = s.AccessScope, s.AccessExpires
	s.Generation, s.Renewed, s.AccessScope = r.Generation+1, r.Now, r.Scope
	s.AccessExpires, s.Expires = r.AccessExpires, r.Expires
	s.Until, s.Idle, s.Binding, s.Confirmation = r.Until, r.Idle, r.Binding, r.Confirmation
	return s.Kept()
}

// refreshed renews s by r and checks what became of it.
func refreshed(t *testing.T, store Store, s oauth.Session, r oauth.Renewal) oauth.Session {
	t.Helper()
	want := renewed(s, r)
	got, err := store.Refresh(t.Context(), r)
	wantSession(t, "Refresh", got, want, err)
	wantStored(t, store, want)
	return want
}

func testRefresh(t *testing.T, store Store) {
	changes := map[string]func(*oauth.Renewal){
		"all of the scope":   func(*oauth.Renewal) {},
		"narrower scope":     func(r *oauth.Renewal) { r.Scope = []string{"read"} },
		"scope in any order": func(r *oauth.Renewal) { r.Scope = []string{"write", "admin", "read", "write"} },
		"never ends":         func(r *oauth.Renewal) { r.Expires, r.AccessExpires = time.Time{}, time.Time{} },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			session := created(t, store, nil)
			r := renewalOf(session)
			change(&r)
			refreshed(t, store, session, r)
		})
	}
	t.Run("narrowed, then whole again", func(t *testing.T) {
		session := created(t, store, nil)
		r := renewalOf(session)
		r.Scope = []string{"read"}
		session = refreshed(t, store, session, r)
		refreshed(t, store, session, renewalOf(session))
	})
	t.Run("no scope at all", func(t *testing.T) {
		session := created(t, store, func(s *oauth.Session) { s.Scope, s.AccessScope = nil, nil })
		refreshed(t, store, session, renewalOf(session))
	})
	t.Run("as much scope as may be", func(t *testing.T) { testRefreshLargest(t, store) })
	t.Run("never ending session", func(t *testing.T) {
		session := created(t, store, func(s *oauth.Session) { s.Expires = time.Time{} })
		refreshed(t, store, session, renewalOf(session))
	})
	t.Run("grace", func(t *testing.T) { testRefreshGrace(t, store) })
	t.Run("no grace", func(t *testing.T) { testRefreshNoGrace(t, store) })
}

func testRefreshLargest(t *testing.T, store Store) {
	session := created(t, store, func(s *oauth.Session) {
		s.Scope = nil
		for i := range oauth.MaxScope {
			s.Scope = append(s.Scope, fmt.Sprintf("https://example.com/scopes/%d", i))
		}
	})
	r := renewalOf(session)
	r.Scope = session.Scope
	refreshed(t, store, session, r)
}

// testRefreshGrace asks again for a generation at the edges of the grace
// period, which begins when the first answer was lost.
func testRefreshGrace(t *testing.T, store Store) {
	session := created(t, store, nil)
	first := renewalOf(session)
	want := refreshed(t, store, session, first)
	again := func(after time.Duration, change func(*oauth.Renewal)) (oauth.Session, error) {
		r := first
		r.Now, r.AccessExpires, r.Expires = want.Renewed.Add(after), start.Add(99*time.Hour), time.Time{}
		if change != nil {
			change(&r)
		}
		return store.Refresh(t.Context(), r)
	}
	for _, after := range []time.Duration{-time.Second, 0, grace, grace + time.Millisecond - 1} {
		got, err := again(after, nil)
		wantSession(t, after.String()+" later", got, want, err)
	}
	got, err := again(time.Second, func(r *oauth.Renewal) { r.Scope = []string{"read"} })
	wantSession(t, "narrower the second time", got, want, err)
	_, err = again(time.Second, func(r *oauth.Renewal) { r.Scope = []string{"root"} })
	wantError(t, "wider the second time", err, oauth.ErrScope)
	_, err = again(time.Second, func(r *oauth.Renewal) { r.Client = "other" })
	wantError(t, "another client the second time", err, oauth.ErrNotOwner)
	_, err = again(grace+time.Millisecond, nil)
	wantError(t, "after the grace period", err, oauth.ErrReused)
	wantStored(t, store, want)
}

func testRefreshNoGrace(t *testing.T, store Store) {
	session := created(t, store, nil)
	r := renewalOf(session)
	r.Grace = 0
	want := refreshed(t, store, session, r)
	got, err := store.Refresh(t.Context(), r)
	wantSession(t, "the same call retried", got, want, err)
	r.Now = r.Now.Add(time.Millisecond)
	_, err = store.Refresh(t.Context(), r)
	wantError(t, "a later call", err, oauth.ErrReused)
}

func testRefreshRefused(t *testing.T, store Store) {
	tests := []struct {
		name   string
		change func(*oauth.Session, *oauth.Renewal)
		err    error
	}{
		{"another client", func(s *oauth.Session, r *oauth.Renewal) { r.Client = "other" }, oauth.ErrNotOwner},
		{"no client", func(s *oauth.Session, r *oauth.Renewal) { r.Client = "" }, oauth.ErrNotOwner},
		{"expired", func(s *oauth.Session, r *oauth.Renewal) { r.Now = oauth.End(s.Expires) }, oauth.ErrExpired},
		{"scope not granted", func(s *oauth.Session, r *oauth.Renewal) { r.Scope = []string{"read", "root"} }, oauth.ErrScope},
		{"scope part of a granted one", func(s *oauth.Session, r *oauth.Renewal) { r.Scope = []string{"rea"} }, oauth.ErrScope},
		{"scope where none was granted", func(s *oauth.Session, r *oauth.Renewal) { s.Scope, r.Scope = nil, []string{"read"} }, oauth.ErrScope},
		{"generation yet to come", func(s *oauth.Session, r *oauth.Renewal) { r.Generation++ }, oauth.ErrNotFound},
		{"two generations behind", func(s *oauth.Session, r *oauth.Renewal) { r.Generation, r.Now = 5, s.Renewed }, oauth.ErrReused},
		{"far behind", func(s *oauth.Session, r *oauth.Renewal) { r.Generation = 0 }, oauth.ErrReused},
		{"generations used up", func(s *oauth.Session, r *oauth.Renewal) { s.Generation, r.Generation = math.MaxUint32, math.MaxUint32 }, oauth.ErrExpired},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			session := fullSession(t)
			r := renewalOf(session)
			test.change(&session, &r)
			created(t, store, func(s *oauth.Session) { *s = session })
			got, err := store.Refresh(t.Context(), r)
			wantError(t, "Refresh", err, test.err)
			if test.err == oauth.ErrReused {
				wantSession(t, "Refresh", got, session.Kept(), nil)
			}
			wantStored(t, store, session.Kept())
		})
	}
}

func testRefreshEdges(t *testing.T, store Store) {
	t.Run("just before the end", func(t *testing.T) {
		session := created(t, store, nil)
		r := renewalOf(session)
		r.Now = session.Expires.Add(-1)
		refreshed(t, store, session, r)
	})
	t.Run("missing", func(t *testing.T) {
		_, err := store.Refresh(t.Context(), renewalOf(fullSession(t)))
		wantError(t, "Refresh", err, oauth.ErrNotFound)
	})
}

func testRefreshRaces(t *testing.T, store Store) {
	t.Run("one write", func(t *testing.T) {
		session := created(t, store, nil)
		for range 3 {
			session = raceRefresh(t, store, session)
		}
	})
	t.Run("a revoked session stays away", func(t *testing.T) {
		for range 3 {
			raceRevoke(t, store)
		}
	})
}

// raceRefresh renews one generation from many callers, each with a clock and
// ends of its own, so that a second write could not hide.
func raceRefresh(t *testing.T, store Store, session oauth.Session) oauth.Session {
	t.Helper()
	var got [racers]oauth.Session
	var errs [racers]error
	first := renewalOf(session)
	race(func(racer int) {
		r := first
		r.Now = r.Now.Add(time.Duration(racer) * time.Millisecond)
		r.AccessExpires = r.AccessExpires.Add(time.Duration(racer) * time.Second)
		got[racer], errs[racer] = store.Refresh(t.Context(), r)
	})
	want, err := store.Find(t.Context(), session.ID, start, oauth.Strong)
	if err != nil || want.Generation != session.Generation+1 {
		t.Fatalf("after the race: generation %d, %v, want %d", want.Generation, err, session.Generation+1)
	}
	for racer := range racers {
		wantSession(t, fmt.Sprintf("racer %d", racer), got[racer], want, errs[racer])
	}
	return want
}

// raceRevoke revokes a session while it is being refreshed.
func raceRevoke(t *testing.T, store Store) {
	t.Helper()
	session := created(t, store, nil)
	var errs [racers]error
	race(func(racer int) {
		if racer == racers/2 {
			errs[racer] = store.Revoke(t.Context(), oauth.Revocation{ID: session.ID, Owner: oauth.Owner{Client: session.Client}})
			return
		}
		_, err := store.Refresh(t.Context(), renewalOf(session))
		if !isNilOr(err, oauth.ErrNotFound) {
			errs[racer] = err
		}
	})
	for racer := range racers {
		wantError(t, fmt.Sprintf("racer %d", racer), errs[racer], nil)
	}
	_, err := store.Find(t.Context(), session.ID, start, oauth.Strong)
	wantError(t, "Find afterwards", err, oauth.ErrNotFound)
}
