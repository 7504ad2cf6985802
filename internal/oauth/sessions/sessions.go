// Package sessions ends sessions and shows them: revocation, introspection,
// and a user's own sessions.
package sessions

import (
	"context"
	"net/http"
	"strings"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/access"
	"gatehouse/internal/oauth/clientauth"
	"gatehouse/internal/oauth/oauth2"
	"gatehouse/internal/oauth/seal"
)

// Endpoint answers the routes about sessions. Every field must be set.
type Endpoint struct {
	Auth     *clientauth.Authenticator
	Access   *access.Checker // for OAuth 1.0 requests that revoke their own token, and its grace for others
	Keys     *seal.Keyring
	Sessions oauth.Sessions
	ByUser   oauth.UserSessions
	Clock    func() time.Time
	Realm    string
}

// Serve answers one request. An error means that something broke.
func (e *Endpoint) Serve(ctx context.Context, r *oauth.Request) (oauth.Response, error) {
	switch r.Route {
	case "/oauth/revoke":
		return e.revoke(ctx, r)
	case "/oauth/introspect":
		return e.introspect(ctx, r)
	}
	if !own(r.Route) {
		return e.refuse(&oauth.Error{Status: http.StatusNotFound, Code: oauth.InvalidRequest, Description: "no such endpoint"})
	}
	if r.Caller == nil {
		return e.refuse(oauth.Unauthorized(oauth.InvalidToken, "this address is for requests that the authorizer let through"))
	}
	return e.own(ctx, r)
}

func own(route string) bool {
	return route == "/oauth/session" || route == "/oauth/sessions" || strings.HasPrefix(route, "/oauth/sessions/")
}

// own answers the routes behind the authorizer.
func (e *Endpoint) own(ctx context.Context, r *oauth.Request) (oauth.Response, error) {
	id, one := strings.CutPrefix(r.Route, "/oauth/sessions/")
	if r.Method == http.MethodGet && r.Route == "/oauth/session" {
		return whoAmI(r.Caller)
	}
	if r.Caller.User == "" {
		return e.refuse(oauth.Forbidden(oauth.PermissionDenied, "the token is of a client without a user, and users have sessions"))
	}
	switch {
	case r.Method == http.MethodGet && r.Route == "/oauth/sessions":
		return e.list(ctx, r)
	case r.Method == http.MethodDelete && r.Route == "/oauth/sessions":
		return e.endAll(ctx, r.Caller)
	case r.Method == http.MethodDelete && one:
		return e.endOne(ctx, r.Caller, id)
	}
	return e.refuse(&oauth.Error{Status: http.StatusMethodNotAllowed, Code: oauth.InvalidRequest,
		Description: "this address does not know that method", Allow: methods(r.Route)})
}

// methods are those of the address of own called route.
func methods(route string) string {
	switch route {
	case "/oauth/session":
		return http.MethodGet
	case "/oauth/sessions":
		return http.MethodGet + ", " + http.MethodDelete
	}
	return http.MethodDelete
}

func (e *Endpoint) refuse(refusal *oauth.Error) (oauth.Response, error) {
	return oauth2.Refuse(e.Realm, refusal)
}
