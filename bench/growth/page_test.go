package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/bench/page"
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
	for path, want := range files {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s is not what was measured: run make bench PARTS=growth BENCH='-docs ../docs' (%v)", path, err)
		}
		if strings.Contains(want, "NaN") {
			t.Errorf("%s lacks measurements", path)
		}
	}
}

func TestResultsAreKeptAsTheyAre(t *testing.T) {
	r, err := load("results.json")
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "results.json")
	if err := r.save(copied); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(copied)
	want, err2 := os.ReadFile("results.json")
	if err != nil || err2 != nil || string(got) != string(want) {
		t.Errorf("saved again it is another: %v, %v", err, err2)
	}
}

// What the engine takes is exact, and stays the same whatever there is.
func TestUnitsStayTheSame(t *testing.T) {
	r, err := load("results.json")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][3]float64{bearer: {1, .5, 0}, signed: {1, .5, 1}, refresh: {1, 0, 1}}
	found := 0
	for _, m := range r.Measured {
		if m.Store == onEngine {
			found++
			if got := [3]float64{m.Trips, m.Reads, m.Writes}; got != want[m.Operation] {
				t.Errorf("%s with %d: %v, want %v", m.Operation, m.Size, got, want[m.Operation])
			}
		}
	}
	if found < 6 {
		t.Errorf("only %d were measured", found)
	}
}
