package oauth

import (
	"context"
	"strings"
	"testing"
	"testing/iotest"

	"gatehouse/internal/oauth/oauthtest"
)

func TestNewAttempt(t *testing.T) {
	random := &oauthtest.Rand{}
	once := WithAttempt(t.Context())
	seen := map[string]int{}
	for range 3 {
		for _, ctx := range []context.Context{t.Context(), once} {
			attempt, err := NewAttempt(ctx, random)
			if err != nil || len(attempt) != 16 {
				t.Fatalf("%q, %v", attempt, err)
			}
			seen[attempt]++
		}
	}
	if first, err := NewAttempt(once, random); err != nil || seen[first] != 3 || len(seen) != 4 {
		t.Errorf("attempts %v", seen)
	}
	for name, ctx := range map[string]context.Context{"each": t.Context(), "one": WithAttempt(t.Context())} {
		if _, err := NewAttempt(ctx, iotest.ErrReader(ErrNoAttempt)); err == nil || !strings.Contains(err.Error(), "random") {
			t.Errorf("%s, without randomness: %v", name, err)
		}
	}
}
