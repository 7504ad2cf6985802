package oauth

import (
	"bytes"
	"fmt"
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
func ParseForm[Text string | []byte](text Text) (Params, error) { return parseForm([]byte(text)) }

// Room for the text and the parameters of most forms, which are so decoded
// without being allocated twice.
const (
	textRoom  = 512
	paramRoom = 32
)

// parseForm makes names and values parts of one text, since each by itself would be
// allocated.
func parseForm(form []byte) (Params, error) {
	if len(form) == 0 {
		return nil, nil
	}
	if bytes.Count(form, []byte("&")) >= MaxParams {
		return nil, &ParamError{Reason: fmt.Sprintf("more than %d parameters", MaxParams)}
	}
	out, ends := make([]byte, 0, textRoom), make([]paramEnds, 0, paramRoom)
	for len(form) > 0 {
		if form[0] == '&' {
			form = form[1:]
			continue
		}
		var end paramEnds
		var err error
		if out, form, end, err = appendPair(out, form); err != nil {
			return nil, err
		}
		ends = append(ends, end)
	}
	params := make(Params, 0, len(ends))
	text, begin := string(out), 0
	for _, end := range ends {
		params = append(params, Param{text[begin:end.name], text[end.name:end.value]})
		begin = end.value
	}
	return params, nil
}

// paramEnds are where name and value of a parameter end in decoded text. The one
// begins where the other ends.
type paramEnds struct{ name, value int }

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
	if strings.IndexByte(s, '%') < 0 && !(plusIsSpace && strings.IndexByte(s, '+') >= 0) {
		if !utf8.ValidString(s) {
			return "", errUTF8
		}
		return s, nil
	}
	out, _, _, err := appendDecoded(make([]byte, 0, 128), []byte(s), 0, plusIsSpace)
	if err != nil {
		return "", err
	}
	return string(out), nil
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

// appendPair decodes the name and value at the front of form, up to the ampersand
// behind them.
func appendPair(out, form []byte) (decoded, rest []byte, ends paramEnds, err error) {
	begin := len(out)
	out, rest, end, err := appendDecoded(out, form, equals|ampersand, true)
	if err != nil {
		name, _, _ := bytes.Cut(form, []byte("&"))
		name, _, _ = bytes.Cut(name, []byte("="))
		return nil, nil, ends, &ParamError{Name: Printable(string(name)), Reason: "its name: " + err.Error()}
	}
	ends.name = len(out)
	if end == equals {
		name := out[begin:]
		if out, rest, _, err = appendDecoded(out, rest, ampersand, true); err != nil {
			return nil, nil, ends, &ParamError{Name: Printable(string(name)), Reason: err.Error()}
		}
	}
	ends.value = len(out)
	return out, rest, ends, nil
}

// appendDecoded decodes text up to the first byte of the kinds in until, and
// returns what is behind that and which it was, 0 at the end of the text.
func appendDecoded(out, text []byte, until byte, plusIsSpace bool) (decoded, rest []byte, end byte, err error) {
	begin, at := len(out), 0
	var seen byte
	for ; at < len(text) && end == 0; at++ {
		c := text[at]
		kind := kinds[c]
		if kind == 0 {
			out = append(out, c)
			continue
		}
		switch {
		case kind&until != 0:
			end = kind
			continue
		case kind == plus && plusIsSpace:
			c = ' '
		case kind == percent:
			if at+2 >= len(text) {
				return out, nil, 0, errEscape
			}
			var ok bool
			if c, ok = Octet(text[at+1], text[at+2]); !ok {
				return out, nil, 0, errEscape
			}
			at += 2
		}
		seen |= c
		out = append(out, c)
	}
	if seen >= utf8.RuneSelf && !utf8.Valid(out[begin:]) {
		return out, nil, 0, errUTF8
	}
	return out, text[at:], end, nil
}

// Octet is the byte that two hexadecimal digits stand for; ok is false where they
// are none.
func Octet(high, low byte) (octet byte, ok bool) {
	h, l := hexValues[high], hexValues[low]
	return h<<4 | l&15, h|l < 16
}

// hexValues has 255 where a byte is no hexadecimal digit.
var hexValues = func() (values [256]byte) {
	for c := range values {
		values[c] = 255
	}
	for value, digits := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "aA", "bB", "cC", "dD", "eE", "fF"} {
		for _, digit := range []byte(digits) {
			values[digit] = byte(value) // #nosec G115 -- below 16
		}
	}
	return values
}()

// Printable returns a name as an error message may repeat it: at most 40 bytes,
// and UTF-8. Whoever sends a name must not choose how long a log line is.
func Printable(s string) string {
	if len(s) > 40 {
		s = s[:40]
	}
	return strings.ToValidUTF8(s, "?")
}
