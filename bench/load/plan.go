package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"gatehouse/bench/closed"
	"gatehouse/bench/stats"
)

// plan is how much is asked.
type plan struct {
	rounds              int
	atGateway, atLambda int // requests of a load
	signIns             int // of those by a password
	callers             int // at most
	root, cache         string
	progress            io.Writer
}

// measure asks everything in every round. What is compared is asked right after
// each other: all that is asked of one place by so many callers.
func (p *plan) measure(ctx context.Context, all []subject, r *results) error {
	random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) // #nosec G404 -- no secret, an order
	for i := range all {
		if err := all[i].prove(); err != nil {
			return fmt.Errorf("%s, %s: %w", all[i].at, all[i].what, err)
		}
	}
	each := map[string][]time.Duration{}
	for round := range p.rounds {
		for _, callers := range levels() {
			for _, n := range random.Perm(len(all)) {
				s := &all[n]
				if callers > p.callers || s.most > 0 && callers > s.most {
					continue
				}
				took, processor, err := s.load(ctx, callers)
				if err != nil {
					return fmt.Errorf("%s, %s, %d callers: %w", s.at, s.what, callers, err)
				}
				r.add(s, callers, &took, processor, each)
			}
		}
		_, _ = fmt.Fprintf(p.progress, "%s: round %d of %d\n", all[0].at, round+1, p.rounds)
	}
	return nil
}

// add keeps the rate of a round, and works the quantiles out anew, of the answers of
// all rounds together.
func (r *results) add(s *subject, callers int, took *closed.Took, processor time.Duration, each map[string][]time.Duration) {
	key := fmt.Sprint(s.at, s.what, callers)
	each[key] = append(each[key], took.Each...)
	m := r.of(s.at, s.what, callers)
	if m == nil {
		r.Loads = append(r.Loads, measured{At: s.at, What: s.what, Limits: s.limits, Callers: callers})
		m = &r.Loads[len(r.Loads)-1]
	}
	m.Rates = append(m.Rates, tenths(took.Rate()))
	m.Processor = append(m.Processor, tenths(micro(processor)))
	m.quantiles(each[key])
}

// newResults begins results.
func newResults(rounds int) *results {
	return &results{Date: time.Now().UTC().Format(time.DateOnly), Machine: stats.Machine(), Rounds: rounds}
}
