package main

import (
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
	pagetest.Holds(t, files, "make bench PARTS=growth")
}

func TestResultsAreKeptAsTheyAre(t *testing.T) {
	r, err := load("results.json")
	if err != nil {
		t.Fatal(err)
	}
	pagetest.Keeps(t, "results.json", r.save)
}

// Each size of each store is on the page, which says so.
func TestAllWasMeasured(t *testing.T) {
	r, err := load("results.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, store := range []string{inMemory, onEngine} {
		for _, size := range sizes() {
			for _, operation := range operations(store) {
				if m := r.of(store, size, operation); m == nil || len(m.Counts) != r.Rounds {
					t.Errorf("%s, %d, %s is not measured", store, size, operation)
				}
			}
		}
	}
}

// What the engine takes is exact, and stays the same whatever there is.
func TestUnitsStayTheSame(t *testing.T) {
	r, err := load("results.json")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][3]float64{bearer: {1, .5, 0}, signed: {1, .5, 1}, refresh: {1, 0, 1}}
	for _, m := range r.Measured {
		if m.Store == onEngine {
			if got := [3]float64{m.Trips, m.Reads, m.Writes}; got != want[m.Operation] {
				t.Errorf("%s with %d: %v, want %v", m.Operation, m.Size, got, want[m.Operation])
			}
		}
	}
}
