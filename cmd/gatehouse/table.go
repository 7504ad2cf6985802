package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
	"golang.org/x/text/width"
)

// table writes rows for people in columns, which grow from page to page of a
// long list and never shrink.
type table struct {
	out     io.Writer
	columns []int // how wide each is so far
	most    int   // how wide a row may be, zero: as wide as it is
	rows    [][]string
}

// newTable makes a table with a heading. In a terminal its rows are cut to the
// width of that.
func (p *program) newTable(heading ...string) *table {
	t := &table{out: p.out}
	if file, ok := p.out.(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
			t.most = columns
		}
	}
	t.row(heading...)
	return t
}

func (t *table) row(cells ...string) {
	for i := range cells {
		cells[i] = shown(cells[i])
		if i == len(t.columns) {
			t.columns = append(t.columns, 0)
		}
		t.columns[i] = max(t.columns[i], columnsOf(cells[i]))
	}
	t.rows = append(t.rows, cells)
}

// flush writes the rows since the last flush.
func (t *table) flush() error {
	for _, cells := range t.rows {
		var line strings.Builder
		for i, cell := range cells {
			line.WriteString(cell + strings.Repeat(" ", t.columns[i]-columnsOf(cell)+2))
		}
		if _, err := fmt.Fprintln(t.out, cut(strings.TrimRight(line.String(), " "), t.most)); err != nil {
			return err
		}
	}
	t.rows = nil
	return nil
}

// shown is text without what would move a terminal's cursor or turn the
// direction of what follows.
func shown(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
			return '?'
		}
		return c
	}, strings.ToValidUTF8(text, "?"))
}

// columnsOf is how many columns of a terminal text takes: two for each character
// that is East Asian and wide (UAX #11), none for marks on the one before.
func columnsOf(text string) (columns int) {
	for _, c := range text {
		columns += columnsOfOne(c)
	}
	return columns
}

func columnsOfOne(c rune) int {
	switch kind := width.LookupRune(c).Kind(); {
	case unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut is text that takes at most most columns; zero: all of it.
func cut(text string, most int) string {
	if most == 0 || columnsOf(text) <= most {
		return text
	}
	taken := 0
	for i, c := range text {
		if taken += columnsOfOne(c); taken >= most {
			return text[:i] + "…"
		}
	}
	return text
}
