package grants

import (
	"crypto/sha256"
	_ "embed" // for the script
	"encoding/base64"
	"net/http"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth2"
)

//go:embed client.js
var clientScript string

// moduleLine makes a module of the script. A plain script may have neither
// export nor import.meta, so it comes only with the query "module".
const moduleLine = "export { Gatehouse }; Gatehouse.base = new URL('..', import.meta.url).href;\n"

// script answers GET /oauth/client.js, which pages of any origin may load.
func (e *Endpoint) script(r *oauth.Request) (oauth.Response, error) {
	if r.Method != http.MethodGet {
		return oauth2.Refuse(e.Terms.Realm, &oauth.Error{Status: http.StatusMethodNotAllowed, Code: oauth.InvalidRequest,
			Description: "the method is GET", Allow: http.MethodGet})
	}
	text := clientScript
	if r.Query.Has("module") {
		text += moduleLine
	}
	tag := entityTag(text)
	header := http.Header{
		"Cache-Control":                {"public, max-age=300"},
		"Cross-Origin-Resource-Policy": {"cross-origin"},
		"Etag":                         {tag},
		"X-Content-Type-Options":       {"nosniff"},
	}
	if matches(r.Header.Values("If-None-Match"), tag) {
		return oauth.Response{Status: http.StatusNotModified, Header: header}, nil
	}
	header.Set("Content-Type", "text/javascript; charset=utf-8")
	return oauth.Response{Status: http.StatusOK, Header: header, Body: []byte(text)}, nil
}

// entityTag is a strong one (RFC 9110 §8.8.3).
func entityTag(text string) string {
	sum := sha256.Sum256([]byte(text))
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// matches is the comparison of If-None-Match (RFC 9110 §13.1.2), which is
// weak: a proxy that compresses makes the tag a weak one.
func matches(lists []string, tag string) bool {
	for _, list := range lists {
		for asked := range strings.SplitSeq(list, ",") {
			asked = strings.TrimPrefix(strings.TrimSpace(asked), "W/")
			if asked == tag || asked == "*" {
				return true
			}
		}
	}
	return false
}
