package proxy

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gatehouse/internal/oauth"
)

// admit refuses what can't be sent on without its meaning being in doubt:
// whoever is behind must read the very request that was verified here.
func admit(r *oauth.Request) *oauth.Error {
	for _, check := range []func(*oauth.Request) *oauth.Error{checkMethod, checkPath, checkHeaders, checkOverride, checkFraming, checkUpgrade, checkLoop} {
		if refusal := check(r); refusal != nil {
			return refusal
		}
	}
	return nil
}

func malformed(description string) *oauth.Error {
	return oauth.BadRequest(oauth.InvalidRequest, description)
}

// checkMethod: CONNECT and TRACE are about the connection and not about the
// backend's resources (RFC 9110 §9.3.6, §9.3.8), and TRACE would show what the
// backend is told.
func checkMethod(r *oauth.Request) *oauth.Error {
	if !isToken(r.Method) {
		return malformed("the method is not a token of RFC 9110")
	}
	for _, method := range []string{http.MethodConnect, http.MethodTrace, "TRACK"} {
		if strings.EqualFold(r.Method, method) {
			return &oauth.Error{Status: http.StatusMethodNotAllowed, Code: oauth.InvalidRequest,
				Description: method + " is not for backends", Allow: "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"}
		}
	}
	return nil
}

// checkPath refuses dot segments, however they are written: a backend that
// resolves them (RFC 3986 §5.2.4) would serve another path than the one that
// was judged, perhaps above its own.
func checkPath(r *oauth.Request) *oauth.Error {
	switch {
	case !strings.HasPrefix(r.Route, Prefix):
		return &oauth.Error{Status: http.StatusNotFound, Code: oauth.InvalidRequest, Description: "no such path"}
	case strings.ContainsFunc(r.Route, notInURL) || strings.Contains(r.Route, "?"):
		return malformed("the path has characters that no URL has")
	case strings.ContainsFunc(r.RawQuery, notInURL):
		return malformed("the query has characters that no URL has")
	case hasDotSegment(r.Route):
		return malformed("the path has a segment of one or two dots")
	}
	return nil
}

func notInURL(c rune) bool { return c <= ' ' || c == 0x7f || c == '#' }

// hasDotSegment takes encoded slashes and backslashes for slashes, and what
// follows a semicolon for parameters of its segment, since some backends do.
func hasDotSegment(path string) bool {
	for _, reading := range []string{path, decoded(path)} {
		for _, segment := range strings.FieldsFunc(reading, func(c rune) bool { return c == '/' || c == '\\' }) {
			if name, _, _ := strings.Cut(segment, ";"); name == "." || name == ".." {
				return true
			}
		}
	}
	return false
}

// decoded is path with what can be decoded of it.
func decoded(path string) string {
	text, err := oauth.Unescape(path, false)
	if err == nil {
		return text
	}
	return strings.NewReplacer("%2e", ".", "%2E", ".", "%2f", "/", "%2F", "/", "%5c", "/", "%5C", "/", "%3b", ";", "%3B", ";").Replace(path)
}

// checkHeaders refuses names and values by which one header could become two
// (RFC 9110 §5.1, §5.5), and two values where readers take one or the other.
func checkHeaders(r *oauth.Request) *oauth.Error {
	for name, values := range r.Header {
		if !isToken(name) {
			return malformed("a header's name is not a token of RFC 9110: " + oauth.Printable(name))
		}
		if slices.ContainsFunc(values, hasControl) {
			return malformed("a header's value has control characters: " + oauth.Printable(name))
		}
	}
	for _, name := range []string{"Content-Type", "Host"} {
		if len(r.Header.Values(name)) > 1 || name == "Content-Type" && strings.Contains(r.MediaType(), ",") {
			return malformed("more than one " + name + " header")
		}
	}
	return nil
}

func hasControl(value string) bool {
	return strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f })
}

// isToken is RFC 9110 §5.6.2.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
	})
}

// checkFraming: by now the gateway has read the body, so headers that say
// something else of its length are a try to smuggle (RFC 9112 §11.2).
func checkFraming(r *oauth.Request) *oauth.Error {
	lengths, codings := r.Header.Values("Content-Length"), r.Header.Values("Transfer-Encoding")
	switch {
	case len(lengths) > 0 && len(codings) > 0:
		return malformed("Content-Length beside Transfer-Encoding")
	case len(lengths) > 1 || len(lengths) == 1 && lengths[0] != strconv.Itoa(len(r.Body)):
		return malformed("the Content-Length is not that of the body")
	case len(codings) > 1 || len(codings) == 1 && !strings.EqualFold(codings[0], "chunked"):
		return malformed("the Transfer-Encoding is not chunked")
	}
	return nil
}

// checkUpgrade: an answer is passed on whole, so there is no connection that
// another protocol could take over. h2c is an offer that any server may pass
// over (RFC 9110 §7.8), and common clients make it with every request.
func checkUpgrade(r *oauth.Request) *oauth.Error {
	for _, protocol := range listed(r.Header.Values("Upgrade")) {
		if !strings.EqualFold(protocol, "h2c") {
			return &oauth.Error{Status: http.StatusNotImplemented, Code: oauth.InvalidRequest,
				Description: "there is no upgrade to another protocol, such as WebSocket, by this address"}
		}
	}
	return nil
}

// pseudonym is this proxy in Via (RFC 9110 §7.6.3).
const pseudonym = "gatehouse"

// checkLoop: an UPSTREAM_URL that leads back here would go on until the
// functions run out.
func checkLoop(r *oauth.Request) *oauth.Error {
	for _, hop := range listed(r.Header.Values("Via")) {
		if fields := strings.Fields(hop); len(fields) > 1 && fields[1] == pseudonym {
			return &oauth.Error{Status: http.StatusLoopDetected, Code: oauth.InvalidRequest,
				Description: "the request came through this proxy before"}
		}
	}
	return nil
}

// listed are the members of a list header (RFC 9110 §5.6.1).
func listed(values []string) (members []string) {
	for member := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if member = strings.TrimSpace(member); member != "" {
			members = append(members, member)
		}
	}
	return members
}
