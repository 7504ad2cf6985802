package main

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const docs = "../../docs"

// simulated is the one run that all tests look at.
var simulated = sync.OnceValues(simulate)

func resultsOf(t *testing.T) *results {
	t.Helper()
	r, err := simulated()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDocsAreWhatIsWorkedOut(t *testing.T) {
	files, err := resultsOf(t).files(docs)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 4 {
		t.Errorf("%d files", len(files))
	}
	for path, want := range files {
		if read(t, path) != want {
			t.Errorf("%s is out of date: run make scale", path)
		}
	}
}

// The units of an operation are one sum for the flow tests, and here by table.
func TestUnitsAreThoseCounted(t *testing.T) {
	for _, o := range operations() {
		path, name := "../../internal/flowtest/operations.go", o.name
		if proofs, found := strings.CutPrefix(name, "DPoP "); found {
			path, name = "../../internal/flowtest/dpop.go", proofs
		}
		row := regexp.MustCompile(`\{"` + regexp.QuoteMeta(name) + `", \d+, cost\{(?:\d+, ([\d.]+), ([\d.]+))?\}`)
		match := row.FindStringSubmatch(read(t, path))
		if match == nil {
			t.Errorf("%s counts no %q", path, name)
			continue
		}
		reads, writes := 0.0, 0.0
		for _, each := range o.tables() {
			reads, writes = reads+each.reads, writes+each.writes
		}
		if reads != number(t, match[1]) || writes != number(t, match[2]) {
			t.Errorf("%s: %v reads and %v writes here, %q and %q there", o.name, reads, writes, match[1], match[2])
		}
	}
}

// number reads one that is 0 when left out.
func number(t *testing.T, text string) float64 {
	t.Helper()
	if text == "" {
		return 0
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// What can't be imported is the same where it is written down first.
func TestFactsOfElsewhereHold(t *testing.T) {
	facts := []struct {
		path, pattern string
		want          []float64
	}{
		{docs + "/cost.md", `\| bearer check \| authorizer \| (\d+) \|`, []float64{checkTime}},
		{docs + "/cost.md", `\| password \| token \| (\d+) \|`, []float64{passwordTime}},
		{docs + "/cost.md", `calls an API (\d+) times a day, from apps that refresh (\d+) times\s+a day and sign in once a month`, []float64{calls, refreshes}},
		{"../../internal/deployment/keys.go", `const KeysAge = (\d+) \* time\.Minute`, []float64{keysAge / 60}},
	}
	for _, f := range facts {
		match := regexp.MustCompile(f.pattern).FindStringSubmatch(read(t, f.path))
		if match == nil {
			t.Errorf("%s has no %s", f.path, f.pattern)
			continue
		}
		for i, want := range f.want {
			if got := number(t, match[i+1]); got != want {
				t.Errorf("%s says %v, here it is %v", f.path, got, want)
			}
		}
	}
	store := read(t, "../../internal/dynamodb/replay.go")
	for name, prefix := range map[string]string{"spentPrefix": spentPrefix, "triesPrefix": triesPrefix} {
		if !regexp.MustCompile(name + ` += "` + prefix + `"`).MatchString(store) {
			t.Errorf("the store has another %s than %s", name, prefix)
		}
	}
}
