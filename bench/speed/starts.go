package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gatehouse/bench/cold"
	"gatehouse/bench/contender"
	"gatehouse/bench/page"
	"gatehouse/bench/stats"
	"gatehouse/bench/turns"
)

// started is what a function took from its start to its first answer, in the
// order of starts, and how large it is.
type started struct {
	Program      string    `json:"program"`
	Milliseconds []float64 `json:"ms"`
	Resident     []float64 `json:"mib"`
	Size         int64     `json:"bytes"`
}

// function is one that is started. Its program is the name of its file.
type function struct{ name, program string }

// bare is what starts are compared by.
const bare = "bare handler"

// startedOurs is our function with the shortest way.
const startedOurs = "Gatehouse, authorizer"

func functions() []function {
	return []function{
		{bare, "bare"},
		{startedOurs, "authorizer"},
		{"SDK by `LoadDefaultConfig`, one read", "sdkhello"},
		{"ory/fosite, no database", "fositehello"},
	}
}

// startsPerRound is how often each function is started in a round: a start
// varies more than the mean of many requests.
const startsPerRound = 4

// starts starts every function, in an order of its own for each turn.
func (p *plan) starts(ctx context.Context, r *results, random *rand.Rand) error {
	d, err := cold.Deploy(ctx)
	if err != nil {
		return fmt.Errorf("deploy: %w", err)
	}
	defer d.Close()
	turn, err := turns.New(contender.Authorizer, p.root, time.Now())
	if err != nil {
		return err
	}
	event := []byte(strings.ReplaceAll(turn.Event, "TOKEN", d.Token))
	all := functions()
	for range startsPerRound {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, f := range all {
			path := filepath.Join(p.at.cache, "functions", f.program)
			took, answer, err := cold.Run(ctx, path, d.Env, event)
			if err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
			if !answer.Allows() {
				return fmt.Errorf("%s: it answers %s", f.name, answer.Payload)
			}
			if err := r.addStart(f.name, path, took); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *results) addStart(name, path string, took cold.Start) error {
	s := r.start(name)
	if s == nil {
		file, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("look at the function: %w", err)
		}
		r.Starts = append(r.Starts, started{Program: name, Size: file.Size()})
		s = &r.Starts[len(r.Starts)-1]
	}
	s.Milliseconds = append(s.Milliseconds, hundredths(took.Processor.Seconds()*1000))
	s.Resident = append(s.Resident, hundredths(float64(took.Resident)/(1<<20)))
	return nil
}

func hundredths(v float64) float64 { return math.Round(v*100) / 100 }

// start is nil for what was not started.
func (r *results) start(name string) *started {
	for i := range r.Starts {
		if r.Starts[i].Program == name {
			return &r.Starts[i]
		}
	}
	return nil
}

// startRatio is how many times as long a function took as the bare one, of the
// same turns.
func (r *results) startRatio(name string) stats.Spread {
	of, by := r.start(name), r.start(bare)
	if of == nil || by == nil {
		return stats.Of(nil)
	}
	return stats.Of(stats.Ratios(of.Milliseconds, by.Milliseconds))
}

func (r *results) startsText() string {
	rows := [][]string{{"function", "processor time, ms", "× bare", "resident, MiB", "size, MB"}}
	for _, f := range functions() {
		s := r.start(f.name)
		if s == nil {
			continue
		}
		rows = append(rows, []string{f.name, stats.Of(s.Milliseconds).String(), r.startRatio(f.name).String(),
			stats.Of(s.Resident).String(), fmt.Sprintf("%.1f", float64(s.Size)/1e6)})
	}
	return page.Table(rows...)
}

// startPromises are rows of the table of promises.
func (r *results) startPromises() [][]string {
	s := r.start(startedOurs)
	if s == nil {
		return nil
	}
	ratio, resident, size := r.startRatio(startedOurs), stats.Of(s.Resident), float64(s.Size)/1e6
	return [][]string{
		{"processor time of the authorizer from its start to the first answer, with a read", bare, "2 ×", ratio.String() + " ×", kept(ratio.Median <= 2)},
		{"its memory by then", "", "16 MiB", resident.String() + " MiB", kept(resident.Median <= 16)},
		{"its binary", "", "9 MB", fmt.Sprintf("%.1f MB", size), kept(size <= 9)},
	}
}
