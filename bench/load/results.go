package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"gatehouse/bench/closed"
	"gatehouse/bench/stats"
)

// results are all that was measured, and what the page is made of.
type results struct {
	Date    string     `json:"date"`
	Machine string     `json:"machine"`
	Rounds  int        `json:"rounds"`
	Loads   []measured `json:"loads"`
}

// measured is what so many callers got, rates and processor time in the order of
// rounds. Quantiles are of all rounds together, and 0 where there were too few
// answers to know.
type measured struct {
	At        string    `json:"at"`
	What      string    `json:"what"`
	Limits    []string  `json:"limits,omitempty"`
	Callers   int       `json:"callers"`
	Count     int       `json:"count"`
	Rates     []float64 `json:"per_second"`
	Processor []float64 `json:"processor_us"` // for one, of the processes that answer; 0: not ours
	P50       float64   `json:"p50_us"`
	P99       float64   `json:"p99_us,omitempty"`
	P999      float64   `json:"p999_us,omitempty"`
}

func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func tenths(v float64) float64 { return math.Round(v*10) / 10 }

func (m *measured) quantiles(each []time.Duration) {
	slices.Sort(each)
	m.Count = len(each)
	for share, into := range map[float64]*float64{.5: &m.P50, .99: &m.P99, .999: &m.P999} {
		if value, known := closed.Quantile(each, share); known {
			*into = tenths(micro(value))
		}
	}
}

// of is nil for what was not measured.
func (r *results) of(at, what string, callers int) *measured {
	for i := range r.Loads {
		if m := &r.Loads[i]; m.At == at && m.What == what && m.Callers == callers {
			return m
		}
	}
	return nil
}

// limit is how many requests a second there would be, in each round, if there
// were nothing to do but its limits, one after another; none where these were not
// measured.
func (r *results) limit(m *measured) []float64 {
	rates := make([]float64, len(m.Rates))
	for round := range rates {
		took := 0.0
		for _, name := range m.Limits {
			limit := r.of(m.At, name, m.Callers)
			if limit == nil || round >= len(limit.Rates) {
				return nil
			}
			took += 1 / limit.Rates[round]
		}
		rates[round] = 1 / took
	}
	return rates
}

// share is which part of the limit's requests a load had in a second, of the same
// rounds.
func (r *results) share(m *measured) stats.Spread { return stats.Of(stats.Ratios(m.Rates, r.limit(m))) }

// load reads results that save wrote.
func load(path string) (*results, error) { return stats.Read[results](path) }

func (r *results) save(path string) error {
	loads, err := stats.Lines(r.Loads)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("{\n  \"date\": %q,\n  \"machine\": %q,\n  \"rounds\": %d,\n  \"loads\": [\n%s\n  ]\n}\n", r.Date, r.Machine, r.Rounds, loads)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { // #nosec G306 -- for everybody
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}
