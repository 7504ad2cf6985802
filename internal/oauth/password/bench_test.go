package password

import (
	"testing"

	"gatehouse/internal/oauth"
)

// BenchmarkMatches is what a sign-in costs of the processor, and of memory.
func BenchmarkMatches(b *testing.B) {
	password := oauth.NewSecret("correct horse")
	hash := hashed(b, password.Reveal(), OWASP())
	b.ReportAllocs()
	for b.Loop() {
		if right, err := Matches(password, hash); err != nil || !right {
			b.Fatal(right, err)
		}
	}
}
