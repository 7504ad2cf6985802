package oauth

import (
	"slices"
	"strconv"
	"strings"
)

// OutOfBand is the oauth_callback of a client that can't be called back: the
// user carries the verifier (RFC 5849 §2.1).
const OutOfBand = "oob"

// Redirect returns where to send the user who comes with the redirect URI or
// callback asked, which must be one that is registered, character for
// character (RFC 9700 §2.1). On a loopback address the port is free, since an
// app takes the one it gets (RFC 8252 §7.3). Without asked it is the only one
// that is registered (RFC 6749 §3.1.2.3).
func (c *Client) Redirect(asked string) (uri string, ok bool) {
	if asked == "" {
		if len(c.RedirectURIs) != 1 {
			return "", false
		}
		return c.RedirectURIs[0], true
	}
	return asked, slices.ContainsFunc(c.RedirectURIs, func(registered string) bool { return sameRedirect(registered, asked) })
}

func sameRedirect(registered, asked string) bool {
	if registered == asked {
		return true
	}
	host, rest, loopback := cutLoopback(registered)
	askedHost, askedRest, askedLoopback := cutLoopback(asked)
	return loopback && askedLoopback && host == askedHost && rest == askedRest
}

// cutLoopback takes the port out of an http URI on a loopback address. What
// follows the port must be a path or a query: after anything else the address
// would not be the host.
func cutLoopback(uri string) (host, rest string, ok bool) {
	for _, host := range []string{"http://127.0.0.1", "http://[::1]"} {
		rest, ok := strings.CutPrefix(uri, host)
		if !ok {
			continue
		}
		if port, hasPort := strings.CutPrefix(rest, ":"); hasPort {
			rest = strings.TrimLeft(port, "0123456789")
			if _, err := strconv.ParseUint(port[:len(port)-len(rest)], 10, 16); err != nil {
				return "", "", false
			}
		}
		return host, rest, rest == "" || rest[0] == '/' || rest[0] == '?'
	}
	return "", "", false
}
