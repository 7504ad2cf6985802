package main

import (
	"fmt"
	"math"

	"gatehouse/bench/page"
	"gatehouse/bench/svg"
)

// sections are all that is made, in the order of the page.
func (r *results) sections() []page.Section {
	return []page.Section{
		{Name: "nonces", Text: r.nonces.text(nonceDesigns())},
		{Name: "sessions", Text: r.sessions.text(sessionDesigns())},
		{Name: "sign-ins", Text: r.signInsText()},
		{Name: "units", Text: unitsText()},
		{Name: "rates", Text: ratesText()},
		{Name: "keys", Text: keysText()},
		{Name: "limits", Text: limitsText()},
	}
}

// text has a row for each way to key, and the partitions that ours needs.
func (g grid) text(designs []design) string {
	head := []string{"kept by"}
	need := []string{"partitions needed, ours"}
	for i, s := range skews() {
		head = append(head, s.name)
		need = append(need, enough(g[i][0].fewest))
	}
	rows := [][]string{head}
	for j, d := range designs {
		row := []string{d.name}
		if j == 0 {
			row[0] = "**" + d.name + "**, ours"
		}
		for i := range g {
			row = append(row, fared(g[i][j]))
		}
		rows = append(rows, row)
	}
	return page.Table(append(rows, need)...)
}

func fared(o outcome) string {
	if o.refused() == 0 {
		return svg.Count(o.peak())
	}
	return fmt.Sprintf("%s, refused %s", svg.Count(o.peak()), percent(o.refused()))
}

func enough(partitions int) string {
	if partitions == 0 {
		return "no number helps"
	}
	return svg.Count(float64(partitions))
}

func (r *results) signInsText() string {
	rows := [][]string{{"who", "busiest counter", "busiest partition", "partitions needed"}}
	for i, c := range crowds() {
		o := r.signIns[i]
		rows = append(rows, []string{c.name, svg.Count(o.hottest), fared(o), enough(o.fewest)})
	}
	return page.Table(rows...)
}

func unitsText() string {
	rows := [][]string{{"requests", "reads of `SessionsTable`", "its writes", "writes of its index", "writes of `ReplayTable`", "reads of `RegistryTable`", "partitions of the busiest"}}
	for _, m := range mixes() {
		u := m.perRequest()
		row := []string{m.name}
		for _, each := range []float64{u.sessionReads, u.sessionWrites, u.indexWrites, u.replayWrites, u.registryReads} {
			row = append(row, svg.Count(each*rate))
		}
		rows = append(rows, append(row, fmt.Sprint(u.partitions())))
	}
	return page.Table(rows...)
}

func ratesText() string {
	rows := [][]string{{"requests", "a new table refuses above", "first to", "its quota ends at", fmt.Sprintf("minutes until %s a second", svg.Count(rate))}}
	for _, m := range mixes() {
		u := m.perRequest()
		first, quota := u.bites(newReads, newWrites), u.bites(tableUnits, tableUnits)
		rows = append(rows, []string{m.name, reached(first.rate), first.table, reached(quota.rate), fmt.Sprint(u.warming())})
	}
	return page.Table(rows...)
}

// reached is a rate in full hundreds, rounded down.
func reached(rate float64) string { return svg.Count(math.Floor(rate/100) * 100) }

func keysText() string {
	rows := [][]string{{"one key", "serves", "the knob"}}
	for _, l := range lones() {
		rows = append(rows, []string{l.what, l.serves, l.knob})
	}
	return page.Table(rows...)
}

func limitsText() string {
	rows := [][]string{{"limit", "where nothing was raised", "what hits it", "the knob", "source"}}
	for _, l := range limits() {
		rows = append(rows, []string{l.what, l.value, l.hits, l.knob, l.source})
	}
	return page.Table(rows...)
}
