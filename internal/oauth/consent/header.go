package consent

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// header is what every answer has. Nobody may keep it or frame it (RFC 9700
// §4.16), and no address in it, with the secrets it has, is told to others
// (§4.2.4). A browser that was here asks by https alone for a year; it heeds
// that on https only (RFC 6797 §8.1).
func header(policy string) http.Header {
	return http.Header{
		"Cache-Control":                {"no-store"},
		"Content-Security-Policy":      {policy + "; frame-ancestors 'none'; base-uri 'none'"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Referrer-Policy":              {"no-referrer"},
		"Strict-Transport-Security":    {"max-age=31536000"},
		"X-Content-Type-Options":       {"nosniff"},
		"X-Frame-Options":              {"DENY"},
	}
}

// policy lets a page use its own style sheet, the operator's logo and its form,
// and nothing else.
func (p *page) policy() string {
	hash := sha256.Sum256([]byte(p.Style))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"
	if logo, err := url.Parse(p.Logo); err == nil && logo.Host != "" {
		policy += "; img-src https://" + logo.Host
	}
	return policy + "; form-action " + cmp.Or(p.action, "'none'")
}

// formAction are the sources to which a form may lead whose answer redirects
// to uri: browsers apply form-action to redirects too, and to those that
// follow them, so it is all of https for an address on the web. An address of
// IPv6 has no source expression (CSP 3 §2.3.1).
func formAction(uri string) string {
	to, err := url.Parse(uri)
	switch {
	case err != nil || uri == oauth.OutOfBand:
		return "'self'"
	case to.Scheme == "https":
		return "'self' https:"
	case to.Scheme == "http" && strings.HasPrefix(to.Host, "["):
		return "'self' https: http:"
	case to.Scheme == "http":
		return "'self' https: http://" + to.Host
	}
	return "'self' " + to.Scheme + ":"
}

// redirect sends the browser to location, always by GET: what it sent here
// stays here (RFC 9700 §4.12).
func redirect(location string) oauth.Response {
	header := header("default-src 'none'; form-action 'none'")
	header.Set("Location", location)
	header.Set("Content-Type", "text/html; charset=utf-8") // or API Gateway says JSON
	return oauth.Response{Status: http.StatusSeeOther, Header: header}
}

// answer sends the browser to the client with params, which are added to what
// query its URI has (RFC 6749 §4.1.2, RFC 5849 §2.2).
func (a *authorization) answer(params oauth.Params) oauth.Response {
	separator := "?"
	if strings.Contains(a.redirect, "?") {
		separator = "&"
	}
	return redirect(a.redirect + separator + oauth1.EncodeForm(params))
}

// onDevice reports whether host is the user's own device (RFC 8252 §7.3).
func onDevice(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
