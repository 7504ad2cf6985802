package oauth1

import (
	"cmp"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// BaseString returns the signature base string (RFC 5849 §3.4.1.1).
func (s *Signed) BaseString() string { return string(s.base()) }

func (s *Signed) base() []byte {
	r := s.request
	return baseString(r.Method, BaseURI(r.Scheme, r.Host, r.Path), s.Params)
}

// baseString encodes each name and value twice: once as a parameter, and once
// more with the whole of the normalized parameters.
func baseString(method, uri string, params oauth.Params) []byte {
	out := make([]byte, 0, baseSize(method, uri, params))
	out = appendEscaped(out, strings.ToUpper(method), "%")
	out = append(out, '&')
	out = appendEscaped(out, uri, "%")
	out = append(out, '&')
	for i, p := range sorted(params) {
		if i > 0 {
			out = append(out, "%26"...)
		}
		out = appendEscaped(out, p.Name, "%25")
		out = append(out, "%3D"...)
		out = appendEscaped(out, p.Value, "%25")
	}
	return out
}

// baseSize guesses the length of a base string, so that it seldom grows.
func baseSize(method, uri string, params oauth.Params) int {
	size := len(method) + 2*len(uri)
	for i := range params {
		size += 2*(len(params[i].Name)+len(params[i].Value)) + len("%3D%26")
	}
	return size
}

// BaseURI returns the base string URI (RFC 5849 §3.4.1.2): scheme and host in
// lower case, the port only when it is not the scheme's own, the path as the
// client sent it. An empty port, "host:", is none (RFC 3986 §6.2.3).
func BaseURI(scheme, host, path string) string {
	scheme = strings.ToLower(scheme)
	if path == "" {
		path = "/"
	}
	return scheme + "://" + oauth.CanonicalHost(scheme, host) + path
}

// Normalize returns the parameters as one string (RFC 5849 §3.4.1.3.2).
func Normalize(params oauth.Params) string { return EncodeForm(sorted(params)) }

// sorted returns params by their encoded names, then values, byte by byte
// (RFC 5849 §3.4.1.3.2). They are compared as pairs: "a=" and "a-b=" joined
// would sort by "=" and "-".
func sorted(params oauth.Params) oauth.Params {
	pairs := slices.Clone(params)
	slices.SortFunc(pairs, func(a, b oauth.Param) int {
		if order := compareEscaped(a.Name, b.Name); order != 0 {
			return order
		}
		return compareEscaped(a.Value, b.Value)
	})
	return pairs
}

// compareEscaped orders a and b as their encoded forms, without making them.
func compareEscaped(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return cmp.Compare(escapedRank(a[i]), escapedRank(b[i]))
		}
	}
	return cmp.Compare(len(a), len(b))
}

// escapedRank orders bytes by their encoded forms: escapes, by their digits,
// come before what is not escaped, since "%" comes before all of that.
func escapedRank(c byte) int {
	if unreserved(c) {
		return int(c) + 256
	}
	return int(c)
}

// Escape percent-encodes all but unreserved characters (RFC 5849 §3.6).
func Escape(s string) string {
	if !needsEscape(s) {
		return s
	}
	return string(appendEscaped(make([]byte, 0, len(s)*2), s, "%"))
}

func needsEscape(s string) bool {
	for i := 0; i < len(s); i++ {
		if !unreserved(s[i]) {
			return true
		}
	}
	return false
}

const hexDigits = "0123456789ABCDEF"

// appendEscaped appends s percent-encoded. percent begins each escape: "%", or
// "%25" to encode the result once more.
func appendEscaped(out []byte, s, percent string) []byte {
	done := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; !unreserved(c) {
			out = append(append(out, s[done:i]...), percent...)
			out = append(out, hexDigits[c>>4], hexDigits[c&15])
			done = i + 1
		}
	}
	return append(out, s[done:]...)
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
