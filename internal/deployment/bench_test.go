package deployment

import (
	"bytes"
	"io"
	"log/slog"
	"testing"

	"gatehouse/internal/oauth/seal"
)

// BenchmarkAuthorizer is the function from event to policy, its line in the log
// among it. The store is in memory.
func BenchmarkAuthorizer(b *testing.B) {
	s := newSite(b)
	s.Keys = parseKeys(b, newKeys)
	s.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
	handler, err := s.Authorizer()
	if err != nil {
		b.Fatal(err)
	}
	event := question(s.token(seal.AccessToken))
	b.ReportAllocs()
	for b.Loop() {
		policy, err := handler.Invoke(b.Context(), event)
		if err != nil || !bytes.Contains(policy, []byte(`"Effect":"Allow"`)) {
			b.Fatalf("%s, %v", policy, err)
		}
	}
}
