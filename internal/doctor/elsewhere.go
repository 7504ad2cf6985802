package doctor

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// otherAddresses are whole other base URLs: scheme, host and path.
func (r *reading) otherAddresses(right *draft) (all []mistake) {
	for _, base := range r.c.Addresses {
		for _, route := range r.routes(right) {
			if m, differs := otherAddress(right, base, route); differs {
				all = append(all, m)
			}
		}
	}
	return all
}

// otherAddress is base, and route below it; differs is false when nothing but
// the host does.
func otherAddress(right *draft, base *url.URL, route string) (m mistake, differs bool) {
	host, prefix := oauth.CanonicalHost(base.Scheme, base.Host), strings.TrimSuffix(base.EscapedPath(), "/")
	own := right.scheme + "://" + right.host + strings.TrimSuffix(right.path, route)
	m = of("address", fmt.Sprintf("the URL was signed below %s, and the server goes by %s", shortHost(base.Scheme+"://"+host+prefix), shortHost(own)),
		"sign with the server's public address, or let the operator set PUBLIC_BASE_URL to the one that clients sign",
		func(d *draft) { d.scheme, d.host, d.path = base.Scheme, host, prefix+route })
	m.field = "host"
	return m, base.Scheme != right.scheme || prefix+route != right.path
}

// routes are what the path may be below another address: what is known to be
// the API's own route, all of it, and it without what may be a stage.
func (r *reading) routes(right *draft) []string {
	_, known := r.split()
	routes := []string{known}
	for _, prefix := range []string{"", segments(right.path, 1), segments(right.path, 2)} {
		if route := strings.TrimPrefix(right.path, prefix); !slices.Contains(routes, route) {
			routes = append(routes, route)
		}
	}
	return routes
}

// localAddresses are where servers listen on a developer's own machine.
func localAddresses(r *reading, right *draft) (all []mistake) {
	for _, host := range []string{"localhost", "127.0.0.1"} {
		for _, port := range []string{"", ":3000", ":5000", ":8000", ":8080"} {
			base := &url.URL{Scheme: "http", Host: host + port}
			for _, route := range r.routes(right) {
				m, differs := otherAddress(right, base, route)
				if !differs {
					m = otherHost(right, base.Host)
				}
				m.alone = true
				all = append(all, m)
			}
		}
	}
	return all
}
