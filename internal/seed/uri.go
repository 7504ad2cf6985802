package seed

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gatehouse/internal/oauth"
)

const (
	maxURI       = 1024 // bytes
	maxRedirects = 50
	maxOrigins   = 50
)

func (c *Client) checkRedirects() error {
	if len(c.RedirectURIs) == 0 && slices.Contains(c.Grants, oauth.GrantAuthorizationCode) {
		return fault("redirect_uris", "is missing: authorization_code sends the user back to one of them")
	}
	return eachURI("redirect_uris", c.RedirectURIs, maxRedirects, redirectFault)
}

func (c *Client) checkOrigins() error {
	return eachURI("origins", c.Origins, maxOrigins, originFault)
}

// eachURI checks that there are at most most URIs, each there once and without
// a fault.
func eachURI(field string, uris []string, most int, faultOf func(*url.URL, string) string) error {
	if len(uris) > most {
		return fault(field, "takes at most %d", most)
	}
	for i, text := range uris {
		at := fmt.Sprintf("%s[%d]", field, i)
		if len(text) > maxURI {
			return fault(at, "takes at most %d bytes", maxURI)
		}
		if slices.Contains(uris[:i], text) {
			return fault(at, "is there twice")
		}
		uri, err := url.Parse(text)
		if err != nil {
			uri = &url.URL{}
		}
		if reason := faultOf(uri, text); reason != "" {
			return fault(at, "%s", reason)
		}
	}
	return nil
}

// redirectFault: absolute and without a fragment (RFC 6749 §3.1.2), fit for a
// header and for no trick on who reads it, and of a scheme that brings the
// code to an app and not into a page (RFC 8252 §7).
func redirectFault(uri *url.URL, text string) string {
	switch {
	case !ofURI(text):
		return "takes the characters of a URI only (RFC 3986 §2): percent-encode the others"
	case uri.Scheme == "":
		return "takes an absolute URI, such as https://app.example.com/callback"
	case strings.Contains(text, "#"):
		return "takes a URI without a fragment"
	case strings.HasSuffix(text, "/*"):
		return "takes no wildcard at its end: it matches character for character"
	case uri.User != nil:
		return "takes a URI without a user before an @"
	case uri.Host != "" && !isHost(uri.Hostname()):
		return hostRule
	}
	return schemeFault(uri)
}

func schemeFault(uri *url.URL) string {
	web := uri.Scheme == "http" || uri.Scheme == "https"
	switch {
	case web && !secure(uri):
		return "takes https, or http on a loopback address"
	case !web && !strings.Contains(uri.Scheme, "."):
		return "takes an app's own scheme in the form of a reversed domain name, such as com.example.app:/callback (RFC 8252 §7.1), or begins with https:// or, on a loopback address, http://"
	}
	return ""
}

// originFault: as browsers send it in an Origin header (RFC 6454 §6.2), since
// it is compared with that character for character.
func originFault(uri *url.URL, text string) string {
	switch {
	case uri.Host == "" || uri.Scheme != "http" && uri.Scheme != "https":
		return "takes the origin of a web page, such as https://app.example.com; leave the list out to allow any"
	case !isHost(uri.Hostname()):
		return hostRule
	case !secure(uri):
		return "takes https, or http on a loopback address"
	case !isPort(uri.Port()):
		return "takes a port of 1 to 65535"
	}
	if right := uri.Scheme + "://" + oauth.CanonicalHost(uri.Scheme, uri.Host); text != right {
		return "is to be written as browsers send it: " + right
	}
	return ""
}

// secure reports whether a web address keeps what is sent to it from others.
func secure(uri *url.URL) bool {
	return uri.Scheme == "https" && uri.Hostname() != "" ||
		slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, uri.Hostname())
}

const (
	alphanumeric = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	hostRule     = "takes one whole host, of letters, digits, dots and hyphens: * is none, and other letters are written in Punycode, such as xn--bcher-kva.example"
)

// ofURI reports whether text is of the characters of RFC 3986 §2 only.
func ofURI(text string) bool {
	return strings.Trim(text, alphanumeric+"-._~:/?#[]@!$&'()*+,;=%") == ""
}

// isHost reports whether host is a name or an address that can be in a web
// address (RFC 3986 §3.2.2). An underscore is in no host by the rules, but in
// some in practice.
func isHost(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.Zone() == "" || host != "" && strings.Trim(host, alphanumeric+".-_") == ""
}

// isPort reports whether port is absent or a number as it is written.
func isPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && number > 0 && strconv.FormatUint(number, 10) == port
}
