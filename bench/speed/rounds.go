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
	r := &results{Date: time.Now().UTC().Format(time.DateOnly), Machine: stats.Machine(), Rounds: p.rounds}
	var err error
	if r.Trips, err = p.roundTrips(ctx); err != nil {
		return nil, err
	}
	for round := range p.rounds {
		for _, t := range tasks(random) {
			took, err := p.turn(ctx, t)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", t.program.name, t.work, err)
			}
			r.add(t.work, t.program.name, took)
		}
		if err := p.starts(ctx, r, random); err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(p.progress, "round %d of %d\n", round+1, p.rounds)
	}
	return r, nil
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
