package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// compiled has the programs where bench/run puts them.
func compiled(t *testing.T) string {
	t.Helper()
	cache := t.TempDir()
	for _, each := range []struct{ module, into, program string }{
		{".", "bin/load", "."}, {"../..", "bin/gatehouse", "./cmd/gatehouse"}, {"..", "functions/bare", "./bare"},
		{"../..", "functions/authorizer", "./functions/authorizer"}, {"../..", "functions/token", "./functions/token"},
	} {
		compiler := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(cache, each.into), each.program)
		compiler.Dir = each.module
		if output, err := compiler.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, output)
		}
	}
	return cache
}

// What is measured is what the programs do: right is accepted, wrong is refused,
// by one caller and by more.
func TestAllIsAskedAndAnsweredRight(t *testing.T) {
	folder, err := os.MkdirTemp("", "") // with a short name, for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	p := &plan{rounds: 2, atGateway: 60, atLambda: 40, signIns: 4, callers: 2, root: "../..", cache: compiled(t), progress: io.Discard}
	t.Setenv("TMPDIR", folder)
	r := newResults(p.rounds)
	if err := p.loadGateway(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := p.loadFunctions(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	counts := map[string]map[string]int{
		atGateway: {bearerName: 60, signedName: 60, refreshName: 60, bareName: 60, passwordName: 4, hashName: 4},
		atLambda:  {bearerName: 40, signedName: 40, refreshName: 40, bareName: 40, readName: 40, writeName: 40},
	}
	for at, all := range counts {
		for what, count := range all {
			for _, callers := range []int{1, 2} {
				m := r.of(at, what, callers)
				if m == nil || m.Count != 2*count || len(m.Rates) != 2 || m.Rates[0] <= 0 {
					t.Errorf("%s, %s, %d callers: %+v", at, what, callers, m)
				} else if share := r.share(m).Median; len(m.Limits) > 0 && !(share > 0) {
					t.Errorf("%s, %s, %d callers: %v of its limit", at, what, callers, share)
				}
			}
		}
	}
	if len(r.Loads) != 24 {
		t.Errorf("%d loads", len(r.Loads))
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("%v are left (%v)", left, err)
	}
}

// asking is what a server is asked that answers every request alike.
func asking(t *testing.T, status int, body string) *subject {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	all := wires(strings.TrimPrefix(server.URL, "http://"))
	request := get("x", "/", "Bearer x")
	return &subject{what: "x", count: 50, ask: func(caller int) error { return all[caller].want(request, 200, "mobile") },
		wrong: func() error { return all[0].want(request, 401, "") }}
}

func TestABrokenServerIsNoticed(t *testing.T) {
	for name, broken := range map[string]*subject{
		"refuses what is right":  asking(t, 401, "mobile"),
		"answers something else": asking(t, 200, "{}"),
		"accepts what is wrong":  asking(t, 200, "mobile"),
		"does not listen":        {ask: func(int) error { return (&wire{address: "127.0.0.1:1"}).want(nil, 200, "") }},
	} {
		if err := broken.prove(); err == nil {
			t.Errorf("one that %s is measured", name)
		}
	}
	if took, _, err := asking(t, 401, "").load(t.Context(), 4); err == nil || took.Wrong == 0 || len(took.Each) > 0 {
		t.Errorf("%d refusals, %d answers, %v", took.Wrong, len(took.Each), err)
	}
	if took, _, err := asking(t, 200, "mobile").load(t.Context(), 4); err != nil || took.Wrong > 0 || len(took.Each) != 50 {
		t.Errorf("%d of %d wrong, %v", took.Wrong, len(took.Each), err)
	}
}

func TestAFunctionThatEndsIsNoticed(t *testing.T) {
	all, err := startPool(t.Context(), 1, "/bin/false", nil, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer all.end()
	if _, err := all[0].invoke([]byte("{}")); err == nil {
		t.Error("what has ended answers")
	}
}

// Where a call takes two things one after another, its limit does.
func TestLimitsAddUp(t *testing.T) {
	r := &results{Loads: []measured{
		{At: "a", What: "x", Callers: 1, Limits: []string{"l", "m"}, Rates: []float64{50, 10}},
		{At: "a", What: "l", Callers: 1, Rates: []float64{100, 40}},
		{At: "a", What: "m", Callers: 1, Rates: []float64{100, 40}},
		{At: "a", What: "y", Callers: 1, Limits: []string{"l"}, Rates: []float64{50, 20}},
		{At: "a", What: "y", Callers: 2, Limits: []string{"l"}, Rates: []float64{50, 20}},
	}}
	for i, want := range map[int]float64{0: .75, 3: .5} {
		if got := r.share(&r.Loads[i]).Median; got != want {
			t.Errorf("load %d has %v of its limit, want %v", i, got, want)
		}
	}
	if r.limit(&r.Loads[4]) != nil {
		t.Error("a limit of other callers is taken")
	}
}
