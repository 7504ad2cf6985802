package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"time"

	"gatehouse/bench/contender"
	"gatehouse/bench/stats"
	"gatehouse/bench/turns"
)

// plan is how much is measured.
type plan struct {
	rounds     int
	warm, take float64 // seconds of each process
	root       string  // of the product
	only       bool    // the starts, and what was measured before besides
	written    bool    // into the page
	whole      bool    // no function can have less than a whole core here
	at         places
	progress   io.Writer
}

// task is one work of one program.
type task struct {
	program program
	work    string
}

// tasks are in an order of their own for each round, but those of one work are
// together, so that what is compared was measured within seconds.
func tasks(random *rand.Rand) []task {
	var all []task
	for _, n := range random.Perm(len(works)) {
		work := works[n]
		first := len(all)
		for _, p := range programs() {
			for _, does := range p.works {
				if does == work {
					all = append(all, task{p, work})
				}
			}
		}
		same := all[first:]
		random.Shuffle(len(same), func(i, j int) { same[i], same[j] = same[j], same[i] })
	}
	return all
}

// measure runs every task in every round, each in a process of its own.
func (p *plan) measure(ctx context.Context) (*results, error) {
	random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) // #nosec G404 -- no secret, an order
	r, err := p.begin(ctx)
	if err != nil {
		return nil, err
	}
	for round := range p.rounds {
		if !p.only {
			if err := p.works(ctx, r, random); err != nil {
				return nil, err
			}
		}
		if err := p.starts(ctx, r, random); err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(p.progress, "round %d of %d\n", round+1, p.rounds)
	}
	return r, nil
}

// begin is what the rounds are added to.
func (p *plan) begin(ctx context.Context) (*results, error) {
	r := &results{Date: time.Now().UTC().Format(time.DateOnly), Machine: stats.Machine(), Rounds: p.rounds}
	var err error
	if p.only {
		return r, p.keep(r, resultsName)
	}
	r.Trips, err = p.roundTrips(ctx)
	return r, err
}

// keep has in r what was measured before, but for starts. All that is on the page
// was measured on one machine, as often.
func (p *plan) keep(r *results, path string) error {
	before, err := load(path)
	if err != nil {
		return err
	}
	if p.written && (before.Machine != r.Machine || before.Rounds != r.Rounds) {
		return fmt.Errorf("what %s has is of %s, in %d rounds, and not of %s in %d", path, before.Machine, before.Rounds, r.Machine, r.Rounds)
	}
	r.Measured, r.Trips = before.Measured, before.Trips
	return nil
}

func (p *plan) works(ctx context.Context, r *results, random *rand.Rand) error {
	for _, t := range tasks(random) {
		took, err := p.turn(ctx, t)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", t.program.name, t.work, err)
		}
		r.add(t.work, t.program.name, took)
	}
	return nil
}

// turn runs one process. Its requests are signed now, as their clocks are
// checked.
func (p *plan) turn(ctx context.Context, t task) (contender.Result, error) {
	var took contender.Result
	turn, err := turns.New(cmp.Or(t.program.asked, t.work), p.root, time.Now())
	if err != nil {
		return took, err
	}
	turn.Warm, turn.Take = p.warm, p.take
	given, err := json.Marshal(turn) // #nosec G117 -- secrets of nobody
	if err != nil {
		return took, fmt.Errorf("encode the turn: %w", err)
	}
	arguments := p.at.arguments(&t.program)
	process := exec.CommandContext(ctx, arguments[0], arguments[1:]...) // #nosec G204 -- a program of this repository
	process.Stdin, process.Env = bytes.NewReader(given), append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	var complaint bytes.Buffer
	process.Stderr = &complaint
	answer, err := process.Output()
	if err != nil {
		return took, fmt.Errorf("%w: %s", err, complaint.String())
	}
	if err := json.Unmarshal(answer, &took); err != nil {
		return took, fmt.Errorf("decode %q: %w", answer, err)
	}
	if took.Count < 1 || took.Nanoseconds <= 0 {
		return took, fmt.Errorf("nothing was measured: %q", answer)
	}
	return took, nil
}
