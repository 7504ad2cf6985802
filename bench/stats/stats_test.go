package stats

import (
	"math"
	"slices"
	"testing"
)

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   Spread
	}{
		{[]float64{7}, Spread{7, 7, 7}},
		{[]float64{3, 1}, Spread{1.5, 2, 2.5}},
		{[]float64{5, 1, 4, 2, 3}, Spread{2, 3, 4}},
		{[]float64{1, 1, 1, 1000}, Spread{1, 1, 250.75}},
	} {
		before := slices.Clone(test.values)
		if got := Of(test.values); got != test.want {
			t.Errorf("%v: %v, want %v", test.values, got, test.want)
		}
		if !slices.Equal(before, test.values) {
			t.Errorf("%v was changed to %v", before, test.values)
		}
	}
	if none := Of(nil); !math.IsNaN(none.Median) {
		t.Errorf("nothing has a median of %v", none.Median)
	}
}

// Where the machine slowed down between rounds, the ratios show nothing of it.
func TestRatiosAreOfOneRound(t *testing.T) {
	for _, test := range []struct{ of, by, want []float64 }{
		{[]float64{20, 300, 1}, []float64{10, 100, 0}, []float64{2, 3}},
		{[]float64{20, 300, 5}, []float64{10, 100}, []float64{2, 3}},
		{[]float64{20, 300}, []float64{10, 100, 7}, []float64{2, 3}},
		{nil, []float64{7}, nil},
	} {
		if got := Ratios(test.of, test.by); !slices.Equal(got, test.want) {
			t.Errorf("%v by %v: %v, want %v", test.of, test.by, got, test.want)
		}
	}
}

func TestDigits(t *testing.T) {
	for value, want := range map[float64]string{0.1234: "0.12", 2.5: "2.50", 12.34: "12.3", 99.99: "100.0", 142.4: "142"} {
		if got := Digits(value); got != want {
			t.Errorf("%v is %s, want %s", value, got, want)
		}
	}
}

func TestNothingIsNotMeasured(t *testing.T) {
	for _, test := range []struct {
		rounds int
		words  []string
		want   bool
	}{{1, nil, true}, {0, nil, false}, {-1, nil, false}, {3, []string{"docs"}, false}} {
		if err := Check(test.rounds, test.words); (err == nil) != test.want {
			t.Errorf("%d rounds, %q: %v", test.rounds, test.words, err)
		}
	}
}
