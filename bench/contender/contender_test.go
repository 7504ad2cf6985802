package contender

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// whole is a subject that does everything right.
func whole() *Subject {
	spent := map[int]bool{}
	return &Subject{
		Right: func(n int) bool { first := !spent[n]; spent[n] = true; return first },
		Wrong: []func() bool{func() bool { return false }},
		Renew: func() { clear(spent) },
		Batch: 8,
	}
}

// What errs must not be measured: it may be fast.
func TestProveFindsWhatErrs(t *testing.T) {
	if err := whole().Prove(); err != nil {
		t.Errorf("what does all right: %v", err)
	}
	if err := (&Subject{Bare: true}).Prove(); err != nil {
		t.Errorf("a limit: %v", err)
	}
	for want, spoil := range map[string]func(*Subject){
		"what is right is refused":         func(s *Subject) { s.Right = func(int) bool { return false } },
		"a nonce is accepted twice":        func(s *Subject) { s.Right = func(int) bool { return true } },
		"there is nothing wrong to refuse": func(s *Subject) { s.Wrong = nil },
		"wrong request 1 is accepted":      func(s *Subject) { s.Wrong = append(s.Wrong, func() bool { return true }) },
	} {
		s := whole()
		spoil(s)
		if err := s.Prove(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestRun(t *testing.T) {
	makers := Makers{Bearer: func(*Turn) (*Subject, error) { return whole(), nil }}
	var out bytes.Buffer
	if err := run(makers, strings.NewReader(`{"work":"bearer"}`), &out); err != nil {
		t.Fatal(err)
	}
	var got Result
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Count != 8 || got.Allocations == nil {
		t.Errorf("%s: %v", out.Bytes(), err)
	}
	for _, bad := range []string{`{"work":"other"}`, `{`} {
		if err := run(makers, strings.NewReader(bad), &out); err == nil {
			t.Errorf("%s was done", bad)
		}
	}
}

// A subject that begins to refuse is not measured to its end.
func TestMeasureEndsWhereOneIsRefused(t *testing.T) {
	s := whole()
	s.Renew = nil
	if _, err := s.measure(0, 0); err == nil || !strings.Contains(err.Error(), "is refused") {
		t.Errorf("%v", err)
	}
}
