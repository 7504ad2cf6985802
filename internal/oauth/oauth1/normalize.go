package oauth1

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"gatehouse/internal/oauth"
)

// normalized are parameters as the base string has them (RFC 5849 §3.4.1.3.2):
// names and values encoded twice, once as parameters and once more with the whole.
// They are in one text, in the order they were sent. What adds to them returns
// them, as append does: through a pointer to them their room would be on the heap.
type normalized struct {
	text  []byte
	parts []part
}

// part is where in the text a parameter is. At begin is the sign between it and
// the one before it, at equals the one between name and value.
type part struct{ begin, equals, end int }

// The signs between parameters and in them, encoded.
const (
	ampersand = "%26"
	equals    = "%3D"
)

// add adds a parameter.
func (n normalized) add(name, value string) normalized {
	text := append(n.text, ampersand...)
	p := part{begin: len(n.text)}
	text = appendEscaped(text, name, "%25")
	p.equals = len(text)
	text = appendEscaped(append(text, equals...), value, "%25")
	p.end = len(text)
	return normalized{text, append(n.parts, p)}
}

// appendPlain is add for what has nothing in it that is encoded.
func appendPlain(text []byte, parts []part, name, value string) ([]byte, []part) {
	p := part{begin: len(text)}
	text = append(append(text, ampersand...), name...)
	p.equals = len(text)
	text = append(append(text, equals...), value...)
	p.end = len(text)
	return text, append(parts, p)
}

// addForm adds the parameters of a form body, of most without decoding them to
// encode them anew. It is not ok where they have to be: where they are broken or
// not ASCII, or some are protocol parameters.
func (n normalized) addForm(form []byte) (_ normalized, ok bool) {
	if bytes.Count(form, []byte("&")) >= oauth.MaxParams {
		return n, false
	}
	text, parts := n.text, n.parts
	for len(form) > 0 {
		if form[0] == '&' {
			form = form[1:]
			continue
		}
		p := part{begin: len(text)}
		var end formByte
		text, form, end, ok = appendRecoded(append(text, ampersand...), form, formEquals|formAmpersand)
		p.equals = len(text)
		text = append(text, equals...)
		if end == formEquals {
			text, form, _, ok = appendRecoded(text, form, formAmpersand)
		}
		p.end = len(text)
		if !ok || isProtocol(text[p.begin+len(ampersand):p.equals]) {
			return n, false
		}
		parts = append(parts, p)
	}
	return normalized{text, parts}, true
}

// formByte is what a byte of a form is, for one look at each. Unreserved ones are 0.
type formByte byte

const (
	formReserved formByte = 1 << iota
	formPlus
	formPercent
	formEquals
	formAmpersand
)

var formBytes = func() (kinds [256]formByte) {
	for c := range kinds {
		if !unreserved[c] {
			kinds[c] = formReserved
		}
	}
	kinds['+'], kinds['%'], kinds['='], kinds['&'] = formPlus, formPercent, formEquals, formAmpersand
	return kinds
}()

// appendRecoded appends form as it is in the base string, up to the first of the
// kinds in until. It returns what is behind that and which it was, 0 at the end of
// the form. It is not ok where an escape is broken, or something not ASCII.
func appendRecoded(out, form []byte, until formByte) (recoded, rest []byte, end formByte, ok bool) {
	for i := 0; i < len(form); i++ {
		c := form[i]
		kind := formBytes[c]
		if kind == 0 {
			out = append(out, c)
			continue
		}
		switch {
		case kind&until != 0:
			return out, form[i+1:], kind, true
		case kind == formPlus:
			c = ' '
		case kind == formPercent:
			if i+2 >= len(form) {
				return out, nil, 0, false
			}
			if c, ok = oauth.Octet(form[i+1], form[i+2]); !ok {
				return out, nil, 0, false
			}
			i += 2
		}
		switch {
		case unreserved[c]:
			out = append(out, c)
		case c < utf8.RuneSelf:
			out = append(out, '%', '2', '5', hexDigits[c>>4], hexDigits[c&15])
		default:
			return out, nil, 0, false
		}
	}
	return out, nil, 0, true
}

// decoded are they as oauth.Params.
func (n normalized) decoded() oauth.Params {
	params := make(oauth.Params, len(n.parts))
	for i, p := range n.parts {
		params[i] = oauth.Param{Name: decodeTwice(n.name(p)), Value: decodeTwice(n.value(p))}
	}
	return params
}

// isProtocol reports whether an encoded name has the prefix of protocol parameters.
func isProtocol(name []byte) bool {
	return len(name) >= len(protocolPrefix) && string(name[:len(protocolPrefix)]) == protocolPrefix
}

func (n normalized) name(p part) []byte  { return n.text[p.begin+len(ampersand) : p.equals] }
func (n normalized) value(p part) []byte { return n.text[p.equals+len(equals) : p.end] }

// decodeTwice undoes appendEscaped with "%25", of which each escape has five
// characters.
func decodeTwice(encoded []byte) string {
	out := make([]byte, 0, len(encoded))
	for i := 0; i < len(encoded); i++ {
		c := encoded[i]
		if c == '%' {
			c, _ = oauth.Octet(encoded[i+3], encoded[i+4])
			i += 4
		}
		out = append(out, c)
	}
	return string(out)
}

// appendSorted appends them in the order of the base string: by their encoded
// names, then values, byte by byte. That they are encoded twice changes nothing
// of it. They are compared as pairs: "a=" and "a-b=" joined would sort by "=" and
// "-".
func (n normalized) appendSorted(out []byte) []byte {
	sorted := make([]sortable, 0, partRoom)
	for i := range n.parts {
		sorted = append(sorted, sortable{n.beginning(&n.parts[i]), i})
	}
	n.sort(sorted)
	for i, s := range sorted {
		p := &n.parts[s.part]
		if i == 0 {
			out = append(out, n.text[p.begin+len(ampersand):p.end]...)
		} else {
			out = append(out, n.text[p.begin:p.end]...)
		}
	}
	return out
}

// sort inserts one after the other, which for few is the fastest.
func (n normalized) sort(params []sortable) {
	if len(params) > partRoom {
		slices.SortFunc(params, func(a, b sortable) int {
			if a.beginning != b.beginning {
				return cmp.Compare(a.beginning, b.beginning)
			}
			return n.compare(a.part, b.part)
		})
		return
	}
	for i, p := range params {
		for ; i > 0; i-- {
			before := params[i-1]
			if before.beginning < p.beginning || before.beginning == p.beginning && n.compare(before.part, p.part) <= 0 {
				break
			}
			params[i] = before
		}
		params[i] = p
	}
}

func (n normalized) compare(i, j int) int {
	a, b := n.parts[i], n.parts[j]
	if order := bytes.Compare(n.name(a), n.name(b)); order != 0 {
		return order
	}
	return bytes.Compare(n.value(a), n.value(b))
}

// sortable is a parameter by its number, with the first eight bytes of its name as
// a number, which settles most comparisons.
type sortable struct {
	beginning uint64
	part      int
}

func (n normalized) beginning(p *part) uint64 {
	begin := p.begin + len(ampersand)
	if len(n.text)-begin < 8 { // nothing to read beyond it
		var first [8]byte
		copy(first[:], n.text[begin:p.equals])
		return binary.BigEndian.Uint64(first[:])
	}
	first := binary.BigEndian.Uint64(n.text[begin:])
	if name := p.equals - begin; name < 8 {
		first = first >> (64 - 8*name) << (64 - 8*name)
	}
	return first
}
