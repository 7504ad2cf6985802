package memory

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Store { return New() })
}

// What has expired is swept by what comes later, so that the store stays as
// large as what is alive.
func TestExpiredItemsAreSwept(t *testing.T) {
	const live, writes = 60, 6000
	store := New()
	now := time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range writes {
		now = now.Add(time.Second)
		key, id := fmt.Sprint(i), oauth.SessionID{byte(i), byte(i >> 8)}
		end := now.Add(live * time.Second)
		if err := store.Create(t.Context(), oauth.Session{ID: id, Created: now, Expires: end.Add(-keepExpired)}); err != nil {
			t.Fatal(err)
		}
		if err := store.Spend(t.Context(), oauth.Spending{Key: storetest.Nonce(key), Attempt: storetest.Attempt(key), Now: now, Expires: end}); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Count(t.Context(), key, now, live*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	for name, size := range map[string]int{"sessions": len(store.sessions), "spent": len(store.spent), "tries": len(store.tries)} {
		if size > 3*live {
			t.Errorf("%s: %d items where %d are alive", name, size, live)
		}
	}
}

// A server spends a nonce for each signed request. That costs no memory but the
// map's own.
func TestSpendingAllocatesNothing(t *testing.T) {
	store, now := New(), time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC)
	ctx, spend, n := t.Context(), oauth.Spending{Now: now, Expires: now.Add(time.Minute)}, uint64(0)
	if got := testing.AllocsPerRun(1000, func() {
		n++
		binary.BigEndian.PutUint64(spend.Key.Sum[:], n)
		spend.Attempt = oauth.NewAttempt(ctx)
		if err := store.Spend(ctx, spend); err != nil {
			t.Fatal(err)
		}
	}); got != 0 {
		t.Errorf("%v allocations to spend a nonce", got)
	}
}
