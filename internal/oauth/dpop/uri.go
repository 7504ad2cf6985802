package dpop

import (
	"strconv"
	"strings"

	"gatehouse/internal/oauth"
)

// normal is uri as RFC 3986 §6.2.2 and §6.2.3 have it, without its query and
// fragment (RFC 9449 §4.3): two that are the same so are the same address. What
// is no URI stays one that no request has.
func normal(uri string) string {
	uri, _, _ = strings.Cut(uri, "#")
	uri, _, _ = strings.Cut(uri, "?")
	scheme, rest, ok := strings.Cut(uri, "://")
	if !ok {
		return uri
	}
	host, path := rest, ""
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		host, path = rest[:slash], rest[slash:]
	}
	scheme = strings.ToLower(scheme)
	return scheme + "://" + oauth.CanonicalHost(scheme, host) + withoutDots(normalEscapes(path))
}

// normalEscapes decodes what need not be encoded, encodes what must be, and
// writes escapes in capitals (RFC 3986 §6.2.2.1, §6.2.2.2).
func normalEscapes(path string) string {
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := 0; i < len(path); i++ {
		c, escaped := path[i], false
		if value, ok := escape(path[i:]); ok {
			c, escaped = value, true
			i += 2
		}
		if isUnreserved(c) || !escaped && strings.IndexByte("/:@!$&'()*+,;=", c) >= 0 {
			out.WriteByte(c)
			continue
		}
		out.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return out.String()
}

// escape decodes the escape that text begins with, to any byte.
func escape(text string) (value byte, ok bool) {
	if len(text) < 3 || text[0] != '%' {
		return 0, false
	}
	parsed, err := strconv.ParseUint(text[1:3], 16, 8)
	return byte(parsed), err == nil
}

// isUnreserved is RFC 3986 §2.3.
func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// withoutDots resolves segments of one or two dots (RFC 3986 §5.2.4). An empty
// path is the root's.
func withoutDots(path string) string {
	var kept []string
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, segment := range segments {
		switch segment {
		case ".", "..":
			if segment == ".." && len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
			if i == len(segments)-1 {
				kept = append(kept, "")
			}
		default:
			kept = append(kept, segment)
		}
	}
	return "/" + strings.Join(kept, "/")
}
