package doctor

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"gatehouse/internal/oauth"
)

// Message is a request as its sender wrote it.
type Message struct {
	Method      string
	URL         string // "//host/path" where the scheme is not known
	Header      http.Header
	Body        []byte
	BodyUnknown bool     // there is one, and it is not known
	Notes       []string // of what was passed over
}

// Read reads a request from a curl command, or from the text of an HTTP/1.1
// request. An error says what is wrong with the text.
func Read(text string) (*Message, error) {
	text = strings.TrimLeft(text, " \t\r\n$")
	command, _, _ := strings.Cut(text, " ")
	switch {
	case text == "":
		return nil, errors.New("there is no request: the text is empty")
	case command == "curl" || command == "curl.exe" || strings.HasPrefix(text, "curl\\"):
		return readCurl(text)
	}
	return readHTTP(text)
}

// Sent is a request, with what else there is to know of where it went.
type Sent struct {
	Request   *oauth.Request
	Addresses []*url.URL // for Case.Addresses
}

// At is the request as a server sees it that goes by the address base; nil: by
// the one that was called. Errors are about the URL or the query.
func (m *Message) At(base *url.URL) (*Sent, error) {
	scheme, host, path, query, err := splitURL(m.URL)
	if err != nil {
		return nil, err
	}
	params, err := oauth.ParseForm(query)
	if err != nil {
		return nil, fmt.Errorf("the query: %w", err)
	}
	header := m.Header.Clone()
	if header.Get("Host") == "" {
		header.Set("Host", host)
	}
	q := &oauth.Request{Method: m.Method, Scheme: m.scheme(scheme, host, base), Host: host, Path: path, Query: params,
		Header: header, Body: m.Body, BodySeen: !m.BodyUnknown, Source: loopback(host)}
	q.Host = oauth.CanonicalHost(q.Scheme, host)
	if base == nil {
		return &Sent{Request: q}, nil
	}
	return seenAt(q, base), nil
}

// scheme is that of the URL, or else of the server, or else what is usual.
func (m *Message) scheme(scheme, host string, base *url.URL) string {
	switch {
	case scheme != "":
		return scheme
	case base != nil:
		return base.Scheme
	case loopback(host).IsLoopback():
		return "http"
	}
	return "https"
}

// loopback is the address of a host that is this very machine, for the rule
// that PLAINTEXT needs https elsewhere.
func loopback(host string) netip.Addr {
	name := (&url.URL{Host: host}).Hostname()
	if addr, err := netip.ParseAddr(name); err == nil && addr.IsLoopback() || name == "localhost" {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.Addr{}
}

var errURL = errors.New("the URL is to be like https://api.example.com/path")

// splitURL keeps path and query as they are written.
func splitURL(text string) (scheme, host, path, query string, err error) {
	text, _, _ = strings.Cut(text, "#")
	scheme, rest, absolute := strings.Cut(text, "//")
	scheme = strings.ToLower(strings.TrimSuffix(scheme, ":"))
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host, rest = rest[:end], rest[end:]
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	if !absolute || host == "" || scheme != "" && scheme != "http" && scheme != "https" {
		return "", "", "", "", errURL
	}
	if _, err := url.Parse("//" + host); err != nil {
		return "", "", "", "", fmt.Errorf("%w: its host is written %q", errURL, oauth.Printable(host))
	}
	path, query, _ = strings.Cut(rest, "?")
	if path == "" {
		path = "/"
	}
	return scheme, host, path, query, nil
}

// seenAt is a request to another address of the server that goes by base, such
// as that of a stage. Below an address of API Gateway's own the first segment
// of the path is the stage.
func seenAt(q *oauth.Request, base *url.URL) *Sent {
	prefix := strings.TrimSuffix(base.EscapedPath(), "/")
	called := &url.URL{Scheme: q.Scheme, Host: q.Host}
	route, below := strings.CutPrefix(q.Path, prefix)
	if !below || route != "" && route[0] != '/' {
		route = q.Path
		if strings.Contains(q.Host, ".execute-api.") {
			called.Path = segments(q.Path, 1)
			route = strings.TrimPrefix(route, called.Path)
		}
	} else {
		called.Path = prefix
	}
	called.RawPath = called.Path
	called.Path = unescaped(called.Path)
	seen := *q
	seen.Scheme, seen.Host = base.Scheme, oauth.CanonicalHost(base.Scheme, base.Host)
	seen.Route = route
	seen.Path = prefix + route
	return &Sent{Request: &seen, Addresses: []*url.URL{called}}
}
