package main

import (
	"fmt"
	"math"
	"os"

	"gatehouse/bench/stats"
)

// results are all that was measured, and what the page is made of.
type results struct {
	Date     string     `json:"date"`
	Machine  string     `json:"machine"`
	Rounds   int        `json:"rounds"`
	Holdings []kept     `json:"holdings"`
	Measured []measured `json:"measured"`
}

// kept is what a session and a nonce take in memory, in bytes; 0 where they are
// elsewhere.
type kept struct {
	Store   string  `json:"store"`
	Size    int     `json:"size"`
	Session float64 `json:"session_bytes,omitempty"`
	Nonce   float64 `json:"nonce_bytes,omitempty"`
}

// measured is what an operation took with so many sessions and nonces, for one
// request, in the order of rounds.
type measured struct {
	Store       string    `json:"store"`
	Size        int       `json:"size"`
	Operation   string    `json:"operation"`
	Counts      []float64 `json:"counts"`
	Processor   []float64 `json:"processor_us"`
	Elapsed     []float64 `json:"elapsed_us"`
	P50         []float64 `json:"p50_us"`
	P999        []float64 `json:"p999_us"`
	Allocations float64   `json:"allocations"` // of the last round; they differ by nothing that matters
	Trips       float64   `json:"trips,omitempty"`
	Reads       float64   `json:"reads,omitempty"`
	Writes      float64   `json:"writes,omitempty"`
}

func whole(v float64) float64 { return math.Round(v) }

func thousandths(v float64) float64 { return math.Round(v*1000) / 1000 }

func (r *results) add(store string, size int, operation string, t took) {
	m := r.of(store, size, operation)
	if m == nil {
		r.Measured = append(r.Measured, measured{Store: store, Size: size, Operation: operation})
		m = &r.Measured[len(r.Measured)-1]
	}
	m.Counts = append(m.Counts, float64(t.Count))
	for into, value := range map[*[]float64]float64{&m.Processor: t.Processor, &m.Elapsed: t.Elapsed, &m.P50: t.P50, &m.P999: t.P999} {
		*into = append(*into, thousandths(value))
	}
	m.Allocations = whole(t.Allocations)
}

// of is nil for what was not measured.
func (r *results) of(store string, size int, operation string) *measured {
	for i := range r.Measured {
		if m := &r.Measured[i]; m.Store == store && m.Size == size && m.Operation == operation {
			return m
		}
	}
	return nil
}

// mean is that of all requests of all rounds: what collects garbage comes seldom
// where there is much memory, and takes the longer.
func (m *measured) mean(each []float64) float64 {
	sum, count := 0.0, 0.0
	for round, value := range each {
		sum, count = sum+value*m.Counts[round], count+m.Counts[round]
	}
	return sum / count
}

// growth is how many times as long an operation takes as with the fewest sessions
// and nonces: of all rounds together, and the spread of single rounds.
type growth struct {
	mean  float64
	round stats.Spread
}

func (r *results) growth(m *measured, of func(*measured) []float64) growth {
	fewest := r.of(m.Store, r.fewest(m.Store), m.Operation)
	return growth{m.mean(of(m)) / fewest.mean(of(fewest)), stats.Of(stats.Ratios(of(m), of(fewest)))}
}

func (r *results) fewest(store string) int {
	least := math.MaxInt
	for _, m := range r.Measured {
		if m.Store == store {
			least = min(least, m.Size)
		}
	}
	return least
}

// String has the spread in brackets.
func (g growth) String() string {
	return fmt.Sprintf("%s (%s–%s)", stats.Digits(g.mean), stats.Digits(g.round.Low), stats.Digits(g.round.High))
}

// load reads results that save wrote.
func load(path string) (*results, error) { return stats.Read[results](path) }

func (r *results) save(path string) error {
	holdings, err := stats.Lines(r.Holdings)
	if err != nil {
		return err
	}
	measured, err := stats.Lines(r.Measured)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("{\n  \"date\": %q,\n  \"machine\": %q,\n  \"rounds\": %d,\n  \"holdings\": [\n%s\n  ],\n  \"measured\": [\n%s\n  ]\n}\n",
		r.Date, r.Machine, r.Rounds, holdings, measured)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { // #nosec G306 -- for everybody
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}
