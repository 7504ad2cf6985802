package grants

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

func (h *house) own(client string, extra ...string) *oauth.Request {
	return h.form(client, append([]string{"grant_type", "client_credentials"}, extra...)...)
}

// A client's own session has no user, no refresh token, and ends with its
// access token, whatever else the client may do.
func TestClientCredentials(t *testing.T) {
	h := newHouse(t)
	answer := h.tokens(h.own("robot", "scope", "read"))
	if answer.ExpiresIn != 3600 || answer.RefreshToken != "" || answer.Scope != "read" || answer.TokenType != "Bearer" {
		t.Errorf("answer %+v", answer)
	}
	began := oauth.Milli(instant)
	ends := began.Add(accessLife)
	h.wantSession(seal.AccessToken, answer.AccessToken, oauth.Session{Protocol: oauth.OAuth2, Client: "robot",
		Scope: []string{"read"}, Created: began, Renewed: began, AccessExpires: ends, Expires: ends})
	if answer := h.tokens(h.own("robot")); answer.Scope != "read write" && answer.Scope != "write read" {
		t.Errorf("scope %q without asking, want all", answer.Scope)
	}
}

func TestClientCredentialsRefuses(t *testing.T) {
	h := newHouse(t)
	h.wantRefused("not allowed", h.own("mobile"), http.StatusBadRequest, oauth.UnauthorizedClient)
	h.wantRefused("public", h.own("web"), http.StatusBadRequest, oauth.UnauthorizedClient)
	h.wantRefused("public though allowed", h.own("kiosk"), http.StatusBadRequest, oauth.UnauthorizedClient)
	h.wantRefused("scope", h.own("robot", "scope", "admin"), http.StatusBadRequest, oauth.InvalidScope)
	h.wantRefused("wrong secret", h.own("robot", "client_secret", "x"), http.StatusUnauthorized, oauth.InvalidClient)
	h.store.create = func() error { return errBroken }
	h.wantFault("broken store", h.own("robot"))
}

func TestMetadata(t *testing.T) {
	const route = "/.well-known/oauth-authorization-server"
	for path, issuer := range map[string]string{
		route:           "https://api.example.com",
		"/prod" + route: "https://api.example.com/prod",
	} {
		h := newHouse(t)
		r := &oauth.Request{Method: http.MethodGet, Scheme: "https", Host: "api.example.com", Path: path, Route: route}
		response, err := h.Serve(t.Context(), r)
		var got metadata
		if err != nil || response.Status != http.StatusOK || json.Unmarshal(response.Body, &got) != nil {
			t.Fatalf("%+v, %v", response, err)
		}
		all := []string{"client_secret_basic", "client_secret_post", "none"}
		grantTypes := []oauth.Grant{"authorization_code", "refresh_token", "password", "client_credentials",
			"urn:ietf:params:oauth:grant-type:token-exchange"}
		want := metadata{Issuer: issuer, AuthorizationEndpoint: issuer + "/oauth/authorize", TokenEndpoint: issuer + "/oauth/token",
			RevocationEndpoint: issuer + "/oauth/revoke", IntrospectionEndpoint: issuer + "/oauth/introspect",
			ResponseTypes: []string{"code"}, ResponseModes: []string{"query"}, GrantTypes: grantTypes,
			ChallengeMethods: []string{"S256"}, IssuerInResponse: true,
			TokenAuthMethods: all, RevocationAuthMethods: all, IntrospectionAuthMethods: all[:2],
			ProofAlgorithms: []string{"ES256", "Ed25519", "EdDSA", "RS256", "PS256"}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
		r.Method = http.MethodPost
		if refused := h.wantRefused("POST", r, http.StatusMethodNotAllowed, oauth.InvalidRequest); refused.Header.Get("Allow") != http.MethodGet {
			t.Errorf("Allow is %q", refused.Header.Get("Allow"))
		}
	}
}
