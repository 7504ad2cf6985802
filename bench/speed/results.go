package main

import (
	"fmt"
	"math"
	"os"

	"gatehouse/bench/contender"
	"gatehouse/bench/stats"
)

// results are all that was measured, and what the page is made of.
type results struct {
	Date     string     `json:"date"`
	Machine  string     `json:"machine"`
	Rounds   int        `json:"rounds"`
	Measured []measured `json:"measured"`
	Starts   []started  `json:"starts"`
	Firsts   []waited   `json:"first_requests"`
	Trips    []trips    `json:"round_trips"`
}

// measured is what a program took for a work, in the order of rounds.
type measured struct {
	Work        string    `json:"work"`
	Program     string    `json:"program"`
	Nanoseconds []float64 `json:"ns"`
	Allocations *float64  `json:"allocs,omitempty"` // of the last round; they differ by nothing that matters
}

func (r *results) add(work, program string, took contender.Result) {
	m := r.of(work, program)
	if m == nil {
		r.Measured = append(r.Measured, measured{Work: work, Program: program})
		m = &r.Measured[len(r.Measured)-1]
	}
	m.Nanoseconds = append(m.Nanoseconds, math.Round(took.Nanoseconds*10)/10)
	if took.Allocations != nil {
		rounded := math.Round(*took.Allocations)
		m.Allocations = &rounded
	}
}

// of is nil for what was not measured.
func (r *results) of(work, program string) *measured {
	for i := range r.Measured {
		if m := &r.Measured[i]; m.Work == work && m.Program == program {
			return m
		}
	}
	return nil
}

// ratio is how many times as long a program took as another, of the same rounds.
func (r *results) ratio(work, program, other string) stats.Spread {
	of, by := r.of(work, program), r.of(work, other)
	if of == nil || by == nil {
		return stats.Of(nil)
	}
	return stats.Of(stats.Ratios(of.Nanoseconds, by.Nanoseconds))
}

// load reads results that save wrote.
func load(path string) (*results, error) { return stats.Read[results](path) }

func (r *results) save(path string) error {
	measured, err := stats.Lines(r.Measured)
	if err != nil {
		return err
	}
	starts, err := stats.Lines(r.Starts)
	if err != nil {
		return err
	}
	firsts, err := stats.Lines(r.Firsts)
	if err != nil {
		return err
	}
	roundTrips, err := stats.Lines(r.Trips)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("{\n  \"date\": %q,\n  \"machine\": %q,\n  \"rounds\": %d,\n  \"measured\": [\n%s\n  ],\n  \"starts\": [\n%s\n  ],\n  \"first_requests\": [\n%s\n  ],\n  \"round_trips\": [\n%s\n  ]\n}\n",
		r.Date, r.Machine, r.Rounds, measured, starts, firsts, roundTrips)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { // #nosec G306 -- for everybody
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}
