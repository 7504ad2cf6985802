// Package svg draws plots that can be read on light and dark grounds, in files
// that stay the same where their numbers do.
package svg

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// style has the colours of docs/architecture.svg.
const style = `<style>
	.ground { fill: #ffffff }
	.good { fill: #1f5fbf }
	.faint { fill: #1f5fbf; fill-opacity: .3 }
	.bad { fill: #c0392b }
	.other { fill: #2b7a3f }
	.third { fill: #b7700b }
	.axis { stroke: #9aa1ab; stroke-width: 1 }
	.grid { stroke: #d9dde3; stroke-width: 1 }
	.limit { stroke: #c0392b; stroke-width: 1.5; stroke-dasharray: 5 3 }
	text { fill: #1b1e22; font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
	.name { font-weight: 600 }
	.soft { fill: #555b63; font-size: 11.5px }
	.warn { fill: #a93226; font-size: 11.5px }
	@media (prefers-color-scheme: dark) {
		.ground { fill: #131519 }
		.good, .faint { fill: #8ab4f8 }
		.bad { fill: #f28b82 }
		.other { fill: #7fc796 }
		.third { fill: #f2b866 }
		.axis { stroke: #6b727c }
		.grid { stroke: #2c3138 }
		.limit { stroke: #f28b82 }
		text { fill: #e9ebee }
		.soft { fill: #a9b0b8 }
		.warn { fill: #f28b82 }
	}
</style>
`

// Anchor is which end of a text is at its place.
type Anchor string

// The anchors, as SVG calls them.
const (
	Start  Anchor = "start"
	Middle Anchor = "middle"
	End    Anchor = "end"
)

// Canvas is a drawing under way, in pixels from its top left.
type Canvas struct {
	body          strings.Builder
	title, about  string
	width, height float64
}

// New begins a drawing; title and about are for those who can't see it.
func New(width, height float64, title, about string) *Canvas {
	c := &Canvas{title: title, about: about, width: width, height: height}
	c.Rect("ground", 0, 0, width, height)
	return c
}

// Rect fills a rectangle in the colours of class.
func (c *Canvas) Rect(class string, x, y, width, height float64) {
	fmt.Fprintf(&c.body, "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>\n",
		class, pixels(x), pixels(y), pixels(width), pixels(height))
}

// Line draws a line from one point to another.
func (c *Canvas) Line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&c.body, "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n",
		class, pixels(x1), pixels(y1), pixels(x2), pixels(y2))
}

// Text writes one line, y being that on which letters stand.
func (c *Canvas) Text(class string, x, y float64, anchor Anchor, text string) {
	fmt.Fprintf(&c.body, "<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n",
		class, pixels(x), pixels(y), anchor, html.EscapeString(text))
}

// Shape is the mark of a series. Each has a colour of its own, and they differ
// in form for those who can't tell colours apart.
type Shape int

// The shapes.
const (
	Circle Shape = iota
	Square
	Diamond
)

// Mark draws a shape around a point.
func (c *Canvas) Mark(shape Shape, x, y float64) {
	const r = 5.5
	switch shape {
	case Circle:
		fmt.Fprintf(&c.body, "<circle class=\"good\" cx=\"%s\" cy=\"%s\" r=\"%s\"/>\n", pixels(x), pixels(y), pixels(r))
	case Square:
		c.Rect("other", x-r+.5, y-r+.5, 2*r-1, 2*r-1)
	case Diamond:
		fmt.Fprintf(&c.body, "<path class=\"third\" d=\"M%s %sl%s %sl%s %sl%s %sz\"/>\n", pixels(x), pixels(y-r-1),
			pixels(r+1), pixels(r+1), pixels(-r-1), pixels(r+1), pixels(-r-1), pixels(-r-1))
	}
}

// String is the whole file.
func (c *Canvas) String() string {
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\" role=\"img\" aria-labelledby=\"title about\">\n",
		pixels(c.width), pixels(c.height)) +
		fmt.Sprintf("<title id=\"title\">%s</title>\n<desc id=\"about\">%s</desc>\n", html.EscapeString(c.title), html.EscapeString(c.about)) +
		style + c.body.String() + "</svg>\n"
}

// pixels has one decimal at most, which no eye can tell from more.
func pixels(v float64) string {
	text := strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	if text == "-0" {
		return "0"
	}
	return text
}

// Count writes a whole number as people read it, in groups of three.
func Count(v float64) string {
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return sign + digits
}
