package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gatehouse/bench/stats"
)

func TestEachRoundHasAllOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var orders [][]string
	for range 5 {
		var order, met []string
		for _, task := range tasks(random) {
			if name := task.work + " " + task.program.name; slices.Contains(order, name) {
				t.Errorf("%s is there twice", name)
			} else {
				order = append(order, name)
			}
			if len(met) > 0 && met[len(met)-1] == task.work {
				continue
			}
			if slices.Contains(met, task.work) {
				t.Errorf("%s is not measured at one time", task.work)
			}
			met = append(met, task.work)
		}
		if len(met) != len(works) {
			t.Errorf("only %v are measured", met)
		}
		for _, before := range orders {
			if slices.Equal(before, order) {
				t.Error("two rounds have one order")
			}
		}
		orders = append(orders, order)
	}
	want := 0
	for _, p := range programs() {
		want += len(p.works)
	}
	if len(orders[0]) != want {
		t.Errorf("%d tasks, want %d", len(orders[0]), want)
	}
}

// What was measured once, in a round that the other lacks, is compared with
// nothing.
func TestRatiosOfResults(t *testing.T) {
	r := &results{Measured: []measured{
		{Work: "w", Program: "a", Nanoseconds: []float64{10, 100, 40}},
		{Work: "w", Program: "b", Nanoseconds: []float64{5, 50, 20}},
		{Work: "other", Program: "b", Nanoseconds: []float64{1, 1, 1}},
	}}
	if got := r.ratio("w", "a", "b"); got != (stats.Spread{Low: 2, Median: 2, High: 2}) {
		t.Errorf("%v, want 2", got)
	}
	if got := r.ratio("other", "a", "b"); !math.IsNaN(got.Median) {
		t.Errorf("%v of what was not measured", got)
	}
}
