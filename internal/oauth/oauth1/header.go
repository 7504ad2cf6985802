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
	return appendHeader(make(oauth.Params, 0, 8), text)
}

// appendHeader appends what ParseHeader decodes of text.
func appendHeader(params oauth.Params, text string) (oauth.Params, error) {
	realms := 0
	for rest := trimSpace(text); rest != ""; {
		param, after, err := cutParam(rest)
		if err != nil {
			return nil, err
		}
		if rest, err = nextPair(after); err != nil {
			return nil, err
		}
		if !isRealm(param.Name) {
			params = append(params, param)
		} else if realms++; realms > 1 {
			return nil, errHeaderRealm
		}
	}
	return params, nil
}

// cutParam decodes the parameter at the front of text. Most have nothing in them
// that is encoded or quoted, and no white space.
func cutParam(text string) (param oauth.Param, rest string, err error) {
	if name := plain(text); name > 0 && strings.HasPrefix(text[name:], `="`) {
		rest := text[name+2:]
		if value := plain(rest); strings.HasPrefix(rest[value:], `"`) {
			return oauth.Param{Name: text[:name], Value: rest[:value]}, rest[value+1:], nil
		}
	}
	return cutEncoded(text)
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
