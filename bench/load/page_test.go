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
			t.Errorf("%s is not what was measured: run make bench PARTS=load BENCH='-docs ../docs' (%v)", path, err)
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

// Each level of each place was measured, with as many answers as its quantiles need.
func TestAllWasMeasured(t *testing.T) {
	r, err := load("results.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{atGateway, atLambda} {
		for _, what := range asked()[:3] {
			for _, callers := range levels() {
				if m := r.of(at, what, callers); m == nil || m.P999 == 0 || m.Count < 10_000 || len(m.Rates) != r.Rounds {
					t.Errorf("%s, %s, %d callers: %+v", at, what, callers, m)
				}
			}
		}
	}
}
