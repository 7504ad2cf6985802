package oauth1

import (
	"errors"
	"strings"

	"gatehouse/internal/oauth"
)

var (
	errHeaderSyntax = errors.New(`parameters are written name="value" and separated by commas`)
	errHeaderRealm  = errors.New("realm is there more than once")
)

// ParseHeader decodes what follows "OAuth " in an Authorization header
// (RFC 5849 §3.5.1): name="value" pairs, percent-encoded, separated by commas
// and optional white space. realm is dropped: it is not signed.
func ParseHeader(text string) (oauth.Params, error) {
	var params oauth.Params
	header := headerReader{rest: trimSpace(text)}
	for header.next() {
		params = append(params, header.Param)
	}
	if header.err != nil {
		return nil, header.err
	}
	return params, nil
}

// headerReader decodes the parameters of a header one after the other, but realm.
type headerReader struct {
	oauth.Param
	plain bool // it has nothing in it that is encoded

	rest   string
	realms int
	err    error
}

// next goes on to the next parameter. It is false when there is none, or an error.
func (h *headerReader) next() bool {
	for h.rest != "" {
		var after string
		if after, h.err = h.cutParam(); h.err != nil {
			return false
		}
		if h.rest, h.err = nextPair(after); h.err != nil {
			return false
		}
		if !isRealm(h.Name) {
			return true
		}
		if h.realms++; h.realms > 1 {
			h.err = errHeaderRealm
			return false
		}
	}
	return false
}

// cutParam decodes the parameter at the front of the rest, and returns what is
// behind it. Most names are not encoded, and have no white space around them.
func (h *headerReader) cutParam() (after string, err error) {
	text := h.rest
	name := plain(text)
	if name == 0 || !strings.HasPrefix(text[name:], `="`) || isRealm(text[:name]) {
		h.plain = false
		h.Param, after, err = cutEncoded(text)
		return after, err
	}
	h.Name, text = text[:name], text[name+2:]
	value := plain(text)
	if h.plain = strings.HasPrefix(text[value:], `"`); h.plain {
		h.Value = text[:value]
		return text[value+1:], nil
	}
	raw, after, ok := strings.Cut(text, `"`)
	if !ok {
		return "", errHeaderSyntax
	}
	h.Value, err = decodeValue(h.Name, raw)
	return after, err
}

// cutEncoded is cutParam for all there may be. The value of realm is not encoded
// (RFC 2617 §1.2), and nobody here reads it: it is left out.
func cutEncoded(text string) (param oauth.Param, rest string, err error) {
	rawName, rest, ok := strings.Cut(text, "=")
	rawName = trimSpace(rawName)
	if !ok || !token(rawName) {
		return oauth.Param{}, "", errHeaderSyntax
	}
	rawValue, rest, ok := cutQuoted(trimSpace(rest))
	if !ok {
		return oauth.Param{}, "", errHeaderSyntax
	}
	if param.Name, err = oauth.Unescape(rawName, false); err != nil {
		return oauth.Param{}, "", &oauth.ParamError{Name: oauth.Printable(rawName), Reason: err.Error()}
	}
	if isRealm(param.Name) {
		return param, rest, nil
	}
	param.Value, err = decodeValue(param.Name, rawValue)
	return param, rest, err
}

// cutQuoted splits a quoted-string (RFC 2616 §2.2) off the front of text.
func cutQuoted(text string) (inside, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		return "", "", false
	}
	inside, rest, ok = strings.Cut(text[1:], `"`)
	if !ok || strings.IndexByte(inside, '\\') < 0 {
		return inside, rest, ok
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return text[1:i], text[i+1:], true
		case '\\': // the next character is quoted
			i++
		}
	}
	return "", "", false
}

func isRealm(name string) bool { return len(name) == len("realm") && strings.EqualFold(name, "realm") }

// decodeValue refuses a backslash: an encoded value has none, and it would
// mean one thing to RFC 2616 and another to RFC 5849.
func decodeValue(name, raw string) (string, error) {
	if strings.IndexByte(raw, '\\') >= 0 {
		return "", &oauth.ParamError{Name: oauth.Printable(name), Reason: "a backslash is not percent-encoded"}
	}
	value, err := oauth.Unescape(raw, false)
	if err != nil {
		return "", &oauth.ParamError{Name: oauth.Printable(name), Reason: err.Error()}
	}
	return value, nil
}

// nextPair steps over the comma; a comma with nothing behind it is an error.
func nextPair(text string) (string, error) {
	text = trimSpace(text)
	if text == "" {
		return "", nil
	}
	rest, ok := strings.CutPrefix(text, ",")
	rest = trimSpace(rest)
	if !ok || rest == "" {
		return "", errHeaderSyntax
	}
	return rest, nil
}

// token reports whether a name has only characters of an encoded one.
func token(name string) bool {
	for i := 0; i < len(name); i++ {
		if !unreserved[name[i]] && name[i] != '%' {
			return false
		}
	}
	return name != ""
}

// trimSpace cuts the linear white space of RFC 2616 §2.2 off both ends.
func trimSpace(s string) string {
	for s != "" && space(s[0]) {
		s = s[1:]
	}
	for s != "" && space(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// FormatHeader writes params as the value of an Authorization or
// WWW-Authenticate header; realm is left out when it is empty. Everything is
// escaped but realm, of which only printable ASCII is written and neither
// quotes nor backslashes, so that nothing can end its value or the header.
func FormatHeader(realm string, params oauth.Params) string {
	pairs := make([]string, 0, len(params)+1)
	if realm != "" {
		pairs = append(pairs, `realm="`+strings.Map(quotable, realm)+`"`)
	}
	for _, param := range params {
		pairs = append(pairs, Escape(param.Name)+`="`+Escape(param.Value)+`"`)
	}
	return "OAuth " + strings.Join(pairs, ", ")
}

func quotable(c rune) rune {
	if c < ' ' || c > '~' || c == '"' || c == '\\' {
		return -1
	}
	return c
}
