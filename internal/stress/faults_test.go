package stress

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"gatehouse/internal/dynamodb/faulttest"
)

// usual is a bad day: of a hundred requests some ten go wrong.
var usual = faulttest.Rates{
	faulttest.Throughput: .01, faulttest.Throttling: .01, faulttest.Refused500: .01, faulttest.Refused503: .01,
	faulttest.ResetFirst: .01, faulttest.HangFirst: .001, faulttest.Lost500: .01, faulttest.ResetLast: .015,
	faulttest.HangLast: .001, faulttest.Half: .01, faulttest.Empty: .005, faulttest.Garbage: .005, faulttest.Changed: .005,
	faulttest.Slow: .01, faulttest.Behind: .02,
}

const (
	callers    = 48
	things     = 100_000
	someThings = 3_000
)

// Everything at once, while the database goes wrong.
func TestFaults(t *testing.T) {
	l := newLoad(t, nil)
	l.layer.Set(usual)
	wanted := someThings
	if many() {
		wanted = things
	}
	began := time.Now()
	stop := l.deleteExpired(t)
	l.run(t.Context(), callers, wanted)
	deleted := stop()
	t.Logf("%d things done in %v\n%s%sof what had expired %d sessions and %d spendings were deleted", wanted,
		time.Since(began).Round(time.Second), l.report(), faultsOf(l.layer), deleted.sessions, deleted.spendings)
	for _, example := range l.examples {
		t.Error(example)
	}
	for c, n := range l.complaints {
		t.Errorf("%d times: %s", n, c)
	}
	for _, short := range l.lacks(wanted, deleted) {
		t.Error(short)
	}
}

// faultsOf lists what went wrong on purpose.
func faultsOf(layer *faulttest.Layer) string {
	counts, all := layer.Counts()
	sum, text := 0, ""
	for _, fault := range slices.Sorted(maps.Keys(counts)) {
		text += fmt.Sprintf("%-36s %8d\n", fault, counts[fault])
		sum += counts[fault]
	}
	return fmt.Sprintf("%d requests to the database, %d went wrong:\n%s", all, sum, text)
}

// A database that is silent gets every request its 5xx, in good time.
func TestSilence(t *testing.T) {
	l := newLoad(t, nil)
	l.run(t.Context(), 16, 300)
	l.layer.Set(faulttest.Rates{faulttest.HangFirst: .5, faulttest.HangLast: .5})
	l.deadline /= 2
	l.run(t.Context(), 100, 200)
	t.Logf("%s%s", l.report(), faultsOf(l.layer))
	if counts, _ := l.layer.Counts(); counts[faulttest.HangFirst] == 0 || counts[faulttest.HangLast] == 0 {
		t.Error("it was never silent")
	}
	for _, example := range l.examples {
		t.Error(example)
	}
}
