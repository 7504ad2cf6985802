package storetest

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// testRefreshBound renews sessions that are bound, or are to be, by their caller.
func testRefreshBound(t *testing.T, store Store) {
	allowed := map[string]func(*oauth.Session, *oauth.Renewal){
		"to another address":      func(_ *oauth.Session, r *oauth.Renewal) { r.Binding.Address = []byte{9, 9} },
		"to no address":           func(_ *oauth.Session, r *oauth.Renewal) { r.Binding.Address = nil },
		"no longer to an agent":   func(_ *oauth.Session, r *oauth.Renewal) { r.Binding.Agent = nil },
		"an agent of a later key": func(s *oauth.Session, r *oauth.Renewal) { r.Agents = [][]byte{s.Binding.Agent, {1}, {2}} },
		"not bound before":        func(s *oauth.Session, r *oauth.Renewal) { s.Binding, r.Agents = oauth.Binding{}, nil },
		"neither before nor after": func(s *oauth.Session, r *oauth.Renewal) {
			s.Binding, r.Binding, r.Agents = oauth.Binding{}, oauth.Binding{}, nil
		},
		"to a first key":       func(s *oauth.Session, _ *oauth.Renewal) { s.Confirmation = "" },
		"without any key":      func(s *oauth.Session, r *oauth.Renewal) { s.Confirmation, r.Confirmation = "", "" },
		"not sliding any more": func(_ *oauth.Session, r *oauth.Renewal) { r.Until, r.Idle = time.Time{}, 0 },
	}
	for name, change := range allowed {
		t.Run(name, func(t *testing.T) {
			session := fullSession(t)
			r := renewalOf(session)
			change(&session, &r)
			refreshed(t, store, created(t, store, func(s *oauth.Session) { *s = session }), r)
		})
	}
}

// testRefreshUnbound asks for renewals as somebody else than the caller that a
// session is bound to.
func testRefreshUnbound(t *testing.T, store Store) {
	refused := map[string]struct {
		change func(*oauth.Renewal)
		err    error
	}{
		"another agent":                {func(r *oauth.Renewal) { r.Agents = [][]byte{{9}, {0, 1}} }, oauth.ErrOtherAgent},
		"no agent":                     {func(r *oauth.Renewal) { r.Agents = nil }, oauth.ErrOtherAgent},
		"another key":                  {func(r *oauth.Renewal) { r.Confirmation = "other" }, oauth.ErrOtherKey},
		"no key":                       {func(r *oauth.Renewal) { r.Confirmation = "" }, oauth.ErrOtherKey},
		"another agent, within grace":  {func(r *oauth.Renewal) { r.Agents, r.Generation, r.Now = nil, 6, start.Add(time.Minute) }, oauth.ErrOtherAgent},
		"another agent, used up token": {func(r *oauth.Renewal) { r.Agents, r.Generation = nil, 2 }, oauth.ErrReused},
		"no key, used up token":        {func(r *oauth.Renewal) { r.Confirmation, r.Generation = "", 2 }, oauth.ErrReused},
		"no key, within grace":         {func(r *oauth.Renewal) { r.Confirmation, r.Generation, r.Now = "", 6, start.Add(time.Minute) }, oauth.ErrReused},
		"another key, within grace":    {func(r *oauth.Renewal) { r.Confirmation, r.Generation, r.Now = "other", 6, start.Add(time.Minute) }, oauth.ErrReused},
	}
	for name, test := range refused {
		t.Run(name, func(t *testing.T) {
			session := created(t, store, nil)
			r := renewalOf(session)
			test.change(&r)
			got, err := store.Refresh(t.Context(), r)
			wantError(t, "Refresh", err, test.err)
			wantSession(t, "Refresh", got, session, nil)
			wantStored(t, store, session)
		})
	}
}

// testRefreshRebound asks again, from elsewhere, for what was granted before.
func testRefreshRebound(t *testing.T, store Store) {
	for name, address := range map[string][]byte{"another address": {9, 9}, "no address": nil} {
		t.Run(name, func(t *testing.T) {
			session := created(t, store, nil)
			r := renewalOf(session)
			want := refreshed(t, store, session, r)
			r.Binding.Address = address
			want.Binding.Address = address
			for range 2 {
				got, err := store.Refresh(t.Context(), r)
				wantSession(t, "Refresh", got, want.Kept(), err)
				wantStored(t, store, want.Kept())
			}
		})
	}
	t.Run("of a session killed whole", func(t *testing.T) {
		session := created(t, store, nil)
		r := renewalOf(session)
		want := refreshed(t, store, session, r)
		killing := oauth.Killing{Reason: oauth.ReasonAddress, Generation: oauth.AllGenerations, At: r.Now}
		wantError(t, "Kill", store.Kill(t.Context(), session.ID, killing), nil)
		r.Binding.Address = []byte{9, 9}
		_, err := store.Refresh(t.Context(), r)
		wantError(t, "Refresh", err, oauth.ErrNotFound)
		wantStored(t, store, killed(want, killing))
	})
}

// killed is what Kill must leave of s.
func killed(s oauth.Session, k oauth.Killing) oauth.Session {
	s.Killed = k
	if k.Generation == oauth.AllGenerations {
		s.Expires = k.At.Add(oauth.KilledKept)
	}
	return s.Kept()
}

