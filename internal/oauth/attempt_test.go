package oauth

import (
	"context"
	"testing"
)

func TestNewAttempt(t *testing.T) {
	once := WithAttempt(t.Context())
	seen := map[Attempt]int{}
	for range 3 {
		for _, ctx := range []context.Context{t.Context(), once, WithAttempt(t.Context())} {
			seen[NewAttempt(ctx)]++
		}
	}
	if seen[NewAttempt(once)] != 3 || len(seen) != 7 {
		t.Errorf("attempts %v", seen)
	}
	if seen[Attempt{}] != 0 {
		t.Error("an attempt that is none")
	}
}

// Attempts are drawn of all their bits but the one that makes them some.
func TestAttemptsAreDrawnWhole(t *testing.T) {
	var ones, zeros Attempt
	for range 256 {
		for i, octet := range NewAttempt(t.Context()) {
			ones[i] |= octet
			zeros[i] |= ^octet
		}
	}
	for i := range ones {
		if want := byte(0xff); ones[i] != want || zeros[i] != want && (i != 8 || zeros[i] != want-1) {
			t.Errorf("byte %d has bits %08b that are set at times, %08b that are not", i, ones[i], zeros[i])
		}
	}
}

func TestAttemptAsText(t *testing.T) {
	if got := (Attempt{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).String(); got != "AAECAwQFBgcICQoL" {
		t.Errorf("got %q", got)
	}
}
