package svg

import "math"

// Bar is one value of a panel: how high it is as a rule, and at its highest.
type Bar struct{ Typical, Peak float64 }

// Panels are small plots beside and below each other, all to one scale, so that
// they can be compared.
type Panels struct {
	Title, About string
	Columns      []string
	Rows         []Row
	Top          float64 // of the scale
	Limit        float64 // above it bars are bad
	LimitName    string
}

// Row is a line of panels, one for each column.
type Row struct {
	Name  string
	Cells []Cell
}

// Cell is one panel. Note is below it; a bad one is in the colour of what is
// wrong.
type Cell struct {
	Bars []Bar
	Note string
	Bad  bool
}

// Where the panels are, in pixels.
const (
	panelsWidth  = 920.0
	panelsLeft   = 150.0
	panelsAbove  = 62.0
	panelHeight  = 92.0
	panelsGap    = 18.0
	panelsPitch  = panelHeight + 42
	panelsMargin = 20.0
)

// Draw is the whole file.
func (p *Panels) Draw() string {
	c := New(panelsWidth, panelsAbove+panelsPitch*float64(len(p.Rows))+panelsMargin, p.Title, p.About)
	c.Text("name", panelsMargin, 26, Start, p.Title)
	wide := (panelsWidth - panelsLeft - panelsMargin) / float64(len(p.Columns))
	for i, name := range p.Columns {
		c.Text("name", panelsLeft+wide*float64(i), panelsAbove-10, Start, name)
	}
	for r, row := range p.Rows {
		top := panelsAbove + panelsPitch*float64(r)
		c.Text("", panelsMargin, top+panelHeight/2, Start, row.Name)
		for i, cell := range row.Cells {
			p.cell(c, cell, panelsLeft+wide*float64(i), top, wide-panelsGap)
		}
	}
	base := panelsAbove + panelHeight
	c.Text("soft", panelsLeft-6, base+4, End, "0")
	c.Text("soft", panelsLeft-6, panelsAbove+4, End, Count(p.Top))
	c.Text("warn", panelsLeft-6, math.Min(p.y(panelsAbove, p.Limit)+4, base-8), End, Count(p.Limit))
	c.Text("warn", panelsWidth-panelsMargin, 26, End, "- - "+p.LimitName)
	return c.String()
}

func (p *Panels) y(top, value float64) float64 {
	return top + panelHeight*(1-math.Min(value/p.Top, 1))
}

func (p *Panels) cell(c *Canvas, cell Cell, left, top, width float64) {
	wide := width / float64(len(cell.Bars))
	room := math.Min(wide-2, 26)
	base := top + panelHeight
	for i, bar := range cell.Bars {
		x := left + wide*float64(i) + (wide-room)/2
		column := func(class string, from, to float64) {
			if to > from {
				c.Rect(class, x, p.y(top, to), room, p.y(top, from)-p.y(top, to))
			}
		}
		within := math.Min(bar.Typical, p.Limit)
		column("good", 0, within)
		column("faint", within, math.Min(bar.Peak, p.Limit))
		column("bad", p.Limit, bar.Peak)
	}
	c.Line("axis", left, base, left+width, base)
	c.Line("limit", left, p.y(top, p.Limit), left+width, p.y(top, p.Limit))
	class := "soft"
	if cell.Bad {
		class = "warn"
	}
	c.Text(class, left, base+16, Start, cell.Note)
}