func testKill(t *testing.T, store Store) {
	const whole = oauth.AllGenerations
	later := start.Add(time.Hour + 456*time.Microsecond)
	tests := []struct {
		name    string
		change  func(*oauth.Session)
		killing oauth.Killing
		changes bool
	}{
		{"the first", func(s *oauth.Session) { s.Killed = oauth.Killing{} }, oauth.Killing{Reason: oauth.ReasonAgent, Generation: 0, At: later}, true},
		{"a later one", nil, oauth.Killing{Reason: oauth.ReasonAgent, Generation: 7, At: later}, true},
		{"the same again", nil, oauth.Killing{Reason: oauth.ReasonAgent, Generation: 3, At: later}, false},
		{"an earlier one", nil, oauth.Killing{Reason: oauth.ReasonAgent, Generation: 2, At: later}, false},
		{"the whole", nil, oauth.Killing{Reason: oauth.ReasonRefreshReuse, Generation: whole, At: later}, true},
		{"the whole that never ends", func(s *oauth.Session) { s.Expires = time.Time{} }, oauth.Killing{Reason: oauth.ReasonCodeReuse, Generation: whole, At: later}, true},
		{"one of those that are dead", func(s *oauth.Session) { s.Killed.Generation = whole }, oauth.Killing{Reason: oauth.ReasonAgent, Generation: 7, At: later}, false},
		{"the whole again", func(s *oauth.Session) { s.Killed.Generation = whole }, oauth.Killing{Reason: oauth.ReasonAgent, Generation: whole, At: later}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			session := created(t, store, test.change)
			wantError(t, "Kill", store.Kill(t.Context(), session.ID, test.killing), nil)
			if test.changes {
				session = killed(session, test.killing)
			}
			wantStored(t, store, session)
		})
	}
}

func testKillEdges(t *testing.T, store Store) {
	killing := oauth.Killing{Reason: oauth.ReasonAddress, Generation: 7, At: start.Add(time.Hour + 456*time.Microsecond)}
	t.Run("missing", func(t *testing.T) {
		wantError(t, "Kill", store.Kill(t.Context(), sessionID(t), killing), nil)
		_, err := store.Find(t.Context(), sessionID(t), start, oauth.Strong)
		wantError(t, "Find", err, oauth.ErrNotFound)
	})
	t.Run("refreshed after a token was killed", func(t *testing.T) {
		session := created(t, store, nil)
		wantError(t, "Kill", store.Kill(t.Context(), session.ID, killing), nil)
		session = refreshed(t, store, killed(session, killing), renewalOf(session))
		if session.Killed.Covers(session.Generation) || !session.Killed.Covers(session.Generation-1) {
			t.Errorf("after the refresh %+v of generation %d", session.Killed, session.Generation)
		}
	})
}

// testKillRaces kills sessions while they are refreshed: what was killed stays
// dead, and a session killed whole gives no more tokens.
func testKillRaces(t *testing.T, store Store) {
	for _, generation := range []uint32{7, oauth.AllGenerations} {
		for round := range 3 {
			t.Run(fmt.Sprintf("%d/%d", generation, round), func(t *testing.T) { raceKill(t, store, generation) })
		}
	}
}

func raceKill(t *testing.T, store Store, generation uint32) {
	t.Helper()
	session := created(t, store, nil)
	killing := oauth.Killing{Reason: oauth.ReasonAgent, Generation: generation, At: session.Renewed.Add(time.Hour)}
	var errs [racers]error
	race(func(racer int) {
		if racer%2 == 0 {
			errs[racer] = store.Kill(t.Context(), session.ID, killing)
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
	got, err := store.Find(t.Context(), session.ID, start, oauth.Strong)
	if err != nil || !got.Killed.Covers(7) || got.Killed.All() != (generation == oauth.AllGenerations) {
		t.Errorf("after the race: %+v, %v", got.Killed, err)
	}
	_, err = store.Refresh(t.Context(), renewalOf(got))
	if got.Killed.All() {
		wantError(t, "Refresh", err, oauth.ErrNotFound)
	} else {
		wantError(t, "Refresh", err, nil)
	}
}

func testExtend(t *testing.T, store Store) {
	now, further := start.Add(time.Minute), start.Add(30*time.Hour)
	tests := []struct {
		name   string
		change func(*oauth.Session)
		end    time.Time
		want   time.Time // zero: as it was
	}{
		{"further", nil, further, oauth.End(further)},
		{"not as far", nil, start.Add(time.Hour), time.Time{}},
		{"as far", nil, start.Add(24 * time.Hour), time.Time{}},
		{"over", func(s *oauth.Session) { s.Expires = now.Truncate(time.Second) }, further, time.Time{}},
		{"never ending", func(s *oauth.Session) { s.Expires = time.Time{} }, further, time.Time{}},
		{"one token killed", func(s *oauth.Session) { s.Killed.Generation = s.Generation }, further, oauth.End(further)},
		{"killed whole", func(s *oauth.Session) { s.Killed.Generation = oauth.AllGenerations }, further, time.Time{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			session := created(t, store, test.change)
			wantError(t, "Extend", store.Extend(t.Context(), session.ID, test.end, now), nil)
			if !test.want.IsZero() {
				session.Expires = test.want
			}
			wantStored(t, store, session)
		})
	}
	t.Run("missing", func(t *testing.T) {
		wantError(t, "Extend", store.Extend(t.Context(), sessionID(t), further, now), nil)
		_, err := store.Find(t.Context(), sessionID(t), start, oauth.Strong)
		wantError(t, "Find", err, oauth.ErrNotFound)
	})
}
