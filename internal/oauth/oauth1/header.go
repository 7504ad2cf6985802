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
	params := make(oauth.Params, 0, 8)
	realms := 0
	for rest := trimSpace(text); rest != ""; {
		name, value, after, err := cutPair(rest)
		if err != nil {
			return nil, err
		}
		if rest, err = nextPair(after); err != nil {
			return nil, err
		}
		if strings.EqualFold(name, "realm") {
			if realms++; realms > 1 {
				return nil, errHeaderRealm
			}
			continue
		}
		param, err := decodePair(name, value)
		if err != nil {
			return nil, err
		}
		params = append(params, param)
	}
	return params, nil
}

// cutPair splits name="value" off the front of text. Values hold no quotes:
// both encodings of one, %22 and a backslash, are handled by who decodes.
func cutPair(text string) (name, value, rest string, err error) {
	name, quoted, ok := strings.Cut(text, "=")
	if name = trimSpace(name); !ok || !token(name) {
		return "", "", "", errHeaderSyntax
	}
	if quoted = trimSpace(quoted); !strings.HasPrefix(quoted, `"`) {
		return "", "", "", errHeaderSyntax
	}
	value, rest, ok = strings.Cut(quoted[1:], `"`)
	if !ok {
		return "", "", "", errHeaderSyntax
	}
	return name, value, rest, nil
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

func decodePair(rawName, rawValue string) (oauth.Param, error) {
	name, err := oauth.Unescape(rawName, false)
	if err != nil {
		return oauth.Param{}, &oauth.ParamError{Name: rawName, Reason: err.Error()}
	}
	value, err := oauth.Unescape(rawValue, false)
	if err != nil {
		return oauth.Param{}, &oauth.ParamError{Name: name, Reason: err.Error()}
	}
	return oauth.Param{Name: name, Value: value}, nil
}

// token reports whether a name has only characters of an encoded one.
func token(name string) bool {
	for i := 0; i < len(name); i++ {
		if !unreserved(name[i]) && name[i] != '%' {
			return false
		}
	}
	return name != ""
}

// Linear white space of RFC 2617.
func trimSpace(s string) string { return strings.Trim(s, " \t\r\n") }

// FormatHeader writes params as the value of an Authorization header; realm
// is left out when it is empty.
func FormatHeader(realm string, params oauth.Params) string {
	pairs := make([]string, 0, len(params)+1)
	if realm != "" {
		pairs = append(pairs, `realm="`+strings.NewReplacer(`"`, "", `\`, "").Replace(realm)+`"`)
	}
	for _, param := range params {
		pairs = append(pairs, Escape(param.Name)+`="`+Escape(param.Value)+`"`)
	}
	return "OAuth " + strings.Join(pairs, ", ")
}
