// Package closed loads something with callers of which each waits for its answer
// before it asks again. How long an answer would take to those who come whatever
// the load is, such a loop can't tell: where it is slow, it asks less.
package closed

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Ask asks once, as the caller of that number, and is an error unless the answer
// is the right one.
type Ask func(caller int) error

// Load is how much is asked, by so many callers side by side.
type Load struct {
	Callers int
	Warm    int // requests that do not count
	Count   int
}

// Took is what a load took.
type Took struct {
	Elapsed time.Duration
	Each    []time.Duration // of the right answers, in order of length
	Wrong   int
	First   error // one of what was wrong
}

// Rate is how many right answers there were in a second.
func (t *Took) Rate() float64 { return float64(len(t.Each)) / t.Elapsed.Seconds() }

// Err is an error where any answer was wrong: what fails may be fast.
func (t *Took) Err() error {
	if t.Wrong == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d answers are wrong: %w", t.Wrong, t.Wrong+len(t.Each), t.First)
}

// Run asks until the load is done, or ctx is.
func (l Load) Run(ctx context.Context, ask Ask) (Took, error) {
	warm := l.asked(ctx, l.Warm, ask)
	if err := warm.Err(); err != nil {
		return warm, err
	}
	took := l.asked(ctx, l.Count, ask)
	if err := ctx.Err(); err != nil {
		return took, err
	}
	return took, took.Err()
}

// asked has the callers ask count times together.
func (l Load) asked(ctx context.Context, count int, ask Ask) Took {
	var left atomic.Int64
	left.Store(int64(count))
	each := make([]Took, l.Callers)
	var all sync.WaitGroup
	start := time.Now()
	for caller := range l.Callers {
		all.Go(func() {
			own := &each[caller]
			for left.Add(-1) >= 0 && ctx.Err() == nil {
				own.once(func() error { return ask(caller) })
			}
		})
	}
	all.Wait()
	took := Took{Elapsed: time.Since(start)}
	for _, own := range each {
		took.Each = append(took.Each, own.Each...)
		took.Wrong += own.Wrong
		if took.First == nil {
			took.First = own.First
		}
	}
	slices.Sort(took.Each)
	return took
}

func (t *Took) once(ask func() error) {
	start := time.Now()
	err := ask()
	if err == nil {
		t.Each = append(t.Each, time.Since(start))
		return
	}
	t.Wrong++
	if t.First == nil {
		t.First = err
	}
}

// Tail is how many must be beyond a quantile for it to mean something.
const Tail = 10

// Quantile is the shortest that so large a share is not longer than, by nearest
// rank; sorted is in order. It is known where there are Tail beyond it.
func Quantile(sorted []time.Duration, share float64) (value time.Duration, known bool) {
	rank := int(math.Ceil(share * float64(len(sorted))))
	if rank < 1 || len(sorted)-rank < Tail {
		return 0, false
	}
	return sorted[rank-1], true
}
