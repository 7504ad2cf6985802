// Package timing measures whether anybody can tell by the time of an answer
// what the answer does not say: whether a user or a client exists, and how much
// of a MAC was guessed right.
package timing

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// comparison is of two operations that should take equally long. Each round
// times some of one and some of the other, in random order, so that whatever
// else the machine does meets both alike.
type comparison struct {
	name   string
	a, b   func(i int) // does it for the i-th time
	rounds int
	batch  int // how many of each in a round: enough for the clock to see

	// bound is how far apart the two may be, as a part of the whole. It is what
	// a control with a known leak exceeds, and noise does not.
	bound float64
}

// outcome is what one measurement found.
type outcome struct {
	a, b, difference time.Duration // medians of one operation; the difference is of pairs
	spread           time.Duration // between the quartiles of a
	sigmas           float64       // how far from chance it is that one takes longer so often
}

// measure runs all rounds.
func (c *comparison) measure() outcome {
	as, bs := make([]time.Duration, c.rounds), make([]time.Duration, c.rounds)
	differences := make([]time.Duration, c.rounds)
	longer := 0
	for round := range c.rounds {
		if rand.IntN(2) == 0 {
			as[round] = c.time(c.a, round)
			bs[round] = c.time(c.b, round)
		} else {
			bs[round] = c.time(c.b, round)
			as[round] = c.time(c.a, round)
		}
		differences[round] = as[round] - bs[round]
		longer += cmp.Compare(as[round], bs[round])
	}
	quartile := quantile(as, 0.25)
	return outcome{
		a: quantile(as, 0.5), b: quantile(bs, 0.5), difference: quantile(differences, 0.5),
		spread: quantile(as, 0.75) - quartile,
		// The sign test: of equals, one takes longer as often as the other.
		sigmas: float64(longer) / math.Sqrt(float64(c.rounds)),
	}
}

// time is how long a whole batch takes.
func (c *comparison) time(operation func(int), round int) time.Duration {
	start := time.Now()
	for i := range c.batch {
		operation(round*c.batch + i)
	}
	return time.Since(start)
}

func quantile(of []time.Duration, part float64) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[int(part*float64(len(sorted)-1))]
}

// part is the difference as a part of the whole.
func (o outcome) part() float64 { return float64(o.difference) / float64(o.b) }

// chance is how many sigmas may be an accident. It happens to equals once in
// half a million measurements.
const chance = 5

// differs reports whether the two can be told apart, and by enough to matter.
func (o outcome) differs(bound float64) bool {
	return math.Abs(o.sigmas) > chance && math.Abs(o.part()) > bound
}

// tells measures until two of up to three measurements agree on whether the two
// differ, and logs them all. A machine that was busy with something else in one
// of them decides nothing.
func (c *comparison) tells(t *testing.T) bool {
	t.Helper()
	if c.rounds <= 2*chance*chance {
		t.Fatalf("%s: no difference would be enough in %d rounds", c.name, c.rounds)
	}
	votes := map[bool]int{}
	for {
		o := c.measure()
		differs := o.differs(c.bound)
		t.Logf("%s: %s", c.name, o.report(c.batch, differs))
		if votes[differs]++; votes[differs] == 2 {
			return differs
		}
	}
}

func (o outcome) report(batch int, differs bool) string {
	one := func(d time.Duration) string {
		return (time.Duration(float64(d)/float64(batch)*1000) / 1000).String()
	}
	return fmt.Sprintf("medians %s and %s, spread %s, difference %.1f ns or %+.2f %%, %.1f sigmas: differs %t",
		one(o.a), one(o.b), one(o.spread), float64(o.difference)/float64(batch), 100*o.part(), o.sigmas, differs)
}
