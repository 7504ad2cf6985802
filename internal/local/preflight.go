package local

import (
	"net/http"
	"slices"
	"strings"
)

// preflight answers OPTIONS of a path that has no such method of its own.
type preflight struct {
	header http.Header
}

func (p *preflight) answer() answer {
	header := p.header.Clone()
	header.Set("Content-Type", "application/json")
	return answer{http.StatusOK, header, []byte("{}\n")}
}

// cors is Cors of the API; empty values leave their header out.
type cors struct {
	origin, methods, headers, maxAge string
	credentials                      bool
}

// addPreflights adds a preflight to every path that lacks OPTIONS.
func (a *api) addPreflights(c *cors, guard *authorizer) {
	methods := map[string][]string{}
	var templates []string
	for _, route := range a.routes {
		if methods[route.template] == nil {
			templates = append(templates, route.template)
		}
		methods[route.template] = append(methods[route.template], route.method)
	}
	for _, template := range templates {
		if slices.Contains(methods[template], http.MethodOptions) {
			continue
		}
		a.routes = append(a.routes, &route{method: http.MethodOptions, template: template,
			segments: segments(template), authorizer: guard, preflight: c.preflight(methods[template])})
	}
}

func (c *cors) preflight(methods []string) *preflight {
	header := http.Header{}
	set := func(name, value string) {
		if value != "" {
			header.Set(name, value)
		}
	}
	set("Access-Control-Allow-Origin", c.origin)
	set("Access-Control-Allow-Headers", c.headers)
	set("Access-Control-Max-Age", c.maxAge)
	allowed := c.methods
	if allowed == "" {
		allowed = allowedMethods(methods)
	}
	set("Access-Control-Allow-Methods", allowed)
	if c.credentials {
		set("Access-Control-Allow-Credentials", "true")
	}
	return &preflight{header}
}

func allowedMethods(methods []string) string {
	if slices.Contains(methods, anyMethod) {
		return "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
	}
	all := append(slices.Clone(methods), http.MethodOptions)
	slices.Sort(all)
	return strings.Join(all, ",")
}
