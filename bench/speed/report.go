package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gatehouse/bench/contender"
	"gatehouse/bench/page"
	"gatehouse/bench/stats"
	"gatehouse/bench/svg"
)

// promise is what ours may take at most, times what by takes.
type promise struct {
	work, title, by string
	most            float64
}

func promises() []promise {
	return []promise{
		{contender.SignedGet, "OAuth 1.0 GET with 4 query parameters, base string 401 B, in memory", limit, 2.5},
		{contender.SignedForm, "OAuth 1.0 POST of a form with 10, base string 704 B, in memory", limit, 2.5},
		{contender.Bearer, "bearer token, in memory", "ory/fosite", .2},
		{contender.Authorizer, "event of an authorizer to its policy, with a bearer token, in memory", limit, 2},
		{contender.SlowStore, "OAuth 1.0 check on a store whose reads take 3 ms and writes 5 ms, time that passes", inTurn, .66},
	}
}

// sections are all that is made of the page.
func (r *results) sections() []page.Section {
	return []page.Section{
		{Name: "promises", Text: r.promisesText()},
		{Name: "peers", Text: r.peersText()},
		{Name: "round-trips", Text: r.tripsText()},
		{Name: "starts", Text: r.startsText()},
		{Name: "first-requests", Text: r.firstsText()},
		{Name: "measured", Text: r.measuredText()},
	}
}

func (r *results) promisesText() string {
	rows := [][]string{{"what", "against", "may take", "takes", ""}}
	for _, p := range promises() {
		took := r.ratio(p.work, ours, p.by)
		rows = append(rows, []string{p.title, p.by, fmt.Sprintf("%v ×", p.most), took.String() + " ×", kept(took.Median <= p.most)})
	}
	return page.Table(slices.Concat(rows, r.tripPromises(), r.startPromises(), r.firstPromises())...)
}

func kept(is bool) string {
	if is {
		return "kept"
	}
	return "**not yet**"
}

func (r *results) peersText() string {
	var b strings.Builder
	for i, p := range promises() {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s:\n\n%s", upper(p.title), r.workText(p.work))
	}
	return b.String()
}

// upper begins a sentence.
func upper(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// workText is fastest first.
func (r *results) workText(work string) string {
	rows := [][]string{{"program", "µs", "allocations", "× limit", "Gatehouse takes of it"}}
	all := slices.DeleteFunc(programs(), func(p program) bool { return r.of(work, p.name) == nil })
	slices.SortStableFunc(all, func(a, b program) int {
		return cmp.Compare(r.ratio(work, a.name, limit).Median, r.ratio(work, b.name, limit).Median)
	})
	for _, p := range all {
		m := r.of(work, p.name)
		row := []string{p.label(), stats.Digits(stats.Of(m.Nanoseconds).Median / 1000), "", r.ratio(work, p.name, limit).String(),
			r.ratio(work, ours, p.name).String()}
		if m.Allocations != nil {
			row[2] = svg.Count(*m.Allocations)
		}
		if p.name == limit {
			row[3] = "1"
		}
		if p.name == ours {
			row[4] = ""
		}
		rows = append(rows, row)
	}
	return page.Table(rows...)
}

// label is the name with version and language, where it has them.
func (p *program) label() string {
	switch p.name {
	case limit:
		return "limit"
	case ours:
		return "**Gatehouse**"
	case inTurn:
		return inTurn
	}
	return fmt.Sprintf("%s %s, %s", p.name, p.version, p.language)
}

func (r *results) measuredText() string {
	return fmt.Sprintf("Measured on %s by `make bench`: %s; %d rounds.\n", r.Date, r.Machine, r.Rounds)
}

// plots are the files by name.
func (r *results) plots() map[string]string {
	series := []promise{promises()[0], promises()[1], promises()[2]}
	d := svg.Dots{Title: "How many times as long as the limit each takes, in memory",
		About: "The verification of OAuth 1.0 requests and of bearer tokens by each program, against the HMAC that none can do without.",
		Axis:  "times the limit, medians of paired ratios", Series: []string{"OAuth 1.0 GET", "OAuth 1.0 form", "bearer token"},
		From: 1, To: 1000, Mark: 1, MarkName: "the limit"}
	for _, p := range programs() {
		if p.name == limit || p.name == inTurn {
			continue
		}
		row := svg.DotRow{Name: strings.ReplaceAll(p.label(), "*", "")}
		for _, s := range series {
			value := r.ratio(s.work, p.name, limit).Median
			if math.IsNaN(value) {
				value = 0
			}
			row.Values = append(row.Values, value)
		}
		d.Rows = append(d.Rows, row)
	}
	return map[string]string{"speed.svg": d.Draw()}
}
