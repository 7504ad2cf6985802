package proxy

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ErrUpstream is the cause of all errors of ParseUpstream.
var ErrUpstream = errors.New("the upstream must be an http or https URL like https://backend.example.com/v1")

// ParseUpstream parses the URL of a backend: absolute, http or https, without
// user, query and fragment. A path is returned with one slash at the end.
// Errors wrap ErrUpstream and never repeat a password.
func ParseUpstream(text string) (*url.URL, error) {
	upstream, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: it can't be parsed", ErrUpstream)
	}
	if fault := upstreamFault(upstream, text); fault != "" {
		return nil, fmt.Errorf("%w: %s", ErrUpstream, fault)
	}
	parsed := &url.URL{Scheme: upstream.Scheme, Host: strings.ToLower(upstream.Host)}
	if path := upstream.EscapedPath(); path != "" {
		parsed.RawPath = strings.TrimRight(path, "/") + "/"
		parsed.Path, err = url.PathUnescape(parsed.RawPath) // not only UTF-8: else RawPath would not count
	}
	return parsed, err
}

func upstreamFault(upstream *url.URL, text string) string {
	switch {
	case upstream.Scheme != "https" && upstream.Scheme != "http":
		return "it does not begin with https:// or http://"
	case upstream.Hostname() == "":
		return "it has no host"
	case upstream.User != nil:
		return "it has a user"
	case upstream.RawQuery != "" || upstream.ForceQuery:
		return "it has a query"
	case strings.Contains(text, "#"):
		return "it has a fragment"
	case hasDotSegment(upstream.EscapedPath()):
		return "its path has a segment of one or two dots"
	}
	return ""
}

// idle is how long an unused connection is kept, by the clock on the wall:
// between requests Lambda freezes the function, and nothing is closed then.
// Common servers close after 5 s, and a request that is not idempotent and
// meets such an end is lost.
const idle = 4 * time.Second

// NewTransport returns the transport to a backend: connections are used again,
// by HTTP/2 where https offers it, and no setting comes from the environment.
func NewTransport() *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    5 * time.Second,
		ForceAttemptHTTP2:      true,
		IdleConnTimeout:        idle,
		MaxIdleConnsPerHost:    64,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // what is compressed is passed on as it is
	}
}
