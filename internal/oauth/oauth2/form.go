// Package oauth2 is what the OAuth 2 endpoints have in common: reading a form
// request, a bearer token, and the shape of answers and refusals.
//
// It is pure: no clock, no store, no network.
package oauth2

import (
	"fmt"
	"net/http"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop"
)

// Bearer is the scheme of tokens that whoever has them may use (RFC 6750). The
// other one is dpop.Scheme.
const Bearer = "Bearer"

// ParseForm reads the parameters of a request to an OAuth 2 endpoint: POST, a
// form body, no parameter twice (RFC 6749 §3.2), no credential in the query
// (§2.3.1). A parameter without a value counts as left out (§3.2).
func ParseForm(r *oauth.Request) (oauth.Params, *oauth.Error) {
	if r.Method != http.MethodPost {
		return nil, &oauth.Error{Status: http.StatusMethodNotAllowed, Code: oauth.InvalidRequest,
			Description: "the method is POST", Allow: http.MethodPost}
	}
	if !r.IsForm() {
		return nil, oauth.BadRequest(oauth.InvalidRequest, "the Content-Type is application/x-www-form-urlencoded")
	}
	if len(r.Body) > oauth.MaxBody {
		return nil, oauth.BadRequest(oauth.InvalidRequest, fmt.Sprintf("the body is longer than %d bytes", oauth.MaxBody))
	}
	if name := credentialIn(r.Query); name != "" {
		return nil, oauth.BadRequest(oauth.InvalidRequest, name+" goes in the body, never in the query")
	}
	form, err := oauth.ParseForm(r.Body)
	if err != nil {
		return nil, oauth.Quoting(oauth.InvalidRequest, oauth.Describable(err.Error()))
	}
	if name := form.Repeated(); name != "" {
		return nil, oauth.Quoting(oauth.InvalidRequest, oauth.Describable("parameter "+oauth.Printable(name)+" is there more than once"))
	}
	return form, nil
}

func credentialIn(query oauth.Params) string {
	for _, name := range []string{"client_secret", "client_assertion", "password", "code", "refresh_token", "access_token", "token"} {
		if query.Has(name) {
			return name
		}
	}
	return ""
}

// AccessToken returns the token of an Authorization header of the scheme Bearer
// (RFC 6750 §2.1) or DPoP (RFC 9449 §7.1), or of a form body where the body is
// seen, which is as Bearer (RFC 6750 §2.2); never of the query (RFC 9700
// §4.3.2). Both are empty when there is none.
func AccessToken(r *oauth.Request) (scheme, token string, refusal *oauth.Error) {
	if r.Query.Has("access_token") {
		return "", "", oauth.BadRequest(oauth.InvalidRequest, "access_token goes in the Authorization header, never in the query")
	}
	values := r.Header["Authorization"]
	if len(values) > 1 {
		return "", "", oauth.BadRequest(oauth.InvalidRequest, "more than one Authorization header")
	}
	fromForm, refusal := formToken(r)
	if fromForm != "" {
		scheme = Bearer
	}
	if refusal != nil || len(values) == 0 {
		return scheme, fromForm, refusal
	}
	if len(values[0]) > oauth.MaxHeader {
		return "", "", oauth.BadRequest(oauth.InvalidRequest, fmt.Sprintf("the Authorization header is longer than %d bytes", oauth.MaxHeader))
	}
	sent, token := oauth.Credentials(values[0])
	switch {
	case strings.EqualFold(sent, Bearer):
		scheme = Bearer
	case strings.EqualFold(sent, dpop.Scheme):
		scheme = dpop.Scheme
	default:
		return "", "", nil
	}
	if fromForm != "" {
		return "", "", oauth.BadRequest(oauth.InvalidRequest, "the access token is sent in two places")
	}
	return scheme, token, nil
}

func formToken(r *oauth.Request) (string, *oauth.Error) {
	if !r.BodySeen || !r.IsForm() || r.Method == http.MethodGet {
		return "", nil
	}
	form, err := oauth.ParseForm(r.Body)
	if err != nil {
		return "", nil // not ours to judge: the backend's own form
	}
	if form.Count("access_token") > 1 {
		return "", oauth.BadRequest(oauth.InvalidRequest, "parameter access_token is there more than once")
	}
	return form.Get("access_token"), nil
}
