package oauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
)

// Secret is a password, a client secret or a token. Printed by fmt, log/slog
// or encoding/json it shows only "[redacted]"; code that sends it says Reveal.
type Secret struct{ value string }

const redacted = "[redacted]"

// NewSecret wraps value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return s.value }

// Empty reports whether there is no secret.
func (s Secret) Empty() bool { return s.value == "" }

// Equal compares in a time that depends on neither content nor length.
func (s Secret) Equal(other Secret) bool {
	a, b := sha256.Sum256([]byte(s.value)), sha256.Sum256([]byte(other.value))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// String returns "[redacted]", as do the three below.
func (s Secret) String() string { return redacted }

// GoString keeps %#v from printing the secret.
func (s Secret) GoString() string { return redacted }

// LogValue keeps log/slog from printing the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText keeps encoders from writing the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
