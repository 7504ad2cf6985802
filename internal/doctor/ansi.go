package doctor

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// ansiEscape takes what is behind a backslash in $'…', as bash has it. Browsers
// write all but printable ASCII so, and ! as \u0021 or \041.
func ansiEscape(s *shell) string {
	if n, is := s.number(8, 3); is {
		return string([]byte{byte(n)}) // #nosec G115 -- more than a byte wraps, as in bash
	}
	c := s.take(1)
	switch c {
	case "x":
		if n, is := s.number(16, 2); is {
			return string([]byte{byte(n)}) // #nosec G115 -- two hexadecimal digits
		}
	case "u":
		if n, is := s.number(16, 4); is {
			return s.character(rune(n)) // #nosec G115 -- four hexadecimal digits
		}
	case "U":
		if n, is := s.number(16, 8); is {
			return string(rune(n)) // #nosec G115 -- what is no character becomes U+FFFD
		}
	case "'", `"`, `\`, "?", "!":
		return c
	}
	const names, meant = "abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v"
	if at := strings.Index(names, c); at >= 0 {
		return meant[at : at+1]
	}
	return `\` + c
}

// number takes a number of at most most digits; is tells whether there is one.
func (s *shell) number(base, most int) (n uint64, is bool) {
	digits := 0
	for digits < min(most, len(s.rest)) {
		value, err := strconv.ParseUint(s.rest[digits:digits+1], base, 8)
		if err != nil {
			break
		}
		n = n*uint64(base) + value // #nosec G115 -- base is 8 or 16
		digits++
	}
	s.take(digits)
	return n, digits > 0
}

// character is what \u and its digits stand for. Browsers write what is beyond
// 16 bits as the two halves of UTF-16, and send one character.
func (s *shell) character(c rune) string {
	rest, more := strings.CutPrefix(s.rest, `\u`)
	if !utf16.IsSurrogate(c) || !more {
		return string(c)
	}
	behind := shell{rest: rest}
	low, _ := behind.number(16, 4)
	if both := utf16.DecodeRune(c, rune(low)); both != '\uFFFD' { // #nosec G115 -- four hexadecimal digits
		s.rest = behind.rest
		return string(both)
	}
	return string(c)
}
