package oauth

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
)

// Attempt tells the spendings of one caller from those of all others. The zero
// Attempt is none.
type Attempt [12]byte

// String returns the attempt as databases keep it: 16 characters of base64url.
func (a Attempt) String() string { return base64.RawURLEncoding.EncodeToString(a[:]) }

type attemptKey struct{}

// WithAttempt makes all spendings below ctx those of one caller: what it spent,
// it may spend again, as where a whole request is tried once more.
func WithAttempt(ctx context.Context) context.Context {
	return context.WithValue(ctx, attemptKey{}, draw())
}

// NewAttempt is what tells the spendings of one caller from those of all others:
// one for each ctx of WithAttempt, else one for each call. It need be unique, not
// secret, since nobody outside ever shows one. So it is drawn from the runtime's
// generator (ChaCha8), which every program seeds from the operating system when it
// starts; only copies of one running program, as Lambda's SnapStart makes them,
// would draw the same.
func NewAttempt(ctx context.Context) Attempt {
	if attempt, one := ctx.Value(attemptKey{}).(Attempt); one {
		return attempt
	}
	return draw()
}

func draw() (a Attempt) {
	binary.LittleEndian.PutUint64(a[:], rand.Uint64())    // #nosec G404 -- unique is enough: nobody outside ever shows an attempt
	binary.LittleEndian.PutUint32(a[8:], rand.Uint32()|1) // #nosec G404 -- as above; one bit is set, so that it is never the zero Attempt
	return a
}
