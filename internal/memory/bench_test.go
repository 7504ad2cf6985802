package memory

import (
	"strconv"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/storetest"
)

// BenchmarkSpend spends nonces, of which the last few thousand are alive.
func BenchmarkSpend(b *testing.B) {
	const live = 4096
	var nonces [live]oauth.SpendKey
	for n := range nonces {
		nonces[n] = storetest.Nonce(strconv.Itoa(n))
	}
	store, now := New(), time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		now = now.Add(time.Second)
		err := store.Spend(b.Context(), oauth.Spending{Key: nonces[n%live], Attempt: storetest.Attempt("one"), Now: now, Expires: now.Add((live - 2) * time.Second)})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFind finds a session among others.
func BenchmarkFind(b *testing.B) {
	store, now := New(), time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC)
	var id oauth.SessionID
	for n := range 4096 {
		id[0], id[1] = byte(n>>8), byte(n)
		if err := store.Create(b.Context(), oauth.Session{ID: id, Client: "mobile", Scope: []string{"read", "write"}, Created: now}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if session, err := store.Find(b.Context(), id, now, oauth.Eventual); err != nil || session.ID != id {
			b.Fatal(session, err)
		}
	}
}
