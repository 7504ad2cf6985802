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

func TestKeyCursorRoundTrip(t *testing.T) {
	for _, key := range []string{"a", "user#Zoë & co", "\x00"} {
		if got, err := ParseKeyCursor(KeyCursor(key)); err != nil || got != key {
			t.Errorf("ParseKeyCursor: %q, %v, want %q", got, err, key)
		}
	}
	for _, text := range []string{"", "A", "!", "YQ==", "YQ\n", "YR"} {
		if got, err := ParseKeyCursor(text); !errors.Is(err, ErrNotFound) {
			t.Errorf("ParseKeyCursor(%q): %q, %v, want ErrNotFound", text, got, err)
		}
	}
}
