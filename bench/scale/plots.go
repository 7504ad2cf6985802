package main

import (
	"fmt"
	"math"

	"gatehouse/bench/svg"
)

// plots are the files by name.
func (r *results) plots() map[string]string {
	return map[string]string{
		"scale-nonces.svg":   r.noncesPlot(),
		"scale-sessions.svg": r.sessionsPlot(),
		"scale-limits.svg":   limitsPlot(),
	}
}

func (r *results) noncesPlot() string {
	p := svg.Panels{
		Title: fmt.Sprintf("Writes a second to each of %d partitions, by what a nonce is kept by", grown),
		About: "By the hash of all four parts every partition gets about the same, whoever sends. By timestamp, token or client " +
			"one partition gets nearly all of it.",
		Top: rate, Limit: partitionWrites, LimitName: "what a partition serves; red is refused",
	}
	p.Columns, p.Rows = panels(r.nonces, nonceDesigns())
	return p.Draw()
}

func (r *results) sessionsPlot() string {
	p := svg.Panels{
		Title: fmt.Sprintf("Read units a second from each of %d partitions, by what a session is kept by", fresh),
		About: "By session id the partitions get about the same, unless one token has most of the traffic. By user it is the same. " +
			"By client one partition gets nearly all of it.",
		Top: rate * checkRead, Limit: partitionReads, LimitName: "what a partition serves; red is refused",
	}
	p.Columns, p.Rows = panels(r.sessions, sessionDesigns())
	return p.Draw()
}

func panels(g grid, designs []design) (columns []string, rows []svg.Row) {
	for _, d := range designs {
		columns = append(columns, d.name)
	}
	for i, s := range skews() {
		row := svg.Row{Name: s.name}
		for _, o := range g[i] {
			row.Cells = append(row.Cells, cell(o))
		}
		rows = append(rows, row)
	}
	return columns, rows
}

func cell(o outcome) svg.Cell {
	c := svg.Cell{Note: "at most " + svg.Count(o.peak())}
	if o.refused() > 0 {
		c.Note, c.Bad = svg.Count(o.peak())+", "+percent(o.refused())+" refused", true
	}
	for i := range o.perSecond[0] {
		c.Bars = append(c.Bars, svg.Bar{Typical: o.mean(i), Peak: o.highest(i)})
	}
	return c
}

// shown are the mixes of the plot of limits, by name.
func shown() []string { return []string{"OAuth 1.0", "bearer tokens", "nothing but passwords"} }

// reach is the rate at which a limit is reached by requests that take u each; 0
// where they never do.
type reach struct {
	name string
	at   func(u units) float64
}

func reaches() []reach {
	return []reach{
		{"a new table", func(u units) float64 { return u.bites(newReads, newWrites).rate }},
		{"a table, its quota", func(u units) float64 { return u.bites(tableUnits, tableUnits).rate }},
		{"API Gateway, newer Regions", func(units) float64 { return gatewayNewer }},
		{"API Gateway", func(units) float64 { return gatewayRequests }},
		{"Lambda, your function behind the check", func(u units) float64 { return where(u.sessionReads, lambdaRequests/2) }},
		{"Lambda", func(units) float64 { return lambdaRequests }},
		{"one token, in one item", func(u units) float64 { return where(u.sessionReads, partitionReads/u.sessionReads) }},
		{"one user or address that signs in", func(u units) float64 { return where(u.indexWrites, partitionWrites/u.indexWrites) }},
	}
}

// where is rate where units are taken at all, else 0.
func where(units, rate float64) float64 {
	if units == 0 {
		return 0
	}
	return rate
}

func limitsPlot() string {
	d := svg.Dots{
		Title:  "At how many requests a second each limit is reached",
		About:  "Of a new table the writes come first, below ten thousand requests; then API Gateway and Lambda at ten thousand; then the quotas of tables.",
		Axis:   "requests a second",
		Series: shown(), From: 100, To: 100_000, Mark: rate, MarkName: svg.Count(rate),
	}
	for _, r := range reaches() {
		row := svg.DotRow{Name: r.name}
		for _, m := range mixes() {
			for i, name := range shown() {
				if m.name == name {
					row.Values = append(row.Values, make([]float64, max(0, i+1-len(row.Values)))...)
					row.Values[i] = r.at(m.perRequest())
				}
			}
		}
		d.Rows = append(d.Rows, row)
	}
	return d.Draw()
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", math.Ceil(share*100)) }
