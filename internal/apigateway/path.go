package apigateway

import (
	"strings"

	"gatehouse/internal/oauth"
)

// sentPath returns the path as the client sent it, as far as the event tells.
func (e *event) sentPath() string {
	switch {
	case e.payload2():
		return escapePath(e.RawPath)
	case !strings.HasPrefix(e.Context.Path, "/") || e.Context.Path == e.Resource:
		// "sam local" puts the template where API Gateway puts the path.
		return e.Path
	}
	return e.Context.Path
}

// routePath returns the part of the path that the API itself defines. What
// comes before it is the stage, the base path of a custom domain, or both:
// which of them an event shows depends on how the domain is mapped, so the
// template of the route that was taken decides, and only without one the
// names of the stage and of the public base path.
func (e *event) routePath(basePath string) string {
	if route, ok := cutBase(e.sentPath(), e.template(), e.PathParameters); ok {
		return route
	}
	path := e.Path // REST API: without the stage already
	if e.payload2() {
		path = e.sentPath()
		if stage := e.Context.Stage; stage != "" && stage != "$default" {
			path = cutPrefix(path, "/"+stage)
		}
	}
	return cutPrefix(path, basePath)
}

// cutPrefix removes prefix where path begins with all of its segments.
func cutPrefix(path, prefix string) string {
	rest, ok := strings.CutPrefix(path, prefix)
	switch {
	case ok && rest == "":
		return "/"
	case ok && rest[0] == '/':
		return rest
	}
	return path
}

// maxBase bounds how many segments a stage and a base path have together, and
// with it the work that a path of nothing but slashes makes.
const maxBase = 16

// cutBase returns the rest of path that fits template, doubled slashes kept.
func cutBase(path, template string, values map[string]string) (rest string, ok bool) {
	if template == "" {
		return "", false
	}
	for base := 0; base <= maxBase && strings.HasPrefix(path, "/"); base++ {
		if fits(path, template, values) {
			return path, true
		}
		segment, rest := nextSegment(path)
		if segment == "" {
			return "", false
		}
		path = rest
	}
	return "", false
}

// fits reports whether all of path matches template. A greedy parameter, the
// last of its template, must have the value that the gateway found for it.
func fits(path, template string, values map[string]string) bool {
	for {
		var want, got string
		want, template = nextSegment(template)
		if name, greedy := strings.CutSuffix(want, "+}"); greedy {
			value, known := values[strings.TrimPrefix(name, "{")]
			return known && sameValue(path, value)
		}
		got, path = nextSegment(path)
		if want == "" || got == "" {
			return want == got
		}
		if !strings.HasPrefix(want, "{") && want != got {
			return false
		}
	}
}

// nextSegment returns the first segment that is not empty and what follows
// it; both are empty at the end.
func nextSegment(path string) (segment, rest string) {
	path = strings.TrimLeft(path, "/")
	if end := strings.IndexByte(path, '/'); end >= 0 {
		return path[:end], path[end:]
	}
	return path, ""
}

// sameValue compares a part of a path with a path parameter's value, which
// the gateway decodes.
func sameValue(path, value string) bool {
	if sameSegments(path, value) {
		return true
	}
	decoded, err := oauth.Unescape(path, false)
	return err == nil && sameSegments(decoded, value)
}

func sameSegments(a, b string) bool {
	for {
		var left, right string
		left, a = nextSegment(a)
		right, b = nextSegment(b)
		if left != right || left == "" {
			return left == right
		}
	}
}

// escapePath escapes what no path of a URL can hold (RFC 3986 §3.3). An HTTP
// API decodes the path, so this restores a part of what was sent; a function
// URL does not, and nothing changes.
func escapePath(path string) string {
	i := 0
	for i < len(path) && isPathByte(path, i) {
		i++
	}
	if i == len(path) {
		return path
	}
	const digits = "0123456789ABCDEF"
	out := []byte(path[:i])
	for ; i < len(path); i++ {
		if isPathByte(path, i) {
			out = append(out, path[i])
		} else {
			out = append(out, '%', digits[path[i]>>4], digits[path[i]&15])
		}
	}
	return string(out)
}

func isPathByte(path string, i int) bool {
	switch c := path[i]; {
	case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9':
		return true
	case c == '%':
		return i+2 < len(path) && isHex(path[i+1]) && isHex(path[i+2])
	default:
		return strings.IndexByte("/-._~!$&'()*+,;=:@", c) >= 0
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
