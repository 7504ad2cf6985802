package rules

import (
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"
)

// readings are all that a path may mean to a backend or to what stands before
// it. unclear: what it means can't be told, and it may be anything.
type readings struct {
	all     []string
	folded  []string // in lower case, and also without a slash at the end
	unclear bool
}

// maxReadings bounds the work that a path made to be odd can cause.
const maxReadings = 64

// readPath reads path in every way that is in use: as sent, decoded once or
// again, and simplified, in any order.
func readPath(path string) readings {
	all := []string{path}
	for i := 0; i < len(all); i++ {
		if len(all) > maxReadings || !isText(all[i]) {
			return readings{unclear: true}
		}
		for _, simplify := range [...]func(string) string{
			unescape, turnBackslashes, dropParameters, dropQuery, mergeSlashes, removeDots,
		} {
			if reading := simplify(all[i]); !slices.Contains(all, reading) {
				all = append(all, reading)
			}
		}
	}
	return readings{all: all, folded: foldAll(all)}
}

// foldAll is for backends that take paths in any case, or with a slash at the
// end that their route does not have.
func foldAll(paths []string) []string {
	var folded []string
	for _, path := range paths {
		path = strings.ToLower(strings.ToUpper(path)) // both: some letters share one of the two only
		folded = append(folded, path)
		if short := strings.TrimSuffix(path, "/"); short != path {
			folded = append(folded, short)
		}
	}
	return folded
}

// isText is false for what readers take differently: a NUL may end a path, and
// bytes that are not UTF-8 may stand for a dot or slash (RFC 3629 §10).
func isText(path string) bool {
	return strings.HasPrefix(path, "/") && utf8.ValidString(path) &&
		!strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// unescape decodes percent escapes once, and leaves broken ones.
func unescape(path string) string {
	if strings.IndexByte(path, '%') < 0 {
		return path
	}
	out := make([]byte, 0, len(path))
	for i := 0; i < len(path); i++ {
		digits := path[i+1 : min(i+3, len(path))]
		if decoded, err := hex.DecodeString(digits); path[i] == '%' && err == nil && len(decoded) == 1 {
			out = append(out, decoded...)
			i += 2
		} else {
			out = append(out, path[i])
		}
	}
	return string(out)
}

func turnBackslashes(path string) string { return strings.ReplaceAll(path, `\`, "/") }

// dropParameters drops what follows a semicolon in each segment (RFC 3986 §3.3).
func dropParameters(path string) string {
	if strings.IndexByte(path, ';') < 0 {
		return path
	}
	segments := strings.Split(path, "/")
	for i := range segments {
		segments[i], _, _ = strings.Cut(segments[i], ";")
	}
	return strings.Join(segments, "/")
}

// dropQuery cuts a path at a question mark or number sign, which are there
// after decoding.
func dropQuery(path string) string {
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		return path[:end]
	}
	return path
}

func mergeSlashes(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// removeDots resolves "." and ".." segments (RFC 3986 §5.2.4).
func removeDots(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	var kept []string
	segments := strings.Split(path, "/")[1:]
	for i, segment := range segments {
		if segment != "." && segment != ".." {
			kept = append(kept, segment)
			continue
		}
		if segment == ".." && len(kept) > 0 {
			kept = kept[:len(kept)-1]
		}
		if i == len(segments)-1 {
			kept = append(kept, "") // the slash before it stays
		}
	}
	return "/" + strings.Join(kept, "/")
}
