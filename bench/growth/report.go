package main

import (
	"fmt"
	"strconv"

	"gatehouse/bench/page"
	"gatehouse/bench/stats"
	"gatehouse/bench/svg"
)

// sections are all that is made of the page.
func (r *results) sections() []page.Section {
	return []page.Section{
		{Name: "growth-measured", Text: fmt.Sprintf("Measured on %s: %s; %d rounds.\n", r.Date, r.Machine, r.Rounds)},
		{Name: "growth-memory", Text: r.memoryText()},
		{Name: "growth-bytes", Text: r.bytesText()},
		{Name: "growth-engine", Text: r.engineText()},
	}
}

// title is what an operation is called on the page.
func title(operation string) string {
	return map[string]string{bearer: "bearer token", signed: "signed request", refresh: "refresh", lookup: "lookup in a map alone"}[operation]
}

// each has a row for each operation with each size.
func (r *results) each(store string, head []string, row func(m *measured) []string) string {
	rows := [][]string{append([]string{"operation", "sessions and nonces"}, head...)}
	for _, operation := range operations(store) {
		for _, size := range sizes() {
			if m := r.of(store, size, operation); m != nil {
				rows = append(rows, append([]string{title(operation), svg.Count(float64(size))}, row(m)...))
			}
		}
	}
	return page.Table(rows...)
}

func processor(m *measured) []float64 { return m.Processor }

func elapsed(m *measured) []float64 { return m.Elapsed }

// times is empty for the fewest, by which the others are compared.
func (r *results) times(m *measured, of func(*measured) []float64) string {
	if m.Size == r.fewest(m.Store) {
		return "1"
	}
	return r.growth(m, of).String()
}

func (r *results) memoryText() string {
	return r.each(inMemory, []string{"processor time, µs", "× 1,000", "allocations", "p50, µs", "p99.9, µs"}, func(m *measured) []string {
		return []string{stats.Digits(m.mean(m.Processor)), r.times(m, processor), svg.Count(m.Allocations),
			known(m.P50), known(m.P999)}
	})
}

func (r *results) bytesText() string {
	rows := [][]string{{"sessions and nonces", "bytes of a session", "bytes of a nonce"}}
	for _, k := range r.Holdings {
		if k.Store == inMemory {
			rows = append(rows, []string{svg.Count(float64(k.Size)), svg.Count(k.Session), svg.Count(k.Nonce)})
		}
	}
	return page.Table(rows...)
}

func (r *results) engineText() string {
	return r.each(onEngine, []string{"time, µs", "× 1,000", "round trips", "read units", "write units", "processor time of ours, µs", "× 1,000"},
		func(m *measured) []string {
			return []string{stats.Digits(m.mean(m.Elapsed)), r.times(m, elapsed), plain(m.Trips), plain(m.Reads), plain(m.Writes),
				stats.Digits(m.mean(m.Processor)), r.times(m, processor)}
		})
}

// known is empty where too few requests were done in a round to know.
func known(each []float64) string {
	if median := stats.Of(each).Median; median > 0 {
		return stats.Digits(median)
	}
	return ""
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// plots are the files by name.
func (r *results) plots() map[string]string {
	l := svg.Lines{Title: "What a request takes, against 1,000 sessions and nonces",
		About:      "How many times as long each operation takes with a hundred and a thousand times the sessions and nonces, in memory and in a DynamoDB engine.",
		AcrossName: "sessions and nonces"}
	for _, operation := range operations(inMemory) {
		l.Series = append(l.Series, title(operation))
	}
	for _, size := range sizes() {
		l.Across = append(l.Across, float64(size))
	}
	for _, p := range []struct {
		store, name string
		of          func(*measured) []float64
	}{{inMemory, "in memory: processor time, times", processor}, {onEngine, "in a DynamoDB engine: time, times", elapsed}} {
		plot := svg.Plot{Name: p.name, From: .5, To: 8, Times: 2}
		for _, operation := range operations(p.store) {
			var values []float64
			for _, size := range sizes() {
				value := 0.0
				if m := r.of(p.store, size, operation); m != nil {
					value = r.growth(m, p.of).mean
				}
				values = append(values, value)
			}
			plot.Values = append(plot.Values, values)
		}
		l.Plots = append(l.Plots, plot)
	}
	return map[string]string{"growth.svg": l.Draw()}
}
