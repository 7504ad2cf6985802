package flowtest

import (
	"net/http"
	"slices"
	"testing"

	"gatehouse/internal/oauth"
)

func clientCredentials(t *testing.T, g Target) {
	own := []string{"client_id", g.Client.ID, "client_secret", g.Client.Secret, "grant_type", "client_credentials"}
	tokens := g.post(t, "/oauth/token", append(own, "scope", "read")...).want(t, http.StatusOK).json(t)
	if tokens["scope"] != "read" || tokens["expires_in"] != 3600.0 || tokens["refresh_token"] != nil {
		t.Errorf("answer %v", tokens)
	}
	access := text(t, tokens, "access_token")
	who := g.bearer(t, "GET", "/oauth/session", access).want(t, http.StatusOK).json(t)
	if who["client"] != g.Client.ID || who["user"] != nil || who["scope"] != "read" {
		t.Errorf("session %v", who)
	}
	g.bearer(t, "GET", "/oauth/sessions", access).wantError(t, http.StatusForbidden, oauth.PermissionDenied)
	g.post(t, "/oauth/token", append(own, "scope", "admin")...).wantError(t, http.StatusBadRequest, oauth.InvalidScope)
}

// inspect asks about a token as client does.
func inspect(t *testing.T, g Target, client Client, token string) map[string]any {
	t.Helper()
	return g.post(t, "/oauth/introspect", "client_id", client.ID, "client_secret", client.Secret, "token", token).
		want(t, http.StatusOK).json(t)
}

func introspect(t *testing.T, g Target) {
	tokens, c := signIn(t, g, "scope", "read"), xauthTokens(t, g)
	for name, token := range map[string]string{
		"Bearer": text(t, tokens, "access_token"), "refresh_token": text(t, tokens, "refresh_token"), "oauth1": c.token,
	} {
		asker := g.Other
		if name == "refresh_token" {
			asker = g.Client
		}
		said := inspect(t, g, asker, token)
		if said["active"] != true || said["client_id"] != g.Client.ID || said["username"] != g.User || said["token_type"] != name {
			t.Errorf("%s: %v", name, said)
		}
		if ends := said["exp"] != nil; ends != (name != "oauth1") {
			t.Errorf("%s: exp is %v", name, said["exp"])
		}
	}
	if said := inspect(t, g, g.Other, text(t, tokens, "refresh_token")); said["active"] != false {
		t.Errorf("another client is told %v of a refresh token", said)
	}
	g.post(t, "/oauth/revoke", "client_id", g.Client.ID, "client_secret", g.Client.Secret,
		"token", text(t, tokens, "access_token")).want(t, http.StatusOK)
	for _, token := range []string{text(t, tokens, "access_token"), text(t, tokens, "refresh_token"), "junk", c.secret} {
		if said := inspect(t, g, g.Client, token); said["active"] != false || len(said) != 1 {
			t.Errorf("what is not live is said to be %v", said)
		}
	}
	g.post(t, "/oauth/introspect", "token", "junk").wantError(t, http.StatusUnauthorized, oauth.InvalidClient)
	g.post(t, "/oauth/introspect", "client_id", g.Other.ID, "client_secret", g.Other.Secret).
		wantError(t, http.StatusBadRequest, oauth.InvalidRequest)
}

func metadata(t *testing.T, g Target) {
	said := send(t, newRequest(t, "GET", g.URL+"/.well-known/oauth-authorization-server", "")).want(t, http.StatusOK).json(t)
	for name, want := range map[string]string{"issuer": g.URL, "authorization_endpoint": g.URL + "/oauth/authorize", "token_endpoint": g.URL + "/oauth/token",
		"revocation_endpoint": g.URL + "/oauth/revoke", "introspection_endpoint": g.URL + "/oauth/introspect"} {
		if said[name] != want {
			t.Errorf("%s is %v, want %s", name, said[name], want)
		}
	}
	grants, _ := said["grant_types_supported"].([]any)
	for _, grant := range []any{"password", "refresh_token", "client_credentials", "authorization_code", exchangeGrant} {
		if !slices.Contains(grants, grant) {
			t.Errorf("grant_types_supported is %v without %s", grants, grant)
		}
	}
}
