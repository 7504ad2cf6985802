package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gatehouse/bench/svg"
)

// section is a part of the page that is made here.
type section struct{ name, text string }

// sections are all that is made, in the order of the page.
func (r *results) sections() []section {
	return []section{
		{"nonces", r.nonces.text(nonceDesigns())},
		{"sessions", r.sessions.text(sessionDesigns())},
		{"sign-ins", r.signInsText()},
		{"units", unitsText()},
		{"rates", ratesText()},
		{"keys", keysText()},
		{"limits", limitsText()},
	}
}

// tableOf is a table of Markdown.
func tableOf(rows ...[]string) string {
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
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
	return tableOf(append(rows, need)...)
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
	return tableOf(rows...)
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
	return tableOf(rows...)
}

func ratesText() string {
	rows := [][]string{{"requests", "a new table refuses above", "first to", "its quota ends at", fmt.Sprintf("minutes until %s a second", svg.Count(rate))}}
	for _, m := range mixes() {
		u := m.perRequest()
		first, quota := u.bites(newReads, newWrites), u.bites(tableUnits, tableUnits)
		rows = append(rows, []string{m.name, reached(first.rate), first.table, reached(quota.rate), fmt.Sprint(u.warming())})
	}
	return tableOf(rows...)
}

// reached is a rate in full hundreds, rounded down.
func reached(rate float64) string { return svg.Count(math.Floor(rate/100) * 100) }

func keysText() string {
	rows := [][]string{{"one key", "serves", "the knob"}}
	for _, l := range lones() {
		rows = append(rows, []string{l.what, l.serves, l.knob})
	}
	return tableOf(rows...)
}

func limitsText() string {
	rows := [][]string{{"limit", "where nothing was raised", "what hits it", "the knob", "source"}}
	for _, l := range limits() {
		rows = append(rows, []string{l.what, l.value, l.hits, l.knob, l.source})
	}
	return tableOf(rows...)
}

// fill puts sections into a page, between their markers. Each must be there
// once, and no other.
func fill(page string, all []section) (string, error) {
	for _, s := range all {
		begin, end := marker("begin", s.name), marker("end", s.name)
		before, rest, found := strings.Cut(page, begin)
		_, after, ended := strings.Cut(rest, end)
		if !found || !ended {
			return "", fmt.Errorf("the page has no %s … %s", begin, end)
		}
		page = before + begin + "\n" + s.text + end + after
	}
	names := slices.Collect(func(yield func(string) bool) {
		for _, s := range all {
			yield(s.name)
		}
	})
	if n := strings.Count(page, "<!-- begin "); n != len(all) {
		return "", fmt.Errorf("the page has %d sections, not %d: %v", n, len(all), names)
	}
	return page, nil
}

func marker(what, name string) string { return fmt.Sprintf("<!-- %s %s -->", what, name) }
