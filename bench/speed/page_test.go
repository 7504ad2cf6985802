package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/bench/page"
	"gatehouse/bench/page/pagetest"
)

const docs = "../../docs"

func TestDocsAreWhatWasMeasured(t *testing.T) {
	r, err := load("results.json")
	if err != nil {
		t.Fatal(err)
	}
	files, err := page.Files(docs, pageName, r.sections(), r.plots())
	if err != nil {
		t.Fatal(err)
	}
	pagetest.Holds(t, files, "make bench")
}

func TestResultsAreKeptAsTheyAre(t *testing.T) {
	r, err := load("results.json")
	if err != nil {
		t.Fatal(err)
	}
	pagetest.Keeps(t, "results.json", r.save)
}

// Whoever takes a newer version measures that and says so.
func TestVersionsAreThosePinned(t *testing.T) {
	all := programs()
	for _, f := range functions() {
		all = append(all, f.program)
	}
	for _, p := range all {
		if p.pin == "" { // it is of this repository
			continue
		}
		text, err := os.ReadFile(filepath.Join("../peers", pins[p.language]))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), p.pin) {
			t.Errorf("%s has no %s", pins[p.language], p.pin)
		}
		if !strings.Contains(p.pin, strings.ReplaceAll(p.version, "-", "")) {
			t.Errorf("%s is called version %s", p.pin, p.version)
		}
	}
}

func TestRoundTripsAreThoseCounted(t *testing.T) {
	r, err := load("results.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range r.Trips {
		if got, err := countedTrips("../..", each.Operation); err != nil || got != each.Ours {
			t.Errorf("%s takes %d by the flow tests, %d on the page (%v)", each.Operation, got, each.Ours, err)
		}
	}
	if len(r.Trips) != len(mostTrips) {
		t.Errorf("%d operations", len(r.Trips))
	}
}

// Nobody is missing on the page: each was measured in every round.
func TestAllWasMeasured(t *testing.T) {
	r, err := load("results.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range programs() {
		for _, work := range p.works {
			if m := r.of(work, p.name); m == nil || len(m.Nanoseconds) != r.Rounds {
				t.Errorf("%s, %s: %+v", work, p.name, m)
			}
		}
	}
	starts := r.Rounds * startsPerRound
	for _, f := range functions() {
		if s := r.start(f.name); s == nil || len(s.Milliseconds) != starts || len(s.Resident) != starts {
			t.Errorf("%s: %+v", f.name, s)
		}
	}
	for _, f := range firsts() {
		if w := r.first(f.name); w == nil || len(w.Milliseconds) != starts {
			t.Errorf("first request of %s: %+v", f.name, w)
		}
	}
}
