package svg

import "math"

// Dots are values of several series by name, on a scale where each line is ten
// times the one before.
type Dots struct {
	Title, About, Axis string
	Series             []string // three at most
	Rows               []DotRow
	From, To           float64 // of the scale, both powers of ten
	Mark               float64 // a line is drawn there
	MarkName           string
}

// DotRow has a value for each series, 0 for none.
type DotRow struct {
	Name   string
	Values []float64
}

// Where the rows are, in pixels.
const (
	dotsLeft  = 300.0
	dotsAbove = 84.0
	dotsPitch = 34.0
)

// Draw is the whole file.
func (d *Dots) Draw() string {
	bottom := dotsAbove + dotsPitch*float64(len(d.Rows))
	c := New(panelsWidth, bottom+52, d.Title, d.About)
	c.Text("name", panelsMargin, 26, Start, d.Title)
	for at := d.From; at <= d.To; at *= 10 {
		c.Line("grid", d.x(at), dotsAbove-8, d.x(at), bottom)
		c.Text("soft", d.x(at), bottom+16, Middle, Count(at))
	}
	c.Text("soft", d.x(d.To), bottom+36, End, d.Axis)
	c.Line("limit", d.x(d.Mark), dotsAbove-8, d.x(d.Mark), bottom)
	c.Text("warn", d.x(d.Mark), dotsAbove-14, Middle, d.MarkName)
	for i, name := range d.Series {
		x := panelsMargin + 160*float64(i)
		c.Mark(Shape(i), x+6, 48)
		c.Text("", x+18, 52, Start, name)
	}
	for r, row := range d.Rows {
		y := dotsAbove + dotsPitch*(float64(r)+.5)
		c.Text("", panelsMargin, y+4, Start, row.Name)
		c.Line("grid", d.x(d.From), y, d.x(d.To), y)
		d.row(c, row, y)
	}
	return c.String()
}

// row draws marks that would hide each other above and below the line.
func (d *Dots) row(c *Canvas, row DotRow, y float64) {
	for i, value := range row.Values {
		if value == 0 {
			continue
		}
		before, same := 0, 0
		for j, other := range row.Values {
			if other != 0 && math.Abs(d.x(other)-d.x(value)) < 10 {
				same++
				if j < i {
					before++
				}
			}
		}
		c.Mark(Shape(i), d.x(value), y+10*(float64(before)-float64(same-1)/2))
	}
}

func (d *Dots) x(value float64) float64 {
	share := math.Log10(value/d.From) / math.Log10(d.To/d.From)
	return dotsLeft + (panelsWidth-dotsLeft-40)*share
}
