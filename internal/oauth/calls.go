package oauth

import (
	"context"
	"sync/atomic"
	"time"
)

type callsKey struct{}

// Calls counts what one request asks of the store, each try of a call by
// itself. It may be used by many goroutines at once.
type Calls struct {
	clock func() time.Time
	count atomic.Int64
	took  atomic.Int64 // nanoseconds
}

// WithCalls has all calls below ctx counted, and timed by clock; see CallsOf.
func WithCalls(ctx context.Context, clock func() time.Time) context.Context {
	return context.WithValue(ctx, callsKey{}, &Calls{clock: clock})
}

// CallsOf returns what counts the calls below ctx; nil where nothing does.
func CallsOf(ctx context.Context) *Calls {
	c, _ := ctx.Value(callsKey{}).(*Calls)
	return c
}

// Time makes one call. A nil Calls only makes it.
func (c *Calls) Time(call func()) {
	if c == nil {
		call()
		return
	}
	began := c.clock()
	call()
	c.count.Add(1)
	c.took.Add(int64(c.clock().Sub(began)))
}

// Total returns how many calls there were, and how long they took one after the
// other, though some were made side by side. Of a nil Calls there were none.
func (c *Calls) Total() (count int, took time.Duration) {
	if c == nil {
		return 0, 0
	}
	return int(c.count.Load()), time.Duration(c.took.Load())
}
