package oauth

import (
	"encoding/base64"
	"time"
)

// Spending is one use of a nonce, a code or anything else that works once.
type Spending struct {
	Key     SpendKey
	Attempt Attempt // one for each caller that may retry; never zero
	Now     time.Time
	Expires time.Time // kept by End; zero: never
}

// SpendKey names what works once by a hash that tells nothing of it, so that keys
// are evenly distributed. It is a plain value: to keep many of them in memory
// is no work for the garbage collector.
type SpendKey struct {
	Kind SpendKind
	Sum  [32]byte // SHA-256
}

// String returns the key as databases keep it, at most 50 characters: its kind, a
// colon and the hash in base64url.
func (k SpendKey) String() string {
	return k.Kind.String() + ":" + base64.RawURLEncoding.EncodeToString(k.Sum[:])
}

// SpendKind is what a SpendKey is of: two things of different kinds are never the
// same thing.
type SpendKind uint8

// What works once: the oauth_nonce of a request (RFC 5849 §3.3), the jti of a
// proof (RFC 9449 §11.1), and what package seal seals (RFC 6749 §4.1.2).
const (
	SpentNonce SpendKind = 1 + iota
	SpentProof
	SpentSealed
)

// String returns the kind as databases keep it, empty for one that is none.
func (k SpendKind) String() string {
	switch k {
	case SpentNonce:
		return "nonce"
	case SpentProof:
		return "dpop"
	case SpentSealed:
		return "sealed"
	}
	return ""
}
