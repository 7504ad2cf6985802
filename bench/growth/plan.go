package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"time"

	"gatehouse/bench/engine"
	"gatehouse/bench/stats"
)

// The stores.
const (
	inMemory = "memory"
	onEngine = "engine"
)

// sizes are how many sessions there are, and how many nonces.
func sizes() []int { return []int{1000, 100_000, 1_000_000} }

// plan is how much is measured.
type plan struct {
	rounds        int
	seconds       float64
	most          int // on the engine
	sizes         []int
	root, program string
	progress      io.Writer
}

// counted is of how many requests the units of the engine are counted.
const counted = 20

// measure fills a store of each size, and has them take turns.
func (p *plan) measure(ctx context.Context) (*results, error) {
	r := &results{Date: time.Now().UTC().Format(time.DateOnly), Machine: stats.Machine(), Rounds: p.rounds}
	if p.sizes == nil {
		p.sizes = sizes()
	}
	if err := p.grow(ctx, r, inMemory, ""); err != nil {
		return nil, err
	}
	running, err := engine.Start(p.root)
	if err != nil {
		return nil, err
	}
	defer running.End()
	return r, p.grow(ctx, r, onEngine, running.URL)
}

// grow measures one store. All of its sizes are measured in every round, an
// operation after the other, in an order that chance gives.
func (p *plan) grow(ctx context.Context, r *results, name, url string) error {
	var all []*holdingProgram
	for _, size := range p.sizes {
		if url != "" && size > p.most {
			continue
		}
		h, held, err := p.start(ctx, size, url)
		if err != nil {
			return err
		}
		defer h.end()
		all = append(all, h)
		r.Holdings = append(r.Holdings, kept{name, size, whole(held.Session), whole(held.Nonce)})
		_, _ = fmt.Fprintf(p.progress, "%s: %d sessions and nonces in %.0f s\n", name, size, held.Seconds)
	}
	for round := range p.rounds {
		for _, o := range rand.Perm(len(operations(name))) { // #nosec G404 -- no secret, an order
			for _, n := range rand.Perm(len(all)) { // #nosec G404 -- as above
				took, err := all[n].turn(turn{Operation: operations(name)[o], Seconds: p.seconds})
				if err != nil {
					return err
				}
				r.add(name, all[n].size, operations(name)[o], took)
			}
		}
		_, _ = fmt.Fprintf(p.progress, "%s: round %d of %d\n", name, round+1, p.rounds)
	}
	if url == "" {
		return nil
	}
	return r.count(name, all)
}

// count asks what the engine takes, which is exact, once.
func (r *results) count(name string, all []*holdingProgram) error {
	for _, h := range all {
		for _, operation := range operations(name) {
			took, err := h.turn(turn{Operation: operation, Count: counted})
			if err != nil {
				return err
			}
			m := r.of(name, h.size, operation)
			m.Trips, m.Reads, m.Writes = took.Trips, took.Reads, took.Writes
		}
	}
	return nil
}

// holdingProgram is this program once more, which holds a store of a size.
type holdingProgram struct {
	size    int
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func (p *plan) start(ctx context.Context, size int, url string) (*holdingProgram, holding, error) {
	var held holding
	h := &holdingProgram{size: size, process: exec.CommandContext(ctx, p.program, "-hold", strconv.Itoa(size), "-at", url)} // #nosec G204 -- this program
	h.process.Stderr = os.Stderr
	in, err := h.process.StdinPipe()
	if err != nil {
		return nil, held, fmt.Errorf("start a store: %w", err)
	}
	out, err := h.process.StdoutPipe()
	if err != nil {
		return nil, held, fmt.Errorf("start a store: %w", err)
	}
	h.in, h.out = in, bufio.NewReader(out)
	if err := h.process.Start(); err != nil {
		return nil, held, fmt.Errorf("start a store: %w", err)
	}
	if err := h.read(&held); err != nil {
		h.end()
		return nil, held, err
	}
	return h, held, nil
}

func (h *holdingProgram) turn(t turn) (took, error) {
	var did took
	if err := json.NewEncoder(h.in).Encode(t); err != nil {
		return did, fmt.Errorf("ask a store of %d: %w", h.size, err)
	}
	return did, h.read(&did)
}

func (h *holdingProgram) read(into any) error {
	line, err := h.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	if err != nil {
		return fmt.Errorf("a store of %d does not answer: %w", h.size, err)
	}
	return nil
}

// end lets it end by itself.
func (h *holdingProgram) end() {
	_ = h.in.Close()
	_ = h.process.Wait()
}
