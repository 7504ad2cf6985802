package turns

import (
	"testing"
	"time"

	"gatehouse/bench/contender"
)

func TestSignedTurns(t *testing.T) {
	for work, base := range map[string]int{contender.SignedGet: 401, contender.SignedForm: 704} {
		turn, err := New(work, "../..", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(turn.Base) != base || len(turn.Right) != Count {
			t.Errorf("%s: %d requests, base string of %d bytes, want %d", work, len(turn.Right), len(turn.Base), base)
		}
		headers := map[string]bool{}
		for _, r := range append(turn.Right, turn.Wrong...) {
			headers[r.Authorization], headers[r.TwoLegged] = true, true
		}
		if want := 2 * (Count + len(turn.Wrong)); len(headers) != want {
			t.Errorf("%s: %d signatures differ, want %d", work, len(headers), want)
		}
		for _, w := range turn.Wrong {
			if w.Why == "" {
				t.Errorf("%s: nobody says why %s is wrong", work, w.Authorization)
			}
		}
	}
}

func TestUnknownWork(t *testing.T) {
	if _, err := New("other", "../..", time.Now()); err == nil {
		t.Error("there is a turn of no work")
	}
	if _, err := New(contender.Authorizer, t.TempDir(), time.Now()); err == nil {
		t.Error("there is an event in an empty folder")
	}
}
