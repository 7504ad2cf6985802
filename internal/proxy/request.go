package proxy

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"gatehouse/internal/oauth"
)

// request is what the backend gets: r without its credentials, with who
// session is of. It is anonymous without a session.
func (p *Proxy) request(r *oauth.Request, session *oauth.Session) (*http.Request, error) {
	query, body := withoutCredentials(r, session)
	out := &http.Request{
		Method: r.Method,
		URL:    p.target(r.Route, query),
		Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: passedOn(r, len(body) != len(r.Body)),
		Host:   p.Upstream.Host,
	}
	setBody(out, body)
	setForwarded(out.Header, r)
	if session == nil {
		return out, nil
	}
	return out, p.setIdentity(out, r.Issuer(), session)
}

// setBody lets the transport send the body again where nothing of it was
// taken; it repeats no request that is not idempotent (RFC 9110 §9.2.2).
func setBody(out *http.Request, body []byte) {
	out.Body = http.NoBody
	if len(body) == 0 {
		return
	}
	out.ContentLength = int64(len(body))
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	out.Body = io.NopCloser(bytes.NewReader(body))
}

// target is where a route is at the backend: an upstream without a path has
// it as it is, one with a path has that in place of Prefix. It never begins
// with two slashes, which would look like a host.
func (p *Proxy) target(route, query string) *url.URL {
	path := route
	if base := p.Upstream.EscapedPath(); base != "" {
		path = "/" + strings.TrimLeft(base+strings.TrimPrefix(route, Prefix), "/")
	}
	return &url.URL{Scheme: p.Upstream.Scheme, Host: p.Upstream.Host, Opaque: path, RawQuery: query}
}

// withoutCredentials returns query and body without the parameters that r was
// verified by. All else stays as it was sent, byte for byte.
func withoutCredentials(r *oauth.Request, session *oauth.Session) (query string, body []byte) {
	scheme, _ := r.Authorization()
	switch {
	case session == nil || scheme != "":
		return r.RawQuery, r.Body
	case session.Protocol == oauth.OAuth2:
		return r.RawQuery, []byte(cutPairs(string(r.Body), func(name string) bool { return name == "access_token" }))
	case r.Query.Has("oauth_consumer_key"):
		return cutPairs(r.RawQuery, isProtocol), r.Body
	}
	return r.RawQuery, []byte(cutPairs(string(r.Body), isProtocol))
}

// isProtocol is RFC 5849 §3.1.
func isProtocol(name string) bool { return strings.HasPrefix(name, "oauth_") }

// cutPairs removes pairs from form-encoded text by their decoded name.
func cutPairs(text string, cut func(name string) bool) string {
	pairs := strings.Split(text, "&")
	kept := pairs[:0]
	for _, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		decoded, err := oauth.UnescapeForm(name)
		if err != nil || !cut(decoded) {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}
