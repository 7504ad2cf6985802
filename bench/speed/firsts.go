package main

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/bench/cold"
	"gatehouse/bench/page"
	"gatehouse/bench/stats"
)

// waited is how long a client waits for the first answers of a function, in the
// order of starts.
type waited struct {
	Program      string    `json:"program"`
	Milliseconds []float64 `json:"ms"`
}

// smallest is the least memory that a function of Lambda can have, in MB, and so
// the least of a core.
const smallest = 128

// mostOfFirst is how many times as long as for the bare handler one may wait for
// ours.
const mostOfFirst = 4

// firsts are the functions whose first request is measured.
func firsts() []function {
	sdk := program{name: "SDK by `LoadDefaultConfig`, its first read in the request", language: "Go", command: []string{"sdkhello"}}
	early := sdk
	early.name = "SDK by `LoadDefaultConfig`, its first read during init"
	return []function{bareFunction, ourFunction, {early, []string{"FIRST_CALL=init"}, true}, {program: sdk, reads: true}}
}

// checkShare looks whether functions can have a share of a core on this machine.
// The page is not written without what takes one.
func (p *plan) checkShare() error {
	share, err := cold.NewShare(smallest)
	if err == nil {
		return share.Close()
	}
	if p.written {
		return fmt.Errorf("%w; make bench BENCH= leaves the first requests out, and the page as it is", err)
	}
	p.whole = true
	_, _ = fmt.Fprintln(p.progress, "first requests are left out:", err)
	return nil
}

// addFirst waits for the first answer of f, which has the share of the smallest
// function from when it asks for events.
func (r *results) addFirst(ctx context.Context, f *function, as cold.Function, event []byte) error {
	var err error
	if as.Share, err = cold.NewShare(smallest); err != nil {
		return err
	}
	_, answer, err := answered(ctx, as, event)
	if err := errors.Join(err, as.Share.Close()); err != nil {
		return err
	}
	w := r.first(f.name)
	if w == nil {
		r.Firsts = append(r.Firsts, waited{Program: f.name})
		w = &r.Firsts[len(r.Firsts)-1]
	}
	w.Milliseconds = append(w.Milliseconds, hundredths(answer.After.Seconds()*1000))
	return nil
}

// first is nil for what was not measured.
func (r *results) first(name string) *waited {
	for i := range r.Firsts {
		if r.Firsts[i].Program == name {
			return &r.Firsts[i]
		}
	}
	return nil
}

// firstRatio is how many times as long as for the bare handler one waits for
// another, of the same turns.
func (r *results) firstRatio(name string) stats.Spread {
	of, by := r.first(name), r.first(bare)
	if of == nil || by == nil {
		return stats.Of(nil)
	}
	return stats.Of(stats.Ratios(of.Milliseconds, by.Milliseconds))
}

func (r *results) firstsText() string {
	rows := [][]string{{"function", "time that passes, ms", "× bare"}}
	for _, f := range firsts() {
		if w := r.first(f.name); w != nil {
			rows = append(rows, []string{f.title(), stats.Of(w.Milliseconds).String(), r.firstRatio(f.name).String()})
		}
	}
	return page.Table(rows...)
}

// firstPromises are rows of the table of promises.
func (r *results) firstPromises() [][]string {
	if r.first(startedOurs) == nil {
		return nil
	}
	ratio := r.firstRatio(startedOurs)
	return [][]string{{"its first request, at the processor share of 128 MB, by TLS, time that passes", bare,
		fmt.Sprintf("%d ×", mostOfFirst), ratio.String() + " ×", kept(ratio.Median <= mostOfFirst)}}
}
