package oauth

import (
	"errors"
	"testing"
)

func FuzzParseCursor(f *testing.F) {
	whole := Cursor{Created: Milli(instant), ID: SessionID{1, 2, 3}}
	for _, seed := range []string{whole.String(), "", "AAAA", "!", whole.String() + "A", whole.String()[1:], "\n" + whole.String()} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cursor, err := ParseCursor(text)
		if err != nil {
			if !errors.Is(err, ErrNotFound) {
				t.Fatalf("ParseCursor(%q): %v, want ErrNotFound", text, err)
			}
			return
		}
		if got := cursor.String(); got != text {
			t.Fatalf("ParseCursor(%q) prints as %q", text, got)
		}
	})
}

func TestCursorRoundTrip(t *testing.T) {
	want := Cursor{Created: Milli(instant), ID: SessionID{1, 2, 3}}
	got, err := ParseCursor(want.String())
	if err != nil || got != want {
		t.Errorf("ParseCursor: %v, %v, want %v", got, err, want)
	}
}
