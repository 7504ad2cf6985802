package demo

import (
	"net/netip"
	"net/url"
	"slices"

	"gatehouse/internal/oauth"
)

// Site is where the program serves.
type Site struct {
	Local  *url.URL // of the listener, on this machine, without a path
	Public *url.URL // by which clients know the API; nil: as they call it
	Stage  string   // below which the API is; empty: at the root
}

// URL is the address of the page. Below a stage the public address is the
// API's alone.
func (s *Site) URL() string {
	if s.Public != nil && s.Stage == "" {
		return s.Public.String() + "/"
	}
	return origin(s.Local) + "/"
}

// Origins are those that the page may be opened by (RFC 6454).
func (s *Site) Origins() []string {
	origins := []string{origin(s.Local)}
	if addr, err := netip.ParseAddr(s.Local.Hostname()); err == nil && addr.IsLoopback() {
		for _, host := range []string{"127.0.0.1", "localhost", "[::1]"} {
			origins = append(origins, origin(&url.URL{Scheme: "http", Host: host + ":" + s.Local.Port()}))
		}
	}
	if s.Public != nil {
		origins = append(origins, origin(s.Public))
	}
	return unique(origins)
}

// Redirects are the page's addresses, to which users come back.
func (s *Site) Redirects() []string {
	redirects := []string{s.URL()}
	for _, origin := range s.Origins() {
		redirects = append(redirects, origin+"/")
	}
	return unique(redirects)
}

// api is the URL of the API as the page writes it: relative to the origin it
// was opened by, unless there is a public one.
func (s *Site) api() string {
	switch {
	case s.Public != nil:
		return s.Public.String()
	case s.Stage != "":
		return "/" + s.Stage
	}
	return ""
}

func origin(u *url.URL) string {
	return u.Scheme + "://" + oauth.CanonicalHost(u.Scheme, u.Host)
}

// unique drops what was there before.
func unique(values []string) []string {
	var kept []string
	for _, value := range values {
		if !slices.Contains(kept, value) {
			kept = append(kept, value)
		}
	}
	return kept
}
