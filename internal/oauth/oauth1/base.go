package oauth1

import (
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// BaseString returns the signature base string (RFC 5849 §3.4.1.1).
func (s *Signed) BaseString() string {
	r := s.request
	return baseString(r.Method, BaseURI(r.Scheme, r.Host, r.Path), s.Params)
}

func baseString(method, uri string, params oauth.Params) string {
	pairs := normalized(params)
	size := len(method) + 2 + 3*len(uri)
	for _, p := range pairs {
		size += (len(p.Name)+len(p.Value))*5/3 + 6
	}
	out := make([]byte, 0, size)
	out = appendEscaped(out, strings.ToUpper(method))
	out = append(out, '&')
	out = appendEscaped(out, uri)
	out = append(out, '&')
	for i, p := range pairs {
		if i > 0 {
			out = append(out, "%26"...)
		}
		out = appendEscaped(out, p.Name)
		out = append(out, "%3D"...)
		out = appendEscaped(out, p.Value)
	}
	return string(out)
}

// BaseURI returns the base string URI (RFC 5849 §3.4.1.2): scheme and host in
// lower case, the port only when it is not the scheme's own, the path as the
// client sent it.
func BaseURI(scheme, host, path string) string {
	scheme, host = strings.ToLower(scheme), strings.ToLower(host)
	if path == "" {
		path = "/"
	}
	return scheme + "://" + dropDefaultPort(scheme, host) + path
}

func dropDefaultPort(scheme, host string) string {
	switch scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

// Normalize returns the parameters as one string (RFC 5849 §3.4.1.3.2).
func Normalize(params oauth.Params) string {
	var out strings.Builder
	for i, p := range normalized(params) {
		if i > 0 {
			out.WriteByte('&')
		}
		out.WriteString(p.Name + "=" + p.Value)
	}
	return out.String()
}

// normalized encodes each name and value and sorts by name, then value, byte
// by byte. They are compared as pairs: "a=" and "a-b=" joined would sort by
// "=" and "-".
func normalized(params oauth.Params) oauth.Params {
	pairs := make(oauth.Params, len(params))
	for i, p := range params {
		pairs[i] = oauth.Param{Name: Escape(p.Name), Value: Escape(p.Value)}
	}
	slices.SortFunc(pairs, func(a, b oauth.Param) int {
		if order := strings.Compare(a.Name, b.Name); order != 0 {
			return order
		}
		return strings.Compare(a.Value, b.Value)
	})
	return pairs
}

// Escape percent-encodes all but unreserved characters (RFC 5849 §3.6).
func Escape(s string) string {
	if !needsEscape(s) {
		return s
	}
	return string(appendEscaped(make([]byte, 0, len(s)*2), s))
}

func needsEscape(s string) bool {
	for i := 0; i < len(s); i++ {
		if !unreserved(s[i]) {
			return true
		}
	}
	return false
}

func appendEscaped(out []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		if c := s[i]; unreserved(c) {
			out = append(out, c)
		} else {
			out = append(out, '%', digits[c>>4], digits[c&15])
		}
	}
	return out
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
