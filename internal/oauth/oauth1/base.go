package oauth1

import (
	"cmp"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// BaseString returns the signature base string (RFC 5849 §3.4.1.1).
func (s *Signed) BaseString() string { return string(s.appendBase(nil)) }

func (s *Signed) appendBase(out []byte) []byte {
	r := s.request
	scheme, host, path := canonicalURI(r.Scheme, r.Host, r.Path)
	return appendBaseString(out, r.Method, [...]string{scheme, "://", host, path}, s.Params)
}

// Room for the parameters and the base string of most requests, which are so
// not allocated.
const (
	paramRoom = 32
	baseRoom  = 1024
)

// appendBaseString encodes each name and value twice: once as a parameter, and once
// more with the whole of the normalized parameters. The URI may come in parts.
func appendBaseString(out []byte, method string, uri [4]string, params oauth.Params) []byte {
	out = appendEscaped(out, strings.ToUpper(method), "%")
	out = append(out, '&')
	for i := range uri {
		out = appendEscaped(out, uri[i], "%")
	}
	out = append(out, '&')
	for i, p := range appendSorted(make([]sortable, 0, paramRoom), params) {
		if i > 0 {
			out = append(out, "%26"...)
		}
		out = appendEscaped(out, p.Name, "%25")
		out = append(out, "%3D"...)
		out = appendEscaped(out, p.Value, "%25")
	}
	return out
}

// BaseURI returns the base string URI (RFC 5849 §3.4.1.2): scheme and host in
// lower case, the port only when it is not the scheme's own, the path as the
// client sent it. An empty port, "host:", is none (RFC 3986 §6.2.3).
func BaseURI(scheme, host, path string) string {
	scheme, host, path = canonicalURI(scheme, host, path)
	return scheme + "://" + host + path
}

func canonicalURI(scheme, host, path string) (string, string, string) {
	scheme = strings.ToLower(scheme)
	return scheme, oauth.CanonicalHost(scheme, host), cmp.Or(path, "/")
}

// sortable is a parameter with the beginning of its name as a number, which
// settles most comparisons.
type sortable struct {
	*oauth.Param
	begins uint64
}

// appendSorted appends params to the empty room by their encoded names, then
// values, byte by byte (RFC 5849 §3.4.1.3.2). They are compared as pairs: "a=" and
// "a-b=" joined would sort by "=" and "-".
func appendSorted(room []sortable, params oauth.Params) []sortable {
	for i := range params {
		room = append(room, sortable{&params[i], beginning(params[i].Name)})
	}
	slices.SortFunc(room, func(a, b sortable) int {
		if a.begins != b.begins {
			return cmp.Compare(a.begins, b.begins)
		}
		return cmp.Or(compareEscaped(a.Name, b.Name), compareEscaped(a.Value, b.Value))
	})
	return room
}

// beginning has the ranks of the first eight bytes of name.
func beginning(name string) uint64 {
	var ranks uint64
	first := name[:min(len(name), 8)]
	for i := range len(first) {
		ranks = ranks<<8 | uint64(escapedRank[first[i]])
	}
	return ranks << (8 * (8 - len(first)))
}

// compareEscaped orders a and b as their encoded forms, without making them.
func compareEscaped(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return cmp.Compare(escapedRank[a[i]], escapedRank[b[i]])
		}
	}
	return cmp.Compare(len(a), len(b))
}

// escapedRank orders bytes by their encoded forms: escapes, by their digits,
// come before what is not escaped, since "%" comes before all of that.
var escapedRank = func() (ranks [256]byte) {
	next := byte(0)
	for _, escaped := range []bool{true, false} {
		for c := range ranks {
			if unreserved[c] != escaped {
				ranks[c] = next
				next++
			}
		}
	}
	return ranks
}()

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
