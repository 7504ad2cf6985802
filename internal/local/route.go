package local

import (
	"strings"
)

// api is a REST API as a template declares it.
type api struct {
	stage     string
	routes    []*route
	responses map[responseType]*gatewayResponse
	binary    mediaTypes
	variables map[string]string // of the stage
}

// route is one method of one resource path.
type route struct {
	method     string // or ANY
	template   string
	segments   []string
	authorizer *authorizer // nil: open
	function   Handler
	preflight  *preflight // in place of a function
}

const anyMethod = "ANY"

// find sets the call's route: the most specific path that matches, then the
// method on that path.
func (g *gateway) find(c *call) bool {
	sent := segments(c.path)
	var best *route
	for _, candidate := range g.routes {
		if matches(candidate.segments, sent) && (best == nil || moreSpecific(candidate.segments, best.segments)) {
			best = candidate
		}
	}
	if best == nil {
		return false
	}
	c.route = g.method(best.template, c.request.Method)
	if c.route == nil {
		return false
	}
	c.context.ResourcePath = c.route.template
	c.values = pathParameters(c.route.segments, c.path)
	return true
}

// method returns the route of a resource for method, its own before ANY.
func (a *api) method(template, method string) (found *route) {
	for _, route := range a.routes {
		if route.template != template {
			continue
		}
		if route.method == method {
			return route
		}
		if route.method == anyMethod {
			found = route
		}
	}
	return found
}

// segments are the parts of a path that are not empty: API Gateway finds
// routes without regard to doubled slashes and to one at the end.
func segments(path string) []string {
	return strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
}

func isParameter(segment string) bool { return strings.HasPrefix(segment, "{") }

func isGreedy(segment string) bool { return strings.HasSuffix(segment, "+}") }

func parameterName(segment string) string { return strings.Trim(segment, "{+}") }

func matches(template, sent []string) bool {
	for i, want := range template {
		switch {
		case i >= len(sent):
			return false
		case isGreedy(want):
			return true
		case !isParameter(want) && want != sent[i]:
			return false
		}
	}
	return len(template) == len(sent)
}

// moreSpecific decides between two templates that match the same path: at the
// first difference, what is written out beats a parameter, and a parameter
// beats a greedy one.
func moreSpecific(a, b []string) bool {
	for i := range min(len(a), len(b)) {
		if left, right := vagueness(a[i]), vagueness(b[i]); left != right {
			return left < right
		}
	}
	return len(a) > len(b)
}

func vagueness(segment string) int {
	switch {
	case isGreedy(segment):
		return 2
	case isParameter(segment):
		return 1
	}
	return 0
}

// pathParameters are decoded, or nil when the route has none.
func pathParameters(template []string, path string) map[string]string {
	var values map[string]string
	set := func(segment, value string) {
		if values == nil {
			values = map[string]string{}
		}
		values[parameterName(segment)] = decodeOr(value, false)
	}
	rest := path
	for _, segment := range template {
		rest = strings.TrimLeft(rest, "/")
		value, after, _ := strings.Cut(rest, "/")
		if isGreedy(segment) {
			set(segment, rest)
			return values
		}
		if isParameter(segment) {
			set(segment, value)
		}
		rest = after
	}
	return values
}
