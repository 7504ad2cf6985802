package storetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// Nonce is a key to be spent that text alone has.
func Nonce(text string) oauth.SpendKey {
	return oauth.SpendKey{Kind: oauth.SpentNonce, Sum: sha256.Sum256([]byte(text))}
}

// Attempt is one that begins with text, of at most 12 bytes.
func Attempt(text string) (a oauth.Attempt) {
	copy(a[:], text)
	return a
}

func spending(key, attempt string) oauth.Spending {
	return oauth.Spending{Key: Nonce(key), Attempt: Attempt(attempt), Now: start, Expires: start.Add(time.Minute)}
}

func wantSpent(t *testing.T, store Store, s oauth.Spending, want error) {
	t.Helper()
	wantError(t, "spend by "+s.Attempt.String(), store.Spend(t.Context(), s), want)
}

func testSpend(t *testing.T, store Store) {
	spend := func(t *testing.T, s oauth.Spending, want error) {
		t.Helper()
		wantSpent(t, store, s, want)
	}
	t.Run("once", func(t *testing.T) {
		spend(t, spending(t.Name(), "a"), nil)
		spend(t, spending(t.Name(), "b"), oauth.ErrSpent)
		spend(t, spending(t.Name(), "a"), nil)
		spend(t, spending(t.Name(), "b"), oauth.ErrSpent)
		spend(t, spending(t.Name()+"2", "b"), nil)
	})
	t.Run("is told", func(t *testing.T) { testSpent(t, store) })
	t.Run("no attempt", func(t *testing.T) {
		spend(t, spending(t.Name(), ""), oauth.ErrNoAttempt)
		spend(t, spending(t.Name(), "a"), nil)
		spend(t, spending(t.Name(), ""), oauth.ErrNoAttempt)
	})
	t.Run("expired but present", func(t *testing.T) { testSpendExpired(t, store) })
	t.Run("for ever", func(t *testing.T) {
		first, second := spending(t.Name(), "a"), spending(t.Name(), "b")
		first.Expires = time.Time{}
		spend(t, first, nil)
		second.Now = start.AddDate(50, 0, 0)
		spend(t, second, oauth.ErrSpent)
	})
	t.Run("all of a key and an attempt counts", func(t *testing.T) { testSpendKeys(t, store) })
	t.Run("is no counter", func(t *testing.T) {
		spend(t, spending(t.Name(), "a"), nil)
		wantTries(t, store, start, oauth.Tries{Count: 1})
		spend(t, spending(t.Name(), "b"), oauth.ErrSpent)
	})
	t.Run("races", func(t *testing.T) { testSpendRaces(t, store) })
}

func testSpent(t *testing.T, store Store) {
	told := func(when time.Time, want bool) {
		t.Helper()
		if spent, err := store.Spent(t.Context(), Nonce(t.Name()), when); err != nil || spent != want {
			t.Errorf("spent: %v, %v, want %v", spent, err, want)
		}
	}
	told(start, false)
	wantSpent(t, store, spending(t.Name(), "a"), nil)
	told(start, true)
	told(start.Add(59*time.Second), true)
	told(start.Add(2*time.Minute), false)
}

func testSpendExpired(t *testing.T, store Store) {
	first, second := spending(t.Name(), "a"), spending(t.Name(), "b")
	wantSpent(t, store, first, nil)
	second.Now = oauth.End(first.Expires).Add(-1)
	wantSpent(t, store, second, oauth.ErrSpent)
	second.Now = oauth.End(first.Expires)
	second.Expires = second.Now.Add(time.Minute)
	wantSpent(t, store, second, nil)
	first.Now, first.Expires = second.Now, second.Expires
	wantSpent(t, store, first, oauth.ErrSpent)
}

// testSpendKeys spends keys that differ little, each by another's attempt.
func testSpendKeys(t *testing.T, store Store) {
	s := spending(t.Name(), "a")
	keys := []oauth.SpendKey{s.Key, {Kind: oauth.SpentProof, Sum: s.Key.Sum}, {Kind: oauth.SpentSealed, Sum: s.Key.Sum}}
	for i := range s.Key.Sum {
		other := s.Key
		other.Sum[i] ^= 1 << (i % 8)
		keys = append(keys, other)
	}
	for n, key := range keys {
		s.Key, s.Attempt[n%len(s.Attempt)] = key, byte(n+1) // #nosec G115 -- there are few keys
		wantSpent(t, store, s, nil)
	}
	for i := range s.Attempt {
		other := s
		other.Attempt[i] ^= 1 << (i % 8)
		wantSpent(t, store, other, oauth.ErrSpent)
	}
}

// testSpendRaces lets many callers spend a new key, then the same key once it
// has expired, several times over.
func testSpendRaces(t *testing.T, store Store) {
	now := start
	for round := range 5 {
		var won, broken atomic.Int32
		race(func(racer int) {
			s := spending(t.Name(), fmt.Sprintf("%d/%d", round, racer))
			s.Now, s.Expires = now, now.Add(time.Minute)
			switch err := store.Spend(t.Context(), s); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, oauth.ErrSpent):
				broken.Add(1)
			}
		})
		if won.Load() != 1 || broken.Load() != 0 {
			t.Errorf("round %d: %d winners and %d errors, want one winner", round, won.Load(), broken.Load())
		}
		now = oauth.End(now.Add(time.Minute))
	}
}
