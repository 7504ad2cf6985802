package oauth1

import (
	"cmp"
	"strings"

	"gatehouse/internal/oauth"
)

// BaseString returns the signature base string (RFC 5849 §3.4.1.1).
func (s *Signed) BaseString() string { return string(s.appendBase(nil)) }

// The scheme and host of a Request are those of its base string URI already.
func (s *Signed) appendBase(out []byte) []byte {
	r := s.request
	return appendBaseString(out, r.Method, r.Scheme, r.Host, cmp.Or(r.Path, "/"), s.params)
}

func appendBaseString(out []byte, method, scheme, host, path string, params normalized) []byte {
	out = append(appendEscaped(out, strings.ToUpper(method), "%"), '&')
	out = append(appendEscaped(out, scheme, "%"), "%3A%2F%2F"...)
	out = appendEscaped(appendEscaped(out, host, "%"), path, "%")
	return params.appendSorted(append(out, '&'))
}

// BaseURI returns the base string URI (RFC 5849 §3.4.1.2): scheme and host in
// lower case, the port only when it is not the scheme's own, the path as the
// client sent it. An empty port, "host:", is none (RFC 3986 §6.2.3).
func BaseURI(scheme, host, path string) string {
	scheme = strings.ToLower(scheme)
	return scheme + "://" + oauth.CanonicalHost(scheme, host) + cmp.Or(path, "/")
}

// Escape percent-encodes all but unreserved characters (RFC 5849 §3.6).
func Escape(s string) string {
	if !needsEscape(s) {
		return s
	}
	return string(appendEscaped(make([]byte, 0, len(s)*2), s, "%"))
}

func needsEscape(s string) bool { return plain(s) < len(s) }

// plain returns how many bytes at the front of s are unreserved.
func plain(s string) int {
	for i := range len(s) {
		if !unreserved[s[i]] {
			return i
		}
	}
	return len(s)
}

const hexDigits = "0123456789ABCDEF"

// appendEscaped appends s percent-encoded. percent begins each escape: "%", or
// "%25" to encode the result once more.
func appendEscaped(out []byte, s, percent string) []byte {
	for s != "" {
		n := plain(s)
		out = append(out, s[:n]...)
		if n == len(s) {
			break
		}
		c := s[n]
		out = append(append(out, percent...), hexDigits[c>>4], hexDigits[c&15])
		s = s[n+1:]
	}
	return out
}

// unreserved are the characters that are never encoded (RFC 3986 §2.3).
var unreserved = [256]bool{'-': true, '.': true, '_': true, '~': true,
	'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	'A': true, 'B': true, 'C': true, 'D': true, 'E': true, 'F': true, 'G': true, 'H': true, 'I': true, 'J': true,
	'K': true, 'L': true, 'M': true, 'N': true, 'O': true, 'P': true, 'Q': true, 'R': true, 'S': true, 'T': true,
	'U': true, 'V': true, 'W': true, 'X': true, 'Y': true, 'Z': true,
	'a': true, 'b': true, 'c': true, 'd': true, 'e': true, 'f': true, 'g': true, 'h': true, 'i': true, 'j': true,
	'k': true, 'l': true, 'm': true, 'n': true, 'o': true, 'p': true, 'q': true, 'r': true, 's': true, 't': true,
	'u': true, 'v': true, 'w': true, 'x': true, 'y': true, 'z': true}
