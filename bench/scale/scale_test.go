package main

import (
	"math"
	"slices"
	"testing"
)

// Whoever sends, nonces of ours never meet, and no partition has more than it
// serves.
func TestNoncesSpreadWhoeverSends(t *testing.T) {
	for i, s := range skews() {
		o := resultsOf(t).nonces[i][0]
		if o.hottest != nonceWrite {
			t.Errorf("%s: one key was written %v times", s.name, o.hottest)
		}
		if even := float64(rate) / grown; o.refused() != 0 || o.peak() > 1.2*even {
			t.Errorf("%s: a partition had %v writes, where %v are even", s.name, o.peak(), even)
		}
		if o.fewest < rate/partitionWrites || o.fewest > 1.3*rate/partitionWrites {
			t.Errorf("%s: %d partitions are needed", s.name, o.fewest)
		}
	}
}

// A client that has nine tenths takes what one partition can't serve where
// nonces or sessions are kept below clients; a second takes all of it.
func TestNaiveKeysMeet(t *testing.T) {
	for i, s := range skews() {
		if s.name != "one client 90 %" {
			continue
		}
		nonces, sessions := resultsOf(t).nonces[i], resultsOf(t).sessions[i]
		timestamp, client := nonces[2], nonces[4]
		if timestamp.hottest != rate || timestamp.fewest != 0 {
			t.Errorf("by timestamp one key is written %v times", timestamp.hottest)
		}
		if share := client.hottest / rate; math.Abs(share-heavy/100.0) > 0.02 || client.fewest != 0 {
			t.Errorf("by client one key has %v of the writes", share)
		}
		if sessions[0].refused() != 0 || sessions[2].refused() == 0 {
			t.Errorf("refused by session %v, by client %v", sessions[0].refused(), sessions[2].refused())
		}
	}
}

// One item serves so much, whatever its key is.
func TestOneTokenIsOneItem(t *testing.T) {
	for i, s := range skews() {
		hot := s.name == "one token 90 %"
		if o := resultsOf(t).sessions[i][0]; (o.fewest == 0) != hot || (o.hottest > partitionReads) != hot {
			t.Errorf("%s: %d partitions, %v units of one item", s.name, o.fewest, o.hottest)
		}
	}
}

func TestCountersOfSignIns(t *testing.T) {
	want := []float64{1, signIns, signIns, signIns}
	for i, o := range resultsOf(t).signIns {
		if o.hottest != want[i] || (o.refused() == 0) != (i == 0) {
			t.Errorf("%s: %v of one counter, %v refused", crowds()[i].name, o.hottest, o.refused())
		}
	}
}

func TestPartitionsAreEqualRanges(t *testing.T) {
	for _, n := range []int{1, 3, 4, 16} {
		if first, last := partition(0, n), partition(math.MaxUint64, n); first != 0 || last != n-1 {
			t.Errorf("of %d: %d to %d", n, first, last)
		}
	}
	if partition(1<<63-1, 2) != 0 || partition(1<<63, 2) != 1 {
		t.Error("halves do not meet in the middle")
	}
}

func TestLoads(t *testing.T) {
	const high = math.MaxUint64
	d := demand{places: []uint64{0, high, high, 0, 0, 0}, perSecond: 3, units: 2, limit: 5}
	l := d.over(2)
	if l.peak() != 6 || l.highest(1) != 4 || l.mean(0) != 4 || l.refused() != 1.0/12 {
		t.Errorf("peak %v, highest %v, mean %v, refused %v", l.peak(), l.highest(1), l.mean(0), l.refused())
	}
	if d.hottest() != 6 || d.fewest() != 0 {
		t.Errorf("hottest %v, fewest %d", d.hottest(), d.fewest())
	}
	d.limit = 6
	if d.fewest() != 1 {
		t.Errorf("fewest %d", d.fewest())
	}
}

func TestWhereLimitsBite(t *testing.T) {
	signed := units{sessionReads: 0.5, replayWrites: 1}
	if got := signed.bites(newReads, newWrites); got != (bite{newWrites, "ReplayTable"}) {
		t.Errorf("%v", got)
	}
	if signed.warming() != 2*doubling || signed.partitions() != rate/partitionWrites {
		t.Errorf("%d minutes, %d partitions", signed.warming(), signed.partitions())
	}
	if got := (units{}).bites(newReads, newWrites); !math.IsInf(got.rate, 1) || (units{}).warming() != 0 {
		t.Errorf("nothing taken: %v", got)
	}
}

func TestMixesAreWhole(t *testing.T) {
	for _, m := range mixes() {
		sum := 0.0
		for _, p := range m.parts {
			sum += p.share
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s: shares come to %v", m.name, sum)
		}
	}
	for _, name := range shown() {
		if !slices.ContainsFunc(mixes(), func(m mix) bool { return m.name == name }) {
			t.Errorf("no mix is called %s", name)
		}
	}
}
