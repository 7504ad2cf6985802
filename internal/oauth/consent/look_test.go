package consent

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
)

func TestStyle(t *testing.T) {
	look := Look{Accent: "#1f5fbf", AccentDark: "#8AB4F8"}
	want := ":root{--accent:#1f5fbf;--on-accent:#fff}\n@media (prefers-color-scheme:dark){:root{--accent:#8ab4f8;--on-accent:#000}}\n"
	if got := look.style(); !strings.HasPrefix(got, want) || got[len(want):] != styleSheet {
		t.Errorf("the style sheet begins %.200q", got)
	}
	for _, name := range []string{"prefers-color-scheme: dark", ":focus-visible", "--on-accent"} {
		if !strings.Contains(styleSheet, name) {
			t.Errorf("the style sheet lacks %s", name)
		}
	}
}

func TestNoColour(t *testing.T) {
	for _, text := range []string{"", "red", "#fff", "#xyzxyz", "}body{display:none", "url(https://evil.com)"} {
		if got := accent(text); got != "--accent:#000000;--on-accent:#fff" {
			t.Errorf("%q: %s", text, got)
		}
	}
	if got := accent("#1f5fbf}body{display:none"); got != "--accent:#1f5fbf;--on-accent:#fff" {
		t.Errorf("what follows a colour: %s", got)
	}
}

func TestLuminance(t *testing.T) {
	for text, want := range map[string]float64{"#000000": 0, "#ffffff": 1, "#ff0000": 0.2126, "#00ff00": 0.7152, "#0000ff": 0.0722, "#808080": 0.2159, "#0a0a0a": 0.0030} {
		if got := parseColor(t, text).luminance(); math.Abs(got-want) > 0.0001 {
			t.Errorf("%s: %f, want %f", text, got, want)
		}
	}
}

// Text on any accent colour can be read (WCAG 2.2 §1.4.3).
func TestInkIsReadable(t *testing.T) {
	for red := 0; red < 256; red += 5 {
		for green := 0; green < 256; green += 5 {
			for blue := 0; blue < 256; blue += 5 {
				c := color{uint8(red), uint8(green), uint8(blue)}
				ink := map[string]color{"#000": {}, "#fff": {255, 255, 255}}[c.ink()]
				if got := contrast(ink, c); got < 4.5 {
					t.Fatalf("%v: %s has a contrast of %f", c, c.ink(), got)
				}
			}
		}
	}
}

// Our own colours can be read on each other, and what can be pressed or filled
// in can be seen (WCAG 2.2 §1.4.11).
func TestPalette(t *testing.T) {
	names := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)
	light, dark, _ := strings.Cut(styleSheet, "@media")
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		colors := map[string]color{}
		for _, found := range names.FindAllStringSubmatch(text, -1) {
			colors[found[1]] = parseColor(t, found[2])
		}
		for _, test := range []struct {
			ink, ground string
			least       float64
		}{
			{"text", "ground", 4.5}, {"text", "card", 4.5}, {"soft", "card", 4.5}, {"alarm", "alarm-ground", 4.5},
			{"edge", "card", 3}, {"alarm", "card", 3},
		} {
			ink, known := colors[test.ink]
			ground, knownToo := colors[test.ground]
			if got := contrast(ink, ground); !known || !knownToo || got < test.least {
				t.Errorf("%s: %s on %s has a contrast of %f, want %f", scheme, test.ink, test.ground, got, test.least)
			}
		}
	}
}

func parseColor(t *testing.T, text string) (c color) {
	t.Helper()
	if _, err := fmt.Sscanf(text, "#%02x%02x%02x", &c[0], &c[1], &c[2]); err != nil {
		t.Fatal(err)
	}
	return c
}

func contrast(a, b color) float64 {
	darker, lighter := min(a.luminance(), b.luminance()), max(a.luminance(), b.luminance())
	return (lighter + 0.05) / (darker + 0.05)
}
