package local

import (
	"net/http"
	"slices"
	"strings"
)

// readRoutes reads the events of type Api of all functions.
func (r *reader) readRoutes() {
	for _, resource := range r.resources.fields() {
		kind := resource.field("Type").text()
		if !r.exists(resource.value) {
			continue
		}
		for _, event := range resource.field("Properties").field("Events").fields() {
			switch event.field("Type").text() {
			case "Api":
				r.readRoute(kind, resource.name, event.field("Properties"))
			case "HttpApi":
				event.field("Type").fault("the local gateway serves a REST API only")
			}
		}
		if url := resource.field("Properties").field("FunctionUrlConfig"); url.present() {
			url.fault("the local gateway serves no function URLs")
		}
	}
	r.checkSiblings()
}

func (r *reader) readRoute(kind, function string, properties value) {
	properties.only("RestApiId", "Path", "Method", "Auth")
	if kind != "AWS::Serverless::Function" {
		properties.fault("the local gateway cannot call a resource of type %s", kind)
		return
	}
	if id := properties.field("RestApiId"); id.reference() != r.name {
		id.fault("must be !Ref %s, the API of this template", r.name)
	}
	found := &route{
		method:   strings.ToUpper(properties.field("Method").text()),
		template: readPath(properties.field("Path")),
		function: r.function(function, properties),
	}
	found.authorizer = r.guard(properties.field("Auth"), found.method)
	found.segments = segments(found.template)
	if !slices.Contains(methods(), found.method) {
		properties.field("Method").fault("is not a method that API Gateway knows: %s", strings.Join(methods(), ", "))
	}
	if slices.ContainsFunc(r.api.routes, found.same) {
		properties.fault("%s %s is declared twice", found.method, found.template)
	}
	r.api.routes = append(r.api.routes, found)
}

func methods() []string {
	return []string{anyMethod, http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions,
		http.MethodPatch, http.MethodPost, http.MethodPut}
}

func (r *route) same(other *route) bool {
	return r.method == other.method && r.template == other.template
}

// readPath checks a resource path by the rules of API Gateway.
func readPath(v value) string {
	template := v.text()
	all := segments(template)
	if template != "/"+strings.Join(all, "/") {
		v.fault("must begin with / and have no empty part")
	}
	seen := map[string]bool{}
	for i, segment := range all {
		name := segment
		if isParameter(segment) {
			name = parameterName(segment)
			if seen[name] || segment != "{"+name+"}" && segment != "{"+name+"+}" {
				v.fault("%s must be {name} or {name+}, each name once", segment)
			}
			seen[name] = true
		}
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:") != "" || name == "" {
			v.fault("%s has characters that API Gateway does not take in a resource path", segment)
		}
		if isGreedy(segment) && i < len(all)-1 {
			v.fault("%s must be the last part", segment)
		}
	}
	return template
}

// checkSiblings faults two parameters of different names in the same place,
// which API Gateway does not take.
func (r *reader) checkSiblings() {
	for i, a := range r.api.routes {
		for _, b := range r.api.routes[:i] {
			if left, right := siblings(a.segments, b.segments); left != "" {
				r.resources.fault("%s of %s and %s of %s are in the same place and must have one name",
					right, b.template, left, a.template)
			}
		}
	}
}

// siblings are the first parts in which two paths differ, when both are
// parameters.
func siblings(a, b []string) (left, right string) {
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			continue
		}
		if isParameter(a[i]) && isParameter(b[i]) && isGreedy(a[i]) == isGreedy(b[i]) {
			return a[i], b[i]
		}
		return "", ""
	}
	return "", ""
}
