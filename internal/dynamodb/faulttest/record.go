package faulttest

import (
	"context"
	"maps"
	"sync"
)

// Call is an operation on a table: PutItem of sessions.
type Call struct{ Operation, Table string }

// Record is what became of the requests of one context. Its zero value is
// ready, and many goroutines may use it.
type Record struct {
	mu       sync.Mutex
	requests int
	faults   int
	done     map[Call]int
}

type recordKey struct{}

// Watch returns a context, and the record of the requests made with it.
func Watch(ctx context.Context) (context.Context, *Record) {
	record := &Record{}
	return context.WithValue(ctx, recordKey{}, record), record
}

func recordOf(ctx context.Context) *Record {
	if record, ok := ctx.Value(recordKey{}).(*Record); ok {
		return record
	}
	return &Record{}
}

// Requests returns how many requests were sent, those that went wrong too.
func (r *Record) Requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

// Faults returns how many requests went wrong, on purpose or because the engine
// did not answer.
func (r *Record) Faults() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.faults
}

// Done returns what the engine did, with an answer of 200 that arrived whole,
// and how often.
func (r *Record) Done() map[Call]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.done)
}

func (r *Record) sent(fault Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests++
	if fault != "" {
		r.faults++
	}
}

func (r *Record) unanswered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults++
}

func (r *Record) engine(call Call, status int, whole bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if status != 200 || !whole {
		return
	}
	if r.done == nil {
		r.done = map[Call]int{}
	}
	r.done[call]++
}
