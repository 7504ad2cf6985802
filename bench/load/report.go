package main

import (
	"fmt"
	"slices"

	"gatehouse/bench/page"
	"gatehouse/bench/stats"
	"gatehouse/bench/svg"
)

// sections are all that is made of the page.
func (r *results) sections() []page.Section {
	return []page.Section{
		{Name: "load-measured", Text: r.measuredText()},
		{Name: "load-gateway", Text: r.text(atGateway)},
		{Name: "load-functions", Text: r.text(atLambda)},
	}
}

func (r *results) measuredText() string {
	return fmt.Sprintf("Measured on %s: %s; %d rounds.\n", r.Date, r.Machine, r.Rounds)
}

// asked is what is asked of both places, in the order of the page.
func asked() []string { return []string{bearerName, signedName, refreshName, passwordName} }

// limits are what they are compared by.
func limits() []string { return []string{bareName, readName, writeName, hashName} }

// title is what a load is called on the page.
func title(at, what string) string {
	switch what {
	case bearerName:
		return "**bearer token**"
	case signedName:
		return "**signed request**"
	case refreshName:
		return "**refresh**"
	case passwordName:
		return "**password**"
	case bareName:
		return map[string]string{atGateway: "a server that does nothing", atLambda: "a function that does nothing"}[at]
	case hashName:
		return "the hash of a password alone"
	}
	return "`" + what + "` alone"
}

// shown are the numbers of callers in the tables; the plots have all.
func shown() []int { return []int{1, 8, 64} }

// text has a row for each load of a place that is shown.
func (r *results) text(at string) string {
	rows := [][]string{{"asked", "callers", "a second", "of the limit's", "processor time, µs", "p50, ms", "p99, ms", "p99.9, ms"}}
	for _, what := range slices.Concat(asked(), limits()) {
		for _, callers := range shown() {
			if m := r.of(at, what, callers); m != nil {
				rows = append(rows, r.row(m))
			}
		}
	}
	return page.Table(rows...)
}

func (r *results) row(m *measured) []string {
	row := []string{title(m.At, m.What), fmt.Sprint(m.Callers), svg.Count(stats.Of(m.Rates).Median), "", "", ms(m.P50), ms(m.P99), ms(m.P999)}
	if len(m.Limits) > 0 {
		row[3] = r.share(m).String()
	}
	if took := stats.Of(m.Processor).Median; took > 0 {
		row[4] = svg.Count(took)
	}
	return row
}

// ms is empty where nothing is known.
func ms(us float64) string {
	if us == 0 {
		return ""
	}
	return stats.Digits(us / 1000)
}

// plots are the files by name.
func (r *results) plots() map[string]string {
	return map[string]string{
		"load-gateway.svg":   r.plot(atGateway, "The local gateway by callers side by side", "a server that does nothing"),
		"load-functions.svg": r.plot(atLambda, "The functions on a DynamoDB engine by callers side by side", "limit of a bearer token"),
	}
}

func (r *results) plot(at, name, limit string) string {
	l := svg.Lines{Title: name, AcrossName: "callers", Series: []string{"bearer token", "signed request", "refresh", limit},
		About: "Requests a second rise until the processor has no more to give; from there on whoever comes waits for those before."}
	for _, callers := range levels() {
		l.Across = append(l.Across, float64(callers))
	}
	l.Plots = []svg.Plot{
		{Name: "requests a second", From: 100, To: 100_000, Times: 10, Values: r.values(at, func(m *measured) float64 { return stats.Of(m.Rates).Median })},
		{Name: "p50, ms", From: .01, To: 1000, Times: 10, Values: r.values(at, func(m *measured) float64 { return m.P50 / 1000 })},
		{Name: "p99.9, ms", From: .01, To: 1000, Times: 10, Values: r.values(at, func(m *measured) float64 { return m.P999 / 1000 })},
	}
	var rates []float64
	for _, callers := range levels() {
		rate := 0.0
		if m := r.of(at, bearerName, callers); m != nil && r.limit(m) != nil {
			rate = stats.Of(r.limit(m)).Median
		}
		rates = append(rates, rate)
	}
	l.Plots[0].Values = append(l.Plots[0].Values, rates)
	return l.Draw()
}

// values are those of each series by callers, 0 where nothing was measured.
func (r *results) values(at string, of func(*measured) float64) [][]float64 {
	var all [][]float64
	for _, what := range asked()[:3] {
		var values []float64
		for _, callers := range levels() {
			value := 0.0
			if m := r.of(at, what, callers); m != nil {
				value = of(m)
			}
			values = append(values, value)
		}
		all = append(all, values)
	}
	return all
}
