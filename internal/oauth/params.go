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
		if text[0] == '&' {
			text = text[1:]
			continue
		}
		param, rest, err := u.cutPair(text)
		if err != nil {
			return nil, err
		}
		params, text = append(params, param), rest
	}
	return params, nil
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
	_, _, _, seen := cut(s, 0)
	if !plusIsSpace {
		seen &^= plus
	}
	u := unescaper{size: len(s)}
	return u.unescape(s, seen)
}

// What bytes of encoded text are, for one look at each. Others are 0.
const (
	wide    = 1 << iota // not ASCII
	percent             // begins an escape
	plus
	equals
	ampersand
)

var kinds = func() (kinds [256]byte) {
	for c := utf8.RuneSelf; c < len(kinds); c++ {
		kinds[c] = wide
	}
	kinds['%'], kinds['+'], kinds['='], kinds['&'] = percent, plus, equals, ampersand
	return kinds
}()

// cut splits text at the first byte of the kinds in ends, and returns which it
// was, 0 when there is none, and which kinds are before it.
func cut(text string, ends byte) (before, after string, end, seen byte) {
	for i := range len(text) {
		kind := kinds[text[i]]
		if kind&ends != 0 {
			return text[:i], text[i+1:], kind, seen
		}
		seen |= kind
	}
	return text, "", 0, seen
}

// unescaper decodes the names and values of one text into one piece of memory.
type unescaper struct {
	size int // bytes of the text
	out  strings.Builder
}

// cutPair decodes the pair at the front of text, up to the ampersand that ends it.
func (u *unescaper) cutPair(text string) (param Param, rest string, err error) {
	rawName, rest, end, seen := cut(text, equals|ampersand)
	if param.Name, err = u.unescape(rawName, seen); err != nil {
		return param, "", &ParamError{Name: Printable(rawName), Reason: "its name: " + err.Error()}
	}
	if end != equals {
		return param, rest, nil
	}
	rawValue, rest, _, seen := cut(rest, ampersand)
	if param.Value, err = u.unescape(rawValue, seen); err != nil {
		return param, "", &ParamError{Name: Printable(param.Name), Reason: err.Error()}
	}
	return param, rest, nil
}

// unescape decodes s, which has bytes of the kinds seen. Most have none.
func (u *unescaper) unescape(s string, seen byte) (string, error) {
	if seen&(percent|plus|wide) == 0 {
		return s, nil
	}
	return u.decode(s, seen)
}

func (u *unescaper) decode(s string, seen byte) (string, error) {
	if seen&(percent|plus) == 0 {
		return checkUTF8(s)
	}
	if u.out.Len() == 0 {
		u.out.Grow(u.size)
	}
	start, spaces := u.out.Len(), seen&plus != 0
	var chunk [64]byte // since to append each byte by itself takes twice as long
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' && spaces {
			c = ' '
		} else if c == '%' {
			if i+2 >= len(s) || unhex(s[i+1]) < 0 || unhex(s[i+2]) < 0 {
				return "", errEscape
			}
			c = byte(unhex(s[i+1])<<4 | unhex(s[i+2])) // #nosec G115 -- two hexadecimal digits, checked above
			seen |= kinds[c] & wide
			i += 2
		}
		chunk[n] = c
		if n++; n == len(chunk) {
			u.out.Write(chunk[:])
			n = 0
		}
	}
	u.out.Write(chunk[:n])
	s = u.out.String()[start:]
	if seen&wide == 0 {
		return s, nil
	}
	return checkUTF8(s)
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
