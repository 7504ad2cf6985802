package closed

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func upTo(n int) (all []time.Duration) {
	for i := range n {
		all = append(all, time.Duration(i+1))
	}
	return all
}

func TestQuantile(t *testing.T) {
	for _, test := range []struct {
		of    int
		share float64
		want  time.Duration // 0: not known
	}{
		{10_000, .5, 5000}, {10_000, .99, 9900}, {10_000, .999, 9990}, {20_001, .5, 10_001},
		{9_999, .999, 0}, {1000, .99, 990}, {999, .99, 0}, {20, .5, 10}, {19, .5, 0}, {0, .5, 0},
	} {
		got, known := Quantile(upTo(test.of), test.share)
		if got != test.want || known != (test.want != 0) {
			t.Errorf("%v of %d is %d, %v; want %d", test.share, test.of, got, known, test.want)
		}
	}
}

func TestEachIsAskedOnceItsAnswerIsThere(t *testing.T) {
	var asked, busiest atomic.Int64
	busy := make([]atomic.Int64, 8)
	took, err := Load{Callers: 8, Warm: 100, Count: 1000}.Run(t.Context(), func(caller int) error {
		asked.Add(1)
		busiest.Store(max(busiest.Load(), busy[caller].Add(1)))
		busy[caller].Add(-1)
		return nil
	})
	if err != nil || asked.Load() != 1100 || len(took.Each) != 1000 || busiest.Load() != 1 || took.Rate() <= 0 {
		t.Errorf("%d asked, %d counted, %d by one caller at once, %v", asked.Load(), len(took.Each), busiest.Load(), err)
	}
}

func TestAllCallersAskSideBySide(t *testing.T) {
	var all sync.WaitGroup
	all.Add(16)
	_, err := Load{Callers: 16, Count: 16}.Run(t.Context(), func(int) error { all.Done(); all.Wait(); return nil })
	if err != nil {
		t.Error(err)
	}
}

// A server that refuses is quick, and nothing to be proud of.
func TestWrongAnswersAreCountedAndEndIt(t *testing.T) {
	var asked atomic.Int64
	failing := func(int) error {
		if asked.Add(1)%10 == 0 {
			return errors.New("401")
		}
		return nil
	}
	took, err := Load{Callers: 4, Count: 1000}.Run(t.Context(), failing)
	if took.Wrong != 100 || len(took.Each) != 900 || err == nil || !strings.Contains(err.Error(), "100 of 1000 answers are wrong: 401") {
		t.Errorf("%d wrong of %d, %v", took.Wrong, len(took.Each), err)
	}
	if _, err := (Load{Callers: 4, Warm: 1000, Count: 1}).Run(t.Context(), failing); err == nil {
		t.Error("what is wrong before it counts is not seen")
	}
}
