package faulttest

import (
	"context"
	"maps"
	"net/http"
	"sync"
)

// Call is an operation on a table: PutItem of sessions.
type Call struct{ Operation, Table string }

// Record is what became of the requests of one context. Its zero value is
// ready, and many goroutines may use it.
type Record struct {
	mu      sync.Mutex
	faults  int
	answers map[Call]Answers
}

// Answers are how often the engine's answer to a call arrived whole: 200, or
// 400 for a condition that did not hold.
type Answers struct{ Done, Refused int }

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

// Faults returns how many requests went wrong, on purpose or because the engine
// did not answer.
func (r *Record) Faults() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.faults
}

// Answers returns what the engine answered.
func (r *Record) Answers() map[Call]Answers {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.answers)
}

func (r *Record) failed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults++
}

func (r *Record) answered(call Call, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.answers == nil {
		r.answers = map[Call]Answers{}
	}
	answers := r.answers[call]
	switch status {
	case http.StatusOK:
		answers.Done++
	case http.StatusBadRequest:
		answers.Refused++
	}
	r.answers[call] = answers
}
