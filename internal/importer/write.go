package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/seed"
)

// Store is what a Writer reads and writes.
type Store interface {
	oauth.Sessions
	oauth.Clients
	oauth.Users
	oauth.UserList
	oauth.Registry
}

// Writer writes records, each in a conditional write, many side by side: what is
// there is never written over, but for the password hash of a user who has one of
// an older provider yet. Every field must be set but DryRun, Done and
// Progress.
type Writer struct {
	Store    Store
	Keys     *seal.Keyring
	Rand     io.Reader
	Now      time.Time
	Sleep    func(context.Context, time.Duration) error
	Parallel int                            // records at once
	DryRun   bool                           // reads and writes nothing: says what would become of each
	Done     *State                         // what an earlier run has done; nil: nothing is noted
	Progress func(kind Kind, done, all int) // called after each record, by one caller at a time
}

// Count is what became of the records of a kind.
type Count struct {
	Created   int `json:"created"`
	Changed   int `json:"changed"`   // users whose password hash was replaced
	Unchanged int `json:"unchanged"` // were there, the same
	Refused   int `json:"refused"`
}

// Result is what became of all of them.
type Result struct {
	Counts  map[Kind]Count
	Refused []Refusal // by their places
	Flagged []string  // ids of clients that were there, and have imported tokens from now on
}

// outcome is what became of one record.
type outcome int

const (
	created outcome = iota
	changed
	unchanged
)

// task is a record that is being written.
type task struct {
	*record
	known  bool   // an earlier run did it
	before sums   // what that run noted
	hash   string // what the user has by now for a password
}

// run is one Write.
type run struct {
	*Writer
	moved map[string]bool         // ids of clients that have tokens among the records
	users map[string][]oauth.User // who is here, by id: their names, and whether they are disabled

	mu      sync.Mutex
	clients map[string]oauth.Client // that were found or made
	result  Result
	done    int
	fault   error
}

// Write writes the records: clients, then users, then tokens. A record that is
// refused stops none of the others. An error means that the store failed for
// good, or that ctx is done; what was written before is in the result, and stays.
func (w *Writer) Write(ctx context.Context, in *Input) (*Result, error) {
	r := &run{Writer: w, moved: map[string]bool{}, clients: map[string]oauth.Client{}, result: Result{Counts: map[Kind]Count{}}}
	for i := range in.records {
		if token := in.records[i].token; token != nil {
			r.moved[token.Client] = true
		}
	}
	for kind, repeats := range in.repeated {
		r.result.Counts[kind] = Count{Unchanged: repeats}
	}
	for _, refusal := range in.Refused {
		r.refused(refusal)
	}
	if r.fault = r.learnUsers(ctx, in.records); r.fault != nil {
		return &r.result, r.fault
	}
	for _, kind := range Kinds() {
		var records []*record
		for i := range in.records {
			if in.records[i].kind() == kind {
				records = append(records, &in.records[i])
			}
		}
		r.all(ctx, kind, records)
		if r.fault != nil {
			break
		}
	}
	slices.SortStableFunc(r.result.Refused, func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	slices.Sort(r.result.Flagged)
	return &r.result, r.fault
}

// all writes the records of one kind, Parallel at once.
func (r *run) all(ctx context.Context, kind Kind, records []*record) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	next := make(chan *record)
	r.done = 0
	var workers sync.WaitGroup
	for range max(1, r.Parallel) {
		workers.Go(func() {
			for one := range next {
				if err := r.one(ctx, one, len(records)); err != nil {
					r.fail(err)
					stop()
				}
			}
		})
	}
	for _, one := range records {
		select {
		case next <- one:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			r.fail(context.Cause(ctx))
			break
		}
	}
	close(next)
	workers.Wait()
}

// fail keeps the first fault.
func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = cmp.Or(r.fault, err)
}

// one writes one record and notes what became of it. The error is a fault.
func (r *run) one(ctx context.Context, one *record, all int) error {
	became, err := unchanged, error(nil)
	before, known, same := r.Done.find(one)
	t := &task{record: one, known: known, before: before}
	if !same {
		became, err = r.put(ctx, t)
	}
	var refused *seed.FieldError
	if err != nil && !errors.As(err, &refused) {
		return fmt.Errorf("%s: %w", one.Place, err)
	}
	if err == nil && !r.DryRun && !same {
		if err := r.Done.note(one, t.hash); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.refused(one.refuse(err))
	} else {
		r.result.Counts[one.kind()] = r.result.Counts[one.kind()].with(became)
	}
	r.done++
	if r.Progress != nil {
		r.Progress(one.kind(), r.done, all)
	}
	return nil
}

func (c Count) with(became outcome) Count {
	switch became {
	case created:
		c.Created++
	case changed:
		c.Changed++
	case unchanged:
		c.Unchanged++
	}
	return c
}

func (r *run) refused(refusal Refusal) {
	r.result.Refused = append(r.result.Refused, refusal)
	count := r.result.Counts[refusal.Kind]
	count.Refused++
	r.result.Counts[refusal.Kind] = count
}

// put writes one record. A *seed.FieldError refuses it; any other error is a
// fault.
func (r *run) put(ctx context.Context, t *task) (outcome, error) {
	switch {
	case t.client != nil:
		return r.putClient(ctx, t)
	case t.user != nil:
		return r.putUser(ctx, t)
	}
	return r.putToken(ctx, t)
}

// Tries of one call, and the waits between them: a table that grows is throttled
// for a while, and what is written side by side waits together.
const (
	tries       = 9
	firstWait   = 100 * time.Millisecond
	longestWait = 10 * time.Second
)

// try makes a call until the store answers it. What the store found is returned
// at once; the last fault where it answers none.
func (r *run) try(ctx context.Context, call func() error) error {
	for n, wait := 1, firstWait; ; n, wait = n+1, min(2*wait, longestWait) {
		err := call()
		if err == nil || isFinding(err) {
			return err
		}
		if n == tries || ctx.Err() != nil {
			return err
		}
		if err := r.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// isFinding reports whether err is what the store found rather than a fault.
func isFinding(err error) bool {
	return slices.ContainsFunc([]error{oauth.ErrNotFound, oauth.ErrExists, oauth.ErrExpired, oauth.ErrChanged},
		func(finding error) bool { return errors.Is(err, finding) })
}
