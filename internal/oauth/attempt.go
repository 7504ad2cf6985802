package oauth

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"sync"
)

type attemptKey struct{}

type attempt struct {
	once sync.Once
	text string
	err  error
}

// WithAttempt makes all spendings below ctx those of one caller: what it spent,
// it may spend again, as where a whole request is tried once more.
func WithAttempt(ctx context.Context) context.Context {
	return context.WithValue(ctx, attemptKey{}, &attempt{})
}

// NewAttempt is what tells the spendings of one caller from those of all others:
// one for each ctx of WithAttempt, else one for each call.
func NewAttempt(ctx context.Context, random io.Reader) (string, error) {
	a, one := ctx.Value(attemptKey{}).(*attempt)
	if !one {
		return draw(random)
	}
	a.once.Do(func() { a.text, a.err = draw(random) })
	return a.text, a.err
}

func draw(random io.Reader) (string, error) {
	raw := make([]byte, 12)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("random attempt id: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}
