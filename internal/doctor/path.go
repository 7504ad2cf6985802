package doctor

import (
	"fmt"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// pathMistakes are about the path of the base string URI (RFC 5849 §3.4.1.2).
func pathMistakes(r *reading, right *draft) []mistake {
	all := prefixMistakes(r, right)
	all = append(all, slashMistakes(right)...)
	all = append(all, queryMistakes(right)...)
	all = append(all,
		ofPath("path_not_escaped", "the path was signed without its percent-encoding", "sign it as it is sent", unescaped),
		ofPath("path_escaped_twice", "the path was percent-encoded a second time before it was signed", "sign it as it is sent",
			func(path string) string { return strings.ReplaceAll(path, "%", "%25") }),
		ofPath("path_escapes_case", "the path was signed with its escapes in the other case, such as %2f for %2F", "sign it as it is sent", lowerEscapes),
		ofPath("path_escapes_case", "the path was signed with its escapes in the other case, such as %2F for %2f", "sign it as it is sent", upperEscapes),
		ofPath("path_encoding", "more of the path was percent-encoded in what was signed than in what was sent", "sign it as it is sent", escapedMore),
		ofPath("path_encoding", "less of the path was percent-encoded in what was signed than in what was sent", "sign it as it is sent", escapedLess),
		ofPath("path_plus", "a space in the path was signed as +", "a space in a path is %20",
			func(path string) string { return strings.ReplaceAll(path, "%20", "+") }),
		ofPath("path_plus", "a + in the path was signed as a space", "in a path + is a plus sign: send %20 for a space",
			func(path string) string { return strings.ReplaceAll(path, "+", "%20") }),
		ofPath("path_case", "the path was signed in lower case", "sign it as it is sent", strings.ToLower),
	)
	return all
}

func ofPath(code, what, fix string, change func(string) string) mistake {
	return of(code, what, fix, func(d *draft) { d.path = change(d.path) })
}

// split parts the path into what comes before the API's own routes, the stage
// or the base path, and the rest.
func (r *reading) split() (prefix, route string) {
	q := r.c.Request
	if prefix, below := strings.CutSuffix(q.Path, q.Route); below && q.Route != "" {
		return prefix, q.Route
	}
	return "", q.Path
}

// guesses are what people call a stage or a base path.
func guesses() []string { return []string{"/prod", "/Prod", "/dev", "/stage", "/v1", "/api"} }

func prefixMistakes(r *reading, right *draft) (all []mistake) {
	prefix, _ := r.split()
	known := []string{prefix, segments(right.path, 1), segments(right.path, 2)}
	for i, part := range known {
		if part == "" || part == "/" || i > 0 && part == prefix {
			continue
		}
		all = append(all, ofPath("path_prefix_left_out", fmt.Sprintf("the path was signed without its beginning %s", oauth.Printable(part)),
			"sign the whole path that is called, with the stage or base path", func(path string) string { return strings.TrimPrefix(path, part) }))
	}
	for _, base := range r.c.Addresses {
		all = append(all, addedPrefix(strings.TrimSuffix(base.EscapedPath(), "/")))
	}
	for _, guess := range guesses() {
		all = append(all, addedPrefix(guess))
	}
	return all
}

func addedPrefix(prefix string) mistake {
	return ofPath("path_prefix_added", fmt.Sprintf("the path was signed with %s before it, which the server's address does not have", oauth.Printable(prefix)),
		"sign the path of the public address", func(path string) string { return prefix + path })
}

// segments is the first n segments of a path that has more.
func segments(path string, n int) string {
	end := 0
	for range n {
		next := strings.IndexByte(path[min(end+1, len(path)):], '/')
		if next < 0 {
			return ""
		}
		end += next + 1
	}
	return path[:end]
}

func slashMistakes(right *draft) []mistake {
	all := []mistake{
		ofPath("path_slash_doubled", "the path was signed with two slashes at its beginning", "join base URL and path with one slash",
			func(path string) string { return "/" + path }),
		ofPath("path_slash_collapsed", "the path was signed with one slash where two are sent", "sign it as it is sent",
			func(path string) string { return strings.ReplaceAll(path, "//", "/") }),
	}
	if strings.HasSuffix(right.path, "/") {
		return append(all, ofPath("path_slash_left_out", "the URL was signed without the slash at the end of its path",
			"sign the path as it is sent; where a URL has none it is /", func(path string) string { return strings.TrimSuffix(path, "/") }))
	}
	return append(all, ofPath("path_slash_added", "the URL was signed with a slash at the end of its path, and called without one",
		"sign the path as it is sent", func(path string) string { return path + "/" }))
}

// queryMistakes keep the query in the URI; its parameters belong to the others.
func queryMistakes(right *draft) (all []mistake) {
	var query oauth.Params
	for i := range right.params {
		if p := &right.params[i]; p.in == inQuery && applications(p) {
			query = append(query, p.Param)
		}
	}
	if query == nil {
		return nil
	}
	encoded := oauth1.EncodeForm(query)
	for _, text := range []string{encoded, strings.ReplaceAll(encoded, "%20", "+"), plain(query)} {
		all = append(all, of("query_in_url", "the URL was signed with its query", "cut the query off the URL: its parameters are signed with the others",
			func(d *draft) { d.query = "?" + text }),
			of("query_only_in_url", "the query was signed as part of the URL, and not with the parameters", "cut it off the URL, and sign its parameters with the others",
				func(d *draft) {
					d.query, d.params = "?"+text, kept(d.params, func(p *param) bool { return p.in != inQuery || protocol(p) })
				}))
	}
	return all
}

func plain(params oauth.Params) string {
	var pairs []string
	for _, p := range params {
		pairs = append(pairs, p.Name+"="+p.Value)
	}
	return strings.Join(pairs, "&")
}

func unescaped(text string) string {
	if plain, err := oauth.Unescape(text, false); err == nil {
		return plain
	}
	return text
}

func escapedMore(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = oauth1.Escape(unescaped(parts[i]))
	}
	return strings.Join(parts, "/")
}

// escapedLess leaves what may stand in a path as it is (RFC 3986 §3.3).
func escapedLess(path string) string {
	for _, c := range "!$&'()*+,;=:@" {
		path = strings.ReplaceAll(path, fmt.Sprintf("%%%02X", c), string(c))
	}
	return path
}

func lowerEscapes(text string) string { return mapEscapes(text, strings.ToLower) }
func upperEscapes(text string) string { return mapEscapes(text, strings.ToUpper) }

func mapEscapes(text string, change func(string) string) string {
	parts := strings.Split(text, "%")
	for i := 1; i < len(parts); i++ {
		digits := min(2, len(parts[i]))
		parts[i] = change(parts[i][:digits]) + parts[i][digits:]
	}
	return strings.Join(parts, "%")
}
