package oauth

import (
	"strings"
	"testing"
	"time"
)

func TestSessionIDHasOneSpelling(t *testing.T) {
	id := SessionID{1, 2, 3, 255}
	text := id.String()
	if got, err := ParseSessionID(text); err != nil || got != id {
		t.Fatalf("ParseSessionID(%q) = %v, %v", text, got, err)
	}
	bad := []string{"", text[:21], text + "A", text + "=", text + "\n", text[:5] + "\r\n" + text[5:], " " + text,
		strings.Replace(text, text[:1], "+", 1), strings.Repeat("A", 24), text[:21] + "B", "\x00", strings.Repeat("A", 1<<16)}
	for _, text := range bad {
		if got, err := ParseSessionID(text); err == nil {
			t.Errorf("ParseSessionID(%.40q) = %v, want an error", text, got)
		}
	}
}

func FuzzParseSessionID(f *testing.F) {
	for _, seed := range []string{SessionID{}.String(), SessionID{255, 254}.String(), "", "A", "\n" + SessionID{}.String()} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseSessionID(text)
		if err == nil && id.String() != text {
			t.Fatalf("ParseSessionID(%q) prints as %q", text, id)
		}
	})
}

func TestExpired(t *testing.T) {
	for _, test := range []struct {
		name string
		end  time.Time
		want bool
	}{
		{"never", time.Time{}, false},
		{"just now", instant, true},
		{"a moment ago", instant.Add(-1), true},
		{"in a moment", instant.Add(1), false},
		{"the epoch", time.Unix(0, 0), true},
	} {
		if got := Expired(test.end, instant); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestTokenExpires(t *testing.T) {
	early, late := instant, instant.Add(time.Hour)
	for _, test := range []struct{ access, session, want time.Time }{
		{early, late, early},
		{time.Time{}, late, late},
		{early, time.Time{}, early},
		{time.Time{}, time.Time{}, time.Time{}},
	} {
		s := Session{AccessExpires: test.access, Expires: test.session}
		if got := s.TokenExpires(); !got.Equal(test.want) {
			t.Errorf("access %v, session %v: %v, want %v", test.access, test.session, got, test.want)
		}
	}
}

func TestZeroVerdictRefuses(t *testing.T) {
	if (Verdict{}).Allowed || Refuse(nil).Allowed || Refuse(Unauthorized(InvalidToken, "")).Allowed {
		t.Error("a verdict that nobody gave lets the request through")
	}
}
