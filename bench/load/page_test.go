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
	pagetest.Holds(t, files, "make bench PARTS=load")
}

func TestResultsAreKeptAsTheyAre(t *testing.T) {
	r, err := load("results.json")
	if err != nil {
		t.Fatal(err)
	}
	pagetest.Keeps(t, "results.json", r.save)
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
