package dynamodbtest

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"syscall"
)

// ErrLost is in the error of a request whose answer Lose dropped. The SDK sees
// a broken connection and tries again.
var ErrLost = errors.New("dynamodbtest: answer lost")

// Lose returns an http.RoundTripper that sends every request through next, nil
// meaning http.DefaultTransport, and drops the answer of the nth, counted from
// one: the engine has done the work and the caller can't know. Put a Counter
// inside of it, as next, to count what the lost request cost.
func Lose(next http.RoundTripper, nth int64) http.RoundTripper {
	return &loser{next: next, nth: nth}
}

type loser struct {
	next http.RoundTripper
	nth  int64
	seen atomic.Int64
}

func (l *loser) RoundTrip(req *http.Request) (*http.Response, error) {
	lost := l.seen.Add(1) == l.nth
	resp, err := next(l.next).RoundTrip(req)
	if err != nil || !lost {
		return resp, err
	}
	_, err = readAnswer(resp)
	return nil, errors.Join(fmt.Errorf("%w: %w", ErrLost, syscall.ECONNRESET), err)
}
