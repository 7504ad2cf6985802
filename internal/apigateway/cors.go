package apigateway

import (
	"net/http"
	"strings"

	"gatehouse/internal/oauth"
)

// allowOrigin lets web pages read the answer, its headers about refusals and its
// nonce, unless the answer says itself who may.
func (g *Gateway) allowOrigin(response *oauth.Response) {
	if g.AllowedOrigin == "" || response.Header.Get("Access-Control-Allow-Origin") != "" {
		return
	}
	if response.Header == nil {
		response.Header = http.Header{}
	}
	response.Header.Set("Access-Control-Allow-Origin", g.AllowedOrigin)
	response.Header.Add("Access-Control-Expose-Headers", "WWW-Authenticate, X-Amzn-Remapped-WWW-Authenticate, Retry-After, DPoP-Nonce")
	if g.AllowedOrigin != "*" {
		response.Header.Add("Vary", "Origin")
	}
}

// isPreflight tells a browser's question whether a page may send a request
// from that request itself (Fetch Standard, "CORS-preflight request").
func isPreflight(r *oauth.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// preflight says that pages may send what they ask for; which pages,
// allowOrigin says. Browsers keep it for ten minutes.
func preflight(r *oauth.Request) oauth.Response {
	headers := "Authorization, Content-Type, DPoP"
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" && !strings.ContainsFunc(asked, notInNames) {
		headers = asked
	}
	return oauth.Response{Status: http.StatusNoContent, Header: http.Header{
		"Access-Control-Allow-Methods": {"DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"},
		"Access-Control-Allow-Headers": {headers},
		"Access-Control-Max-Age":       {"600"},
		"Vary":                         {"Access-Control-Request-Headers"},
	}}
}

// notInNames is what no list of header names has.
func notInNames(c rune) bool {
	return c != '-' && c != '_' && c != ',' && c != ' ' &&
		(c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
}
