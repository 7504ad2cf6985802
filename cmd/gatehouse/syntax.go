package main

import (
	"fmt"
	"strings"
)

// isToken reports whether text can be a method or the name of a header
// (RFC 9110 §5.6.2).
func isToken(text string) bool {
	const chars = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return text != "" && strings.Trim(text, chars) == ""
}

// checkBearer refuses what no header can carry (RFC 6750 §2.1).
func checkBearer(token string) error {
	if strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return usage("the bearer token is of printable ASCII without spaces: see --bearer and GATEHOUSE_BEARER")
	}
	return nil
}

// encodeQuery escapes what cannot stand in a request line, as browsers do.
func encodeQuery(query string) string {
	var out strings.Builder
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c > '~' || c == '"' {
			fmt.Fprintf(&out, "%%%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}
