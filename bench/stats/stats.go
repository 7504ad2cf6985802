// Package stats is what measurements have in common: medians, ratios within a
// round, the machine, and results that are kept a line for each.
package stats

import (
	"fmt"
	"math"
	"slices"
)

// Spread is the median of measurements, and the quarters below and above which
// the outer ones are.
type Spread struct{ Low, Median, High float64 }

// Of is the spread of values, which it leaves as they are. None give NaN, which
// no table takes for a measurement.
func Of(values []float64) Spread {
	if len(values) == 0 {
		return Spread{math.NaN(), math.NaN(), math.NaN()}
	}
	sorted := slices.Sorted(slices.Values(values))
	return Spread{quantile(sorted, .25), quantile(sorted, .5), quantile(sorted, .75)}
}

// quantile is between the two nearest ones, in proportion.
func quantile(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	below := int(at)
	if below == len(sorted)-1 {
		return sorted[below]
	}
	return sorted[below] + (at-float64(below))*(sorted[below+1]-sorted[below])
}

// Ratios divides what was measured in the same round, each being in the order of
// rounds. A round that lacks either is left out, so that no two rounds are ever
// compared.
func Ratios(of, by []float64) []float64 {
	var all []float64
	for round := range min(len(of), len(by)) {
		if by[round] > 0 {
			all = append(all, of[round]/by[round])
		}
	}
	return all
}

// String has as many digits as can be told apart.
func (s Spread) String() string {
	return fmt.Sprintf("%s (%s–%s)", Digits(s.Median), Digits(s.Low), Digits(s.High))
}

// Digits are three of them, and all before the point.
func Digits(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}
