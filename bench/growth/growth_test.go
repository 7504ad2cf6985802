package main

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/bench/engine"
	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Everything is measured as it is by make bench, with little in the stores.
func TestAllIsMeasured(t *testing.T) {
	program := filepath.Join(t.TempDir(), "growth")
	if output, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	p := &plan{rounds: 2, seconds: .01, most: 40, sizes: []int{20, 40, 100}, root: "../..", program: program, progress: io.Discard}
	r, err := p.measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, store := range []string{inMemory, onEngine} {
		for _, size := range p.sizes {
			for _, operation := range operations(store) {
				m := r.of(store, size, operation)
				if store == onEngine && size > p.most {
					if m != nil {
						t.Errorf("%d were put into the engine", size)
					}
					continue
				}
				if m == nil || len(m.Counts) != 2 || m.Counts[0] < 1 || m.mean(m.Elapsed) <= 0 || r.growth(m, elapsed).mean <= 0 || (m.Trips == 1) != (store == onEngine) {
					t.Errorf("%s, %d, %s: %+v", store, size, operation, m)
				}
			}
		}
	}
	if len(r.Holdings) != 5 || r.Holdings[2].Session < 300 || r.Holdings[2].Session > 2000 {
		t.Errorf("%+v", r.Holdings)
	}
}

// As many nonces are alive after many signed requests as before.
func TestNoncesStayAsManyAsTheyWere(t *testing.T) {
	const size = 100
	s := memory.New()
	h := &holder{timed: s}
	if _, err := weigh(t.Context(), s, size); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateClient(t.Context(), client()); err != nil {
		t.Fatal(err)
	}
	var err error
	if h.house, err = newHouse(size, s); err != nil {
		t.Fatal(err)
	}
	if _, err := h.turn(t.Context(), turn{Operation: signed, Count: 10 * size}); err != nil {
		t.Fatal(err)
	}
	if got := h.now.Sub(begin()); got != 10*life {
		t.Errorf("the clock went on by %v, not %v", got, 10*life)
	}
	if h.spent != 10*size {
		t.Errorf("%d nonces were spent", h.spent)
	}
}

// What is refused may be quick: it ends the run.
func TestARefusalEndsIt(t *testing.T) {
	var out bytes.Buffer
	s := memory.New()
	h := &holder{timed: s}
	var err error
	if h.house, err = newHouse(10, s); err != nil { // without the client, without sessions
		t.Fatal(err)
	}
	h.plain = newPlainMap(4)
	for _, operation := range operations(inMemory) {
		if _, err := h.turn(t.Context(), turn{Operation: operation, Count: 40}); err == nil {
			t.Errorf("%s succeeds where nothing is", operation)
		}
	}
	if err := hold(t.Context(), 10, "", strings.NewReader("no turn\n"), &out); err == nil {
		t.Error("what is no turn is done")
	}
}

func TestGrowthIsOfAllRounds(t *testing.T) {
	r := &results{}
	for _, round := range []struct {
		size      int
		count     int
		processor float64
	}{{10, 100, 1}, {10, 300, 2}, {20, 100, 3}, {20, 100, 4}} {
		r.add("s", round.size, bearer, took{Count: round.count, Processor: round.processor})
	}
	g := r.growth(r.of("s", 20, bearer), processor)
	if g.mean != 2 || g.round.Low != 2.25 || g.round.High != 2.75 {
		t.Errorf("%+v", g)
	}
}

// What was put into the engine by the store is what the store finds, in batches
// as without; and what is taken out is gone.
func TestBatchesPutWhatTheStoreFinds(t *testing.T) {
	running, err := engine.Start("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.End)
	h := &holder{url: running.URL}
	const size = 60
	if _, err := h.fill(t.Context(), size); err != nil {
		t.Fatal(err)
	}
	tables := engine.Tables("growth-60")
	db := dynamodb.NewFromConfig(engine.Config(running.URL, nil))
	wantItems := func(table string, want int32) {
		t.Helper()
		out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
		if err != nil || out.Count != want {
			t.Errorf("%s has %d items, not %d (%v)", table, out.Count, want, err)
		}
	}
	for range 2 {
		wantItems(tables.Sessions, size)
		wantItems(tables.Replay, size)
		if did, err := h.turn(t.Context(), turn{Operation: signed, Seconds: .01}); err != nil || did.Count < atOnce {
			t.Errorf("%d signed requests: %v", did.Count, err)
		}
	}
	id := oauth.SessionID{1}
	if _, err := h.timed.Find(t.Context(), id, begin(), oauth.Strong); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("a session that was not put is found: %v", err)
	}
}
