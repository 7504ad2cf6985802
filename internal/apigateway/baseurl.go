package apigateway

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"gatehouse/internal/oauth"
)

// ErrBaseURL is the cause of all errors of ParseBaseURL.
var ErrBaseURL = errors.New("the base URL must be like https://api.example.com/v1")

// ParseBaseURL parses the public URL below which clients see the API: an
// absolute http or https URL without query, fragment and user. It returns it
// with a lower-case host, without the scheme's own port, without a slash at
// the end. Errors wrap ErrBaseURL and never repeat a password.
func ParseBaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: it can't be parsed", ErrBaseURL)
	}
	if fault := baseURLFault(base, text); fault != "" {
		return nil, fmt.Errorf("%w: %s", ErrBaseURL, fault)
	}
	base.Host = oauth.CanonicalHost(base.Scheme, base.Host)
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = strings.TrimRight(base.RawPath, "/")
	return base, nil
}

func baseURLFault(base *url.URL, text string) string {
	switch {
	case base.Scheme != "https" && base.Scheme != "http":
		return "it does not begin with https:// or http://"
	case base.Hostname() == "":
		return "it has no host"
	case base.User != nil:
		return "it has a user"
	case base.RawQuery != "" || base.ForceQuery:
		return "it has a query"
	case strings.Contains(text, "#"):
		return "it has a fragment"
	}
	return ""
}

// site is what an event does not say of its API: the base URL taken apart, with
// no host when there is none, who is in front, and whether its gateway keeps what
// the authorizer answers.
type site struct {
	scheme, host, path string
	trusted            TrustedProxies
	bearerOnly         bool
}

// newSite returns the site of the gateway's base URL. Without one its scheme
// alone is known.
func (g *Gateway) newSite() site {
	base := g.BaseURL
	switch {
	case base == nil && g.PlainHTTP:
		return site{scheme: "http", trusted: g.Trusted}
	case base == nil:
		return site{scheme: "https", trusted: g.Trusted}
	}
	return site{trusted: g.Trusted}.at(base)
}

// at is the site with base for its URL.
func (s site) at(base *url.URL) site {
	s.scheme, s.host = base.Scheme, oauth.CanonicalHost(base.Scheme, base.Host)
	s.path = strings.TrimRight(base.EscapedPath(), "/")
	return s
}

// stageBaseURL is the stage variable by which the owner of an API, and nobody
// else, gives its base URL. Several APIs with different addresses can so share
// an authorizer.
const stageBaseURL = "PUBLIC_BASE_URL"

// forStage returns the site of the event's own API.
func (s site) forStage(e *event) (site, error) {
	bearerOnly, err := bearerOnly(e.StageVariables)
	if err != nil {
		return site{}, err
	}
	s.bearerOnly = bearerOnly
	text := e.StageVariables[stageBaseURL]
	if text == "" {
		return s, nil
	}
	base, err := ParseBaseURL(text)
	if err != nil {
		return site{}, fmt.Errorf("apigateway: stage variable %s: %w", stageBaseURL, err)
	}
	return s.at(base), nil
}

// locate returns the URL's parts that the client used, and the route in it.
// Without a base URL the host is the one the gateway says it was called by. The
// scheme never comes from a header: that would come from the client.
func (s site) locate(e *event) (scheme, host, path, route string) {
	below := e.routePath(s.path)
	route = "/" + strings.TrimLeft(below, "/")
	if s.host == "" {
		return s.scheme, oauth.CanonicalHost(s.scheme, e.Context.DomainName), e.sentPath(), route
	}
	return s.scheme, s.host, s.path + below, route
}
