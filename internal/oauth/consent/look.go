package consent

import (
	_ "embed" // style.css
	"fmt"
	"math"
)

// Look is what the operator decides of the pages.
type Look struct {
	Name       string            // of the service whose account the user has
	LogoURL    string            // https; empty: none
	Accent     string            // colour of the main button and of the line on top, #rrggbb
	AccentDark string            // the same on a dark background
	Scopes     map[string]string // what each scope means, for people
}

//go:embed pages/style.css
var styleSheet string

// style is the style sheet of the pages, the operator's colours included.
func (l *Look) style() string {
	return fmt.Sprintf(":root{%s}\n@media (prefers-color-scheme:dark){:root{%s}}\n%s",
		accent(l.Accent), accent(l.AccentDark), styleSheet)
}

// accent sets the variables of an accent colour, and of the text on it. What
// is no colour becomes black: nothing else gets into the style sheet.
func accent(text string) string {
	var c color
	if _, err := fmt.Sscanf(text, "#%02x%02x%02x", &c[0], &c[1], &c[2]); err != nil {
		c = color{}
	}
	return fmt.Sprintf("--accent:#%02x%02x%02x;--on-accent:%s", c[0], c[1], c[2], c.ink())
}

// color is red, green and blue.
type color [3]uint8

// ink is the colour of text on c, of black and white the one with more
// contrast. That is 4.58:1 at the least, and WCAG 2.2 §1.4.3 wants 4.5:1.
func (c color) ink() string {
	light := c.luminance()
	if (light+0.05)/0.05 > 1.05/(light+0.05) {
		return "#000"
	}
	return "#fff"
}

// luminance is the relative luminance of WCAG 2.2, from 0 to 1.
func (c color) luminance() float64 {
	var linear [3]float64
	for i, part := range c {
		share := float64(part) / 255
		linear[i] = share / 12.92
		if share > 0.04045 {
			linear[i] = math.Pow((share+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
}
