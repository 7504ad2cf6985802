package main

import "math"

// What one partition of a table or index serves in a second.
const (
	partitionWrites = 1_000
	partitionReads  = 3_000
)

// load is what reached each partition, second by second, in units.
type load struct {
	perSecond [][]float64 // by second, then partition
	limit     float64     // of a partition, a second
}

// demand is what requests ask of a table: where their keys are, in the order of
// time.
type demand struct {
	places    []uint64
	perSecond int     // of them
	units     float64 // of each
	limit     float64 // of a partition, a second
}

// ask is the demand of requests by keys of d.
func ask(requests []request, d design, units, limit float64) demand {
	places := make([]uint64, len(requests))
	for i, r := range requests {
		places[i] = place(d.key(r))
	}
	return demand{places, rate, units, limit}
}

// over spreads the demand over n partitions.
func (d demand) over(n int) *load {
	l := &load{limit: d.limit}
	for i, place := range d.places {
		if i%d.perSecond == 0 {
			l.perSecond = append(l.perSecond, make([]float64, n))
		}
		l.perSecond[i/d.perSecond][partition(place, n)] += d.units
	}
	return l
}

// fewest is how many partitions it takes so that none is asked for more than it
// serves; 0 where no number does.
func (d demand) fewest() int {
	if d.hottest() > d.limit {
		return 0
	}
	const most = 1_000
	for n := 1; n <= most; n++ {
		if d.over(n).refused() == 0 {
			return n
		}
	}
	return 0
}

// hottest is the most that one key was asked for in a second.
func (d demand) hottest() (most float64) {
	units := map[uint64]float64{}
	for i, place := range d.places {
		if i%d.perSecond == 0 {
			clear(units)
		}
		units[place] += d.units
		most = math.Max(most, units[place])
	}
	return most
}

// peak is the most that a partition had in a second.
func (l *load) peak() (most float64) {
	for i := range l.perSecond[0] {
		most = math.Max(most, l.highest(i))
	}
	return most
}

// highest is the most that partition i had in a second.
func (l *load) highest(i int) (most float64) {
	for _, parts := range l.perSecond {
		most = math.Max(most, parts[i])
	}
	return most
}

// mean is what partition i had in a second on average.
func (l *load) mean(i int) (mean float64) {
	for _, parts := range l.perSecond {
		mean += parts[i] / float64(len(l.perSecond))
	}
	return mean
}

// refused is the share of all units that was above the limit of its partition,
// without the bursts that DynamoDB lets through where a partition was idle
// before.
func (l *load) refused() float64 {
	above, all := 0.0, 0.0
	for _, parts := range l.perSecond {
		for _, units := range parts {
			all += units
			above += math.Max(0, units-l.limit)
		}
	}
	return above / all
}
