package svg

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
)

func TestPlotsAreWellFormedAndStayWithin(t *testing.T) {
	panels := Panels{Title: "a < b & c", About: `"x"`, Columns: []string{"one", "two"}, Top: 10, Limit: 4, LimitName: "limit",
		Rows: []Row{{"row", []Cell{{Bars: []Bar{{2, 3}, {5, 99}}, Note: "n", Bad: true}, {Bars: []Bar{{0, 0}}}}}}}
	dots := Dots{Title: "a < b", Series: []string{"s", "t", "u"}, From: 1, To: 100, Mark: 10, MarkName: "ten",
		Rows: []DotRow{{"all at one", []float64{10, 10, 10}}, {"none", []float64{0, 0, 0}}}}
	lines := Lines{Title: "a < b", Series: []string{"s", "t", "u", "the limit"}, Across: []float64{1, 8, 64}, AcrossName: "x", Plots: []Plot{
		{"one", .1, 10, 10, [][]float64{{.1, 0, 10}, {1, 1, 1}, {0, 0, 0}, {.001, 5, 1000}}}, {"two", 1, 4, 2, nil}}}
	for name, plot := range map[string]string{"panels": panels.Draw(), "dots": dots.Draw(), "lines": lines.Draw()} {
		decoder, shapes := xml.NewDecoder(strings.NewReader(plot)), 0
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			element, ok := token.(xml.StartElement)
			if !ok || element.Name.Local == "svg" {
				continue
			}
			shapes++
			for _, attribute := range element.Attr {
				value, err := strconv.ParseFloat(attribute.Value, 64)
				if err == nil && (value < 0 || value > panelsWidth) {
					t.Errorf("%s: %s of %s is %v", name, attribute.Name.Local, element.Name.Local, value)
				}
			}
		}
		if shapes < 10 {
			t.Errorf("%s has only %d shapes", name, shapes)
		}
	}
}

func TestBarsAreBadAboveTheLimitOnly(t *testing.T) {
	plot := func(peak float64) string {
		p := Panels{Columns: []string{"c"}, Top: 10, Limit: 4, Rows: []Row{{"r", []Cell{{Bars: []Bar{{1, peak}}}}}}}
		return p.Draw()
	}
	if strings.Contains(plot(4), `class="bad"`) || !strings.Contains(plot(4.5), `class="bad"`) {
		t.Error("what is bad is not what is above the limit")
	}
}

func TestLinesLeaveOutWhatWasNotMeasured(t *testing.T) {
	l := Lines{Series: []string{"s"}, Across: []float64{1, 10, 100}, Plots: []Plot{{"p", 1, 100, 10, [][]float64{{1, 0, 100}}}}}
	plot := l.Draw()
	if marks, lines := strings.Count(plot, "<circle"), strings.Count(plot, `class="line0"`); marks != 3 || lines != 1 {
		t.Errorf("%d marks, one of them in the legend, and %d lines:\n%s", marks, lines, plot)
	}
}

func TestMarksOfOnePlaceAreApart(t *testing.T) {
	d := Dots{Series: []string{"s", "t"}, From: 1, To: 100, Mark: 10, Rows: []DotRow{{"r", []float64{10, 10}}}}
	plot := d.Draw()
	if !strings.Contains(plot, `cy="96"`) || !strings.Contains(plot, `y="101"`) {
		t.Errorf("the marks are not one above the other:\n%s", plot)
	}
}

func TestCount(t *testing.T) {
	for value, want := range map[float64]string{0: "0", 7: "7", 999.6: "1,000", 1234567: "1,234,567", -1234: "-1,234", -123: "-123", 100: "100"} {
		if got := Count(value); got != want {
			t.Errorf("%v is %s, want %s", value, got, want)
		}
	}
}

func TestPixels(t *testing.T) {
	for value, want := range map[float64]string{0: "0", -0.01: "0", 1.25: "1.2", 10: "10", 3.96: "4", -1.5: "-1.5"} {
		if got := pixels(value); got != want {
			t.Errorf("%v is %s, want %s", value, got, want)
		}
	}
}
