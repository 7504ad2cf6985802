package svg

import (
	"math"
	"strconv"
)

// Lines are plots beside each other, of the same series. Across, each step is
// as many times the one before; upwards each line of the grid is.
type Lines struct {
	Title, About string
	Series       []string // four at most; the last of four is the limit, and dashed
	Across       []float64
	AcrossName   string
	Plots        []Plot
}

// Plot has, for each series, a value for each step across, 0 for none.
type Plot struct {
	Name     string
	From, To float64 // of the scale upwards
	Times    float64 // from one line of the grid to the next
	Values   [][]float64
}

// Where the plots are, in pixels.
const (
	linesAbove  = 96.0
	linesHeight = 210.0
	linesLeft   = 64.0
	linesGap    = 18.0
)

// lineStyle has what other drawings need no class for.
const lineStyle = `<style>
	.line0 { stroke: #1f5fbf } .line1 { stroke: #2b7a3f } .line2 { stroke: #b7700b }
	.line0, .line1, .line2 { stroke-width: 1.5 }
	@media (prefers-color-scheme: dark) {
		.line0 { stroke: #8ab4f8 } .line1 { stroke: #7fc796 } .line2 { stroke: #f2b866 }
	}
</style>
`

// Draw is the whole file.
func (l *Lines) Draw() string {
	c := New(panelsWidth, linesAbove+linesHeight+52, l.Title, l.About)
	c.body.WriteString(lineStyle)
	c.Text("name", panelsMargin, 26, Start, l.Title)
	for i, name := range l.Series {
		x := panelsMargin + 150*float64(i)
		if i < limitSeries {
			c.Mark(Shape(i), x+6, 48)
		} else {
			c.Line("limit", x-2, 48, x+14, 48)
		}
		c.Text("", x+20, 52, Start, name)
	}
	wide := (panelsWidth - panelsMargin) / float64(len(l.Plots))
	for i := range l.Plots {
		l.plot(c, &l.Plots[i], wide*float64(i)+linesLeft, wide-linesLeft-linesGap)
	}
	return c.String()
}

// limitSeries is the number of the series that is the limit.
const limitSeries = 3

func (l *Lines) plot(c *Canvas, p *Plot, left, width float64) {
	bottom := linesAbove + linesHeight
	c.Text("name", left, linesAbove-14, Start, p.Name)
	for at := p.From; at <= p.To*1.001; at *= p.Times {
		c.Line("grid", left, p.y(at), left+width, p.y(at))
		c.Text("soft", left-8, p.y(at)+4, End, short(at))
	}
	for _, at := range l.Across {
		c.Line("grid", l.x(at, left, width), linesAbove, l.x(at, left, width), bottom)
		c.Text("soft", l.x(at, left, width), bottom+16, Middle, short(at))
	}
	c.Text("soft", left+width, bottom+36, End, l.AcrossName)
	for i, values := range p.Values {
		l.series(c, p, i, values, left, width)
	}
}

func (l *Lines) series(c *Canvas, p *Plot, number int, values []float64, left, width float64) {
	class := "limit"
	if number < limitSeries {
		class = "line" + strconv.Itoa(number)
	}
	before := -1
	for i, value := range values {
		if value == 0 {
			continue
		}
		if before >= 0 {
			c.Line(class, l.x(l.Across[before], left, width), p.y(values[before]), l.x(l.Across[i], left, width), p.y(value))
		}
		before = i
		if number < limitSeries {
			c.Mark(Shape(number), l.x(l.Across[i], left, width), p.y(value))
		}
	}
}

func (l *Lines) x(value, left, width float64) float64 {
	from, to := l.Across[0], l.Across[len(l.Across)-1]
	return left + width*math.Log(value/from)/math.Log(to/from)
}

// y stays within the plot.
func (p *Plot) y(value float64) float64 {
	share := math.Log(value/p.From) / math.Log(p.To/p.From)
	return linesAbove + linesHeight*(1-min(max(share, 0), 1))
}

// short is a number of a scale.
func short(v float64) string {
	if v >= 1 && v == math.Trunc(v) {
		return Count(v)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
