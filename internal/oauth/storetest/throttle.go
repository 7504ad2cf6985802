package storetest

import (
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

const keep = 10 * time.Minute

// wantTries raises the counter of this test at now and checks what it is.
func wantTries(t *testing.T, store Store, now time.Time, want oauth.Tries) {
	t.Helper()
	got, err := store.Count(t.Context(), t.Name(), now, keep)
	if err != nil || got != want {
		t.Errorf("Count at %v: %+v, %v, want %+v", now, got, err, want)
	}
}

func testThrottle(t *testing.T, store Store) {
	at := func(minute int) time.Time { return start.Add(time.Duration(minute) * time.Minute) }
	t.Run("counts", func(t *testing.T) {
		wantTries(t, store, at(0), oauth.Tries{Count: 1})
		wantTries(t, store, at(1), oauth.Tries{Count: 2, Previous: oauth.Milli(at(0))})
		wantTries(t, store, at(3), oauth.Tries{Count: 3, Previous: oauth.Milli(at(1))})
		wantTries(t, store, at(12), oauth.Tries{Count: 4, Previous: oauth.Milli(at(3))})
	})
	t.Run("expired but present", func(t *testing.T) {
		wantTries(t, store, at(0), oauth.Tries{Count: 1})
		wantTries(t, store, at(1), oauth.Tries{Count: 2, Previous: oauth.Milli(at(0))})
		edge := oauth.End(at(1).Add(keep))
		wantTries(t, store, edge, oauth.Tries{Count: 1})
		wantTries(t, store, edge.Add(1), oauth.Tries{Count: 2, Previous: edge})
	})
	t.Run("just before it expires", func(t *testing.T) {
		wantTries(t, store, at(0), oauth.Tries{Count: 1})
		edge := oauth.End(at(0).Add(keep)).Add(-1)
		wantTries(t, store, edge, oauth.Tries{Count: 2, Previous: oauth.Milli(at(0))})
	})
	t.Run("forget", func(t *testing.T) {
		wantTries(t, store, at(0), oauth.Tries{Count: 1})
		wantError(t, "Forget", store.Forget(t.Context(), t.Name()), nil)
		wantTries(t, store, at(1), oauth.Tries{Count: 1})
	})
	t.Run("forget what is not there", func(t *testing.T) {
		wantError(t, "Forget", store.Forget(t.Context(), t.Name()), nil)
	})
	t.Run("forgetting leaves what is spent", func(t *testing.T) {
		wantError(t, "Spend", store.Spend(t.Context(), spending(t.Name(), "a")), nil)
		wantError(t, "Forget", store.Forget(t.Context(), t.Name()), nil)
		wantError(t, "Spend again", store.Spend(t.Context(), spending(t.Name(), "b")), oauth.ErrSpent)
	})
	t.Run("take back", func(t *testing.T) { testTakeBack(t, store) })
	t.Run("races", func(t *testing.T) { raceCount(t, store, at(0)) })
	t.Run("races to begin anew", func(t *testing.T) {
		wantTries(t, store, at(0), oauth.Tries{Count: 1})
		raceCount(t, store, at(60))
	})
}

// raceCount raises a counter that is not there, or expired, from many callers:
// each count comes once, and every racer but the first sees a racer before it.
func raceCount(t *testing.T, store Store, now time.Time) {
	t.Helper()
	var tries [racers]oauth.Tries
	var errs [racers]error
	race(func(racer int) { tries[racer], errs[racer] = store.Count(t.Context(), t.Name(), now, keep) })
	var seen [racers + 1]int
	for racer, got := range tries {
		wantError(t, "Count", errs[racer], nil)
		if got.Count < 1 || got.Count > racers {
			t.Fatalf("count %d is not from 1 to %d", got.Count, racers)
		}
		seen[got.Count]++
		want := oauth.Milli(now)
		if got.Count == 1 {
			want = time.Time{}
		}
		if got.Previous != want {
			t.Errorf("count %d: previous %v, want %v", got.Count, got.Previous, want)
		}
	}
	for count := 1; count <= racers; count++ {
		if seen[count] != 1 {
			t.Errorf("count %d was returned %d times, want once", count, seen[count])
		}
	}
}

// wantTakenBack takes one back of the counter of this test.
func wantTakenBack(t *testing.T, store Store) {
	t.Helper()
	wantError(t, "TakeBack", store.TakeBack(t.Context(), t.Name()), nil)
}

func testTakeBack(t *testing.T, store Store) {
	at := func(minute int) time.Time { return start.Add(time.Duration(minute) * time.Minute) }
	t.Run("one", func(t *testing.T) {
		wantTries(t, store, at(0), oauth.Tries{Count: 1})
		wantTries(t, store, at(1), oauth.Tries{Count: 2, Previous: oauth.Milli(at(0))})
		wantTakenBack(t, store)
		wantTries(t, store, at(2), oauth.Tries{Count: 2, Previous: oauth.Milli(at(1))})
	})
	t.Run("nothing there, and nothing made", func(t *testing.T) {
		wantTakenBack(t, store)
		wantTries(t, store, at(0), oauth.Tries{Count: 1})
	})
	t.Run("never below zero", func(t *testing.T) {
		wantTries(t, store, at(0), oauth.Tries{Count: 1})
		for range 3 {
			wantTakenBack(t, store)
		}
		wantTries(t, store, at(1), oauth.Tries{Count: 1, Previous: oauth.Milli(at(0))})
	})
	t.Run("keeps no longer", func(t *testing.T) {
		wantTries(t, store, at(0), oauth.Tries{Count: 1})
		wantTries(t, store, at(0), oauth.Tries{Count: 2, Previous: oauth.Milli(at(0))})
		wantTakenBack(t, store)
		wantTries(t, store, oauth.End(at(0).Add(keep)), oauth.Tries{Count: 1})
	})
	t.Run("leaves what is spent", func(t *testing.T) {
		wantError(t, "Spend", store.Spend(t.Context(), spending(t.Name(), "a")), nil)
		wantTakenBack(t, store)
		wantError(t, "Spend again", store.Spend(t.Context(), spending(t.Name(), "b")), oauth.ErrSpent)
	})
	t.Run("races with counting", func(t *testing.T) { raceTakeBack(t, store, at(0), at(1), at(2)) })
}

// raceTakeBack takes back as many as were counted before, while as many are
// counted now.
func raceTakeBack(t *testing.T, store Store, before, now, after time.Time) {
	t.Helper()
	var errs [racers]error
	for range racers / 2 {
		_, err := store.Count(t.Context(), t.Name(), before, keep)
		wantError(t, "Count", err, nil)
	}
	race(func(racer int) {
		if racer%2 == 0 {
			errs[racer] = store.TakeBack(t.Context(), t.Name())
			return
		}
		_, errs[racer] = store.Count(t.Context(), t.Name(), now, keep)
	})
	for _, err := range errs {
		wantError(t, "a racer", err, nil)
	}
	wantTries(t, store, after, oauth.Tries{Count: racers/2 + 1, Previous: oauth.Milli(now)})
}
