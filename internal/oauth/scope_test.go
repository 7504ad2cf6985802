package oauth

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func manyScopes(n int) string {
	tokens := make([]string, n)
	for i := range tokens {
		tokens[i] = fmt.Sprint("s", i)
	}
	return strings.Join(tokens, " ")
}

// RFC 6749 §3.3
func TestParseScope(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"read", []string{"read"}},
		{"write read", []string{"write", "read"}},
		{"read read write read", []string{"read", "write"}},
		{"https://example.com/a:b", []string{"https://example.com/a:b"}},
		{"!#[]~", []string{"!#[]~"}},
		{manyScopes(MaxScope), strings.Split(manyScopes(MaxScope), " ")},
	} {
		if got, ok := ParseScope(test.text); !ok || !slices.Equal(got, test.want) {
			t.Errorf("ParseScope(%.40q) = %q, %v, want %q", test.text, got, ok, test.want)
		}
	}
	bad := []string{" ", " read", "read ", "read  write", "read\twrite", "read\n", `"read"`, `re\ad`, "réad", "read\x00", "read\x7f",
		"read,write\u00a0x", "\xff", manyScopes(MaxScope + 1), strings.Repeat("a ", 1<<16) + "a"}
	for _, text := range bad {
		if got, ok := ParseScope(text); ok || got != nil {
			t.Errorf("ParseScope(%.40q) = %q, %v, want a refusal", text, got, ok)
		}
	}
}

// Every byte but those of scope-token and the separator is refused.
func TestScopeTokenCharacters(t *testing.T) {
	for c := range 256 {
		_, ok := ParseScope("a" + string([]byte{byte(c)}) + "b")
		want := c == 0x20 || c == 0x21 || 0x23 <= c && c <= 0x5B || 0x5D <= c && c <= 0x7E
		if ok != want {
			t.Errorf("byte %#x: accepted %v, want %v", c, ok, want)
		}
	}
}

func TestCovers(t *testing.T) {
	granted := []string{"read", "write"}
	for wanted, want := range map[string]bool{"": true, "read": true, "write read": true, "admin": false, "read admin": false, "rea": false} {
		tokens, _ := ParseScope(wanted)
		if got := Covers(granted, tokens); got != want {
			t.Errorf("%v covers %q: %v, want %v", granted, wanted, got, want)
		}
	}
	if Covers(nil, []string{"read"}) || !Covers(nil, nil) {
		t.Error("nothing granted covers nothing and only that")
	}
}

func FuzzParseScope(f *testing.F) {
	for _, seed := range []string{"", "read", "read write", "a a", " a", "a  b", "\"", "\\", "\xff", "ü"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens, ok := ParseScope(text)
		if !ok {
			return
		}
		again, ok := ParseScope(FormatScope(tokens))
		if !ok || !slices.Equal(again, tokens) {
			t.Fatalf("ParseScope(%q) = %q, printed and parsed again %q", text, tokens, again)
		}
		if !Covers(tokens, again) || len(tokens) > MaxScope {
			t.Fatalf("%d tokens %q", len(tokens), tokens)
		}
	})
}
