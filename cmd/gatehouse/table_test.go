package main

import (
	"bytes"
	"testing"
)

func TestColumns(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "東京": 4, "e\u0301": 1, "Zoë": 3, "\u200d": 0, "ﾊ": 1, "Ａ": 2} {
		if got := columnsOf(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		text string
		most int
		want string
	}{{"abc", 0, "abc"}, {"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"東京都", 5, "東京…"}, {"東京都", 4, "東…"}, {"abc", 1, "…"}} {
		if got := cut(test.text, test.most); got != test.want || test.most > 0 && columnsOf(got) > test.most {
			t.Errorf("%q cut to %d: %q, want %q", test.text, test.most, got, test.want)
		}
	}
}

// A name that somebody gave themselves does nothing to an operator's terminal.
func TestTableShowsNothingThatActs(t *testing.T) {
	var out bytes.Buffer
	table := &table{out: &out}
	table.row("\x1b[2Jalice\u202e\r\n", "x\xff")
	table.row("東", "y")
	if err := table.flush(); err != nil || out.String() != "?[2Jalice???  x?\n東            y\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}
