package oauth

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Param is one decoded name and value.
type Param struct{ Name, Value string }

// Params are decoded parameters in the order sent, duplicates kept: OAuth 1.0
// signs every one of them (RFC 5849 §3.4.1.3) and OAuth 2 refuses a repeated
// one (RFC 6749 §3.2).
type Params []Param

// Get returns the first value of name, or "" when there is none.
func (p Params) Get(name string) string {
	for i := range p {
		if p[i].Name == name {
			return p[i].Value
		}
	}
	return ""
}

// Count returns how many parameters are called name.
func (p Params) Count(name string) int {
	n := 0
	for i := range p {
		if p[i].Name == name {
			n++
		}
	}
	return n
}

// Has reports whether a parameter is called name, even with an empty value.
func (p Params) Has(name string) bool { return p.Count(name) > 0 }

// Repeated returns the first name that occurs twice, or "".
func (p Params) Repeated() string {
	seen := make(map[string]struct{}, len(p))
	for i := range p {
		if _, twice := seen[p[i].Name]; twice {
			return p[i].Name
		}
		seen[p[i].Name] = struct{}{}
	}
	return ""
}

// ParamError says which parameter could not be decoded, and why. Name is empty
// when it is all of them.
type ParamError struct{ Name, Reason string }

// Error names the parameter and the reason.
func (e *ParamError) Error() string {
	if e.Name == "" {
		return e.Reason
	}
	return fmt.Sprintf("parameter %q: %s", e.Name, e.Reason)
}

// MaxParams bounds how many parameters a form or query may have.
const MaxParams = 1000

// ParseForm decodes application/x-www-form-urlencoded text, a form body or a
// raw query: "+" is a space, "%XX" a byte, the result UTF-8. The error is a
// *ParamError that names the parameter at fault.
func ParseForm(text string) (Params, error) { return AppendForm(nil, text) }

// AppendForm appends what ParseForm decodes of text.
func AppendForm(params Params, text string) (Params, error) {
	if text == "" {
		return params, nil
	}
	count := strings.Count(text, "&") + 1
	if count > MaxParams {
		return nil, &ParamError{Reason: fmt.Sprintf("more than %d parameters", MaxParams)}
	}
	params = slices.Grow(params, count)
	u := unescaper{size: len(text)}
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		if pair == "" {
			continue
		}
		param, err := parsePair(pair, &u)
		if err != nil {
			return nil, err
		}
		params = append(params, param)
	}
	return params, nil
}

func parsePair(pair string, u *unescaper) (Param, error) {
	rawName, rawValue, _ := strings.Cut(pair, "=")
	name, err := u.unescape(rawName, true)
	if err != nil {
		return Param{}, &ParamError{Name: Printable(rawName), Reason: "its name: " + err.Error()}
	}
	value, err := u.unescape(rawValue, true)
	if err != nil {
		return Param{}, &ParamError{Name: Printable(name), Reason: err.Error()}
	}
	return Param{name, value}, nil
}

type decodingError string

func (e decodingError) Error() string { return string(e) }

const (
	errEscape = decodingError("a percent sign is not followed by two hexadecimal digits")
	errUTF8   = decodingError("its value is not UTF-8")
)

// UnescapeForm decodes one name or value of a form: "+" to a space and "%XX"
// to a byte. It fails on a broken escape or when the result is not UTF-8.
func UnescapeForm(s string) (string, error) {
	return Unescape(s, true)
}

// Unescape decodes "%XX", and "+" to a space where plusIsSpace. It fails on a
// broken escape or when the result is not UTF-8.
func Unescape(s string, plusIsSpace bool) (string, error) {
	u := unescaper{size: len(s)}
	return u.unescape(s, plusIsSpace)
}

// unescaper decodes the names and values of one text into one piece of memory.
type unescaper struct {
	size int // bytes of the text
	out  strings.Builder
}

func (u *unescaper) unescape(s string, plusIsSpace bool) (string, error) {
	if strings.IndexByte(s, '%') < 0 && !(plusIsSpace && strings.IndexByte(s, '+') >= 0) {
		return checkUTF8(s)
	}
	if u.out.Len() == 0 {
		u.out.Grow(u.size)
	}
	start := u.out.Len()
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+' && plusIsSpace:
			u.out.WriteByte(' ')
		case s[i] != '%':
			u.out.WriteByte(s[i])
		case i+2 >= len(s) || unhex(s[i+1]) < 0 || unhex(s[i+2]) < 0:
			return "", errEscape
		default:
			u.out.WriteByte(byte(unhex(s[i+1])<<4 | unhex(s[i+2]))) // #nosec G115 -- two hexadecimal digits, checked above
			i += 2
		}
	}
	return checkUTF8(u.out.String()[start:])
}

func checkUTF8(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", errUTF8
	}
	return s, nil
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// Printable returns a name as an error message may repeat it: at most 40 bytes,
// and UTF-8. Whoever sends a name must not choose how long a log line is.
func Printable(s string) string {
	if len(s) > 40 {
		s = s[:40]
	}
	return strings.ToValidUTF8(s, "?")
}
