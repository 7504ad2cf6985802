package flowtest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// flow is one thing that callers do, from its beginning to its end.
type flow struct {
	name string
	run  func(*testing.T, Target)
}

// Run drives every flow against target, whose functions have the upstream
// Backend and the rules ProxyRules.
func Run(t *testing.T, target Target) {
	for _, flow := range slices.Concat(tokenFlows(), sessionFlows(), refusedFlows(), keyFlows(), proxyFlows()) {
		t.Run(flow.name, func(t *testing.T) { flow.run(t, target) })
	}
}

func tokenFlows() []flow {
	return []flow{
		{"password grant", passwordGrant},
		{"refresh", refresh},
		{"refresh reuse ends the session", refreshReuse},
		{"narrower scope", narrowerScope},
		{"xAuth", xauth},
		{"signed requests", signedRequests},
		{"signature methods", signatureMethods},
		{"form bodies", formBodies},
		{"client credentials", clientCredentials},
		{"authorization code", authorizationCode},
		{"narrow consent", narrowConsent},
		{"code used twice", codeReplay},
		{"stolen code", stolenCode},
		{"refused authorization requests", refusedAsking},
		{"pages", pages},
		{"three-legged OAuth 1.0", threeLegged},
		{"three-legged OAuth 1.0 out of band", outOfBand},
		{"stolen temporary credentials", stolenTemporary},
		{"token exchange", tokenExchange},
		{"imported OAuth 1.0 token", importedToken},
		{"imported OAuth 1.0 tokens are hidden", importedTokensHidden},
	}
}

func sessionFlows() []flow {
	return []flow{
		{"introspection", introspect},
		{"bound to its caller", bound},
		{"signed and bound to its caller", boundSigned},
		{"a thief beside the owner", boundRace},
		{"metadata", metadata},
		{"revoke", revoke},
		{"revoke by a dead token", revokeByADeadToken},
		{"revoke by signature", revokeSigned},
		{"own sessions", ownSessions},
		{"another user's and junk sessions", otherSessions},
	}
}

func refusedFlows() []flow {
	return []flow{
		{"unknown user", unknownUser},
		{"bad input at the token endpoint", badInput},
		{"bad input of xAuth", badXAuth},
		{"bad credentials at a resource", badCredentials},
	}
}

func keyFlows() []flow {
	return []flow{
		{"tokens of a key", tokensOfAKey},
		{"code of a key", boundCode},
		{"stolen tokens of a key", stolenBoundTokens},
		{"replayed proof", replayedProof},
		{"challenges for proofs", proofChallenges},
	}
}

func proxyFlows() []flow {
	return []flow{
		{"reverse proxy", reverseProxy},
		{"identity at the backend", identityAtTheBackend},
		{"refused by the reverse proxy", refusedByTheProxy},
	}
}

// passwordForm asks for tokens by the password grant.
func passwordForm(g Target) []string {
	return []string{"grant_type", "password", "username", g.User, "password", g.Password,
		"client_id", g.Client.ID, "client_secret", g.Client.Secret}
}

// signIn gets those tokens.
func signIn(t *testing.T, g Target, extra ...string) map[string]any {
	t.Helper()
	return g.post(t, "/oauth/token", append(passwordForm(g), extra...)...).want(t, http.StatusOK).json(t)
}

func text(t *testing.T, values map[string]any, name string) string {
	t.Helper()
	value, ok := values[name].(string)
	if !ok || value == "" {
		t.Fatalf("%s is missing in %v", name, values)
	}
	return value
}

func passwordGrant(t *testing.T, g Target) {
	request := newRequest(t, "POST", g.URL+"/oauth/token",
		encode([]string{"grant_type", "password", "username", g.User, "password", g.Password}), "Content-Type", form)
	request.SetBasicAuth(g.Client.ID, g.Client.Secret)
	answer := send(t, request).want(t, http.StatusOK)
	for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"} {
		if got := answer.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	tokens := answer.json(t)
	if tokens["token_type"] != "Bearer" || tokens["expires_in"] != 3600.0 || tokens["scope"] != "read write" {
		t.Errorf("answer %v", tokens)
	}
	who := g.bearer(t, "GET", "/oauth/session", text(t, tokens, "access_token")).want(t, http.StatusOK).json(t)
	if who["client"] != g.Client.ID || who["user_name"] != g.User || who["protocol"] != "oauth2" || who["scope"] != "read write" {
		t.Errorf("session %v", who)
	}
	g.bearer(t, "GET", "/oauth/session", text(t, tokens, "refresh_token")).want(t, http.StatusUnauthorized)
}

// refreshForm asks for the next tokens of g's client.
func refreshForm(g Target, token string) []string {
	return []string{"grant_type", "refresh_token", "client_id", g.Client.ID, "client_secret", g.Client.Secret, "refresh_token", token}
}

// refreshing is a request that does so.
func (g Target) refreshing(t *testing.T, token string, extra ...string) *http.Request {
	t.Helper()
	return newRequest(t, "POST", g.URL+"/oauth/token", encode(append(refreshForm(g, token), extra...)), "Content-Type", form)
}

// renew sends it.
func renew(t *testing.T, g Target, token string, extra ...string) reply {
	t.Helper()
	return send(t, g.refreshing(t, token, extra...))
}

func refresh(t *testing.T, g Target) {
	first := signIn(t, g)
	second := renew(t, g, text(t, first, "refresh_token")).want(t, http.StatusOK).json(t)
	again := renew(t, g, text(t, first, "refresh_token")).want(t, http.StatusOK).json(t)
	for _, name := range []string{"access_token", "refresh_token", "scope"} {
		if second[name] != again[name] {
			t.Errorf("asked for again, %s is another", name)
		}
	}
	if first["access_token"] == second["access_token"] || first["refresh_token"] == second["refresh_token"] {
		t.Error("a refresh gave the tokens it was asked with")
	}
	g.bearer(t, "GET", "/oauth/session", text(t, first, "access_token")).want(t, http.StatusOK) // within grace
	g.bearer(t, "GET", "/oauth/session", text(t, second, "access_token")).want(t, http.StatusOK)
	thief := Target{URL: g.URL, Client: g.Other}
	renew(t, thief, text(t, second, "refresh_token")).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
	renew(t, g, text(t, second, "refresh_token")).want(t, http.StatusOK)
	renew(t, g, text(t, first, "access_token")).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
}

func refreshReuse(t *testing.T, g Target) {
	first := signIn(t, g)
	second := renew(t, g, text(t, first, "refresh_token")).want(t, http.StatusOK).json(t)
	third := renew(t, g, text(t, second, "refresh_token")).want(t, http.StatusOK).json(t)
	renew(t, g, text(t, first, "refresh_token")).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
	renew(t, g, text(t, third, "refresh_token")).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
	g.bearer(t, "GET", "/oauth/session", text(t, third, "access_token")).want(t, http.StatusUnauthorized)
}

func narrowerScope(t *testing.T, g Target) {
	tokens := signIn(t, g, "scope", "read")
	if tokens["scope"] != "read" {
		t.Errorf("scope %v, want read", tokens["scope"])
	}
	renew(t, g, text(t, tokens, "refresh_token"), "scope", "read write").wantError(t, http.StatusBadRequest, oauth.InvalidScope)
	wide := signIn(t, g)
	narrow := renew(t, g, text(t, wide, "refresh_token"), "scope", "write").want(t, http.StatusOK).json(t)
	who := g.bearer(t, "GET", "/oauth/session", text(t, narrow, "access_token")).want(t, http.StatusOK).json(t)
	if who["scope"] != "write" {
		t.Errorf("scope %v, want write", who["scope"])
	}
}

func revoke(t *testing.T, g Target) {
	for _, name := range []string{"access_token", "refresh_token"} {
		tokens := signIn(t, g)
		g.post(t, "/oauth/revoke", "client_id", g.Other.ID, "client_secret", g.Other.Secret,
			"token", text(t, tokens, name)).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
		g.bearer(t, "GET", "/oauth/session", text(t, tokens, "access_token")).want(t, http.StatusOK)
		for range 2 { // RFC 7009 §2.2: what is revoked already is revoked
			g.post(t, "/oauth/revoke", "client_id", g.Client.ID, "client_secret", g.Client.Secret,
				"token", text(t, tokens, name), "token_type_hint", name).want(t, http.StatusOK)
		}
		g.bearer(t, "GET", "/oauth/session", text(t, tokens, "access_token")).want(t, http.StatusUnauthorized)
		renew(t, g, text(t, tokens, "refresh_token")).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
	}
	own := []string{"client_id", g.Client.ID, "client_secret", g.Client.Secret}
	g.post(t, "/oauth/revoke", append(own, "token", "junk")...).want(t, http.StatusOK)
	g.post(t, "/oauth/revoke", own...).wantError(t, http.StatusBadRequest, oauth.InvalidRequest)
	g.post(t, "/oauth/revoke", "client_id", g.Client.ID, "client_secret", "wrong", "token", "x").
		wantError(t, http.StatusUnauthorized, oauth.InvalidClient)
}

func ownSessions(t *testing.T, g Target) {
	first, second := signIn(t, g), signIn(t, g)
	token := text(t, first, "access_token")
	listed, _ := g.bearer(t, "GET", "/oauth/sessions", token).want(t, http.StatusOK).json(t)["sessions"].([]any)
	if len(listed) < 2 {
		t.Fatalf("%d sessions listed, want at least 2", len(listed))
	}
	current := 0
	for _, item := range listed {
		if item.(map[string]any)["current"] == true {
			current++
		}
	}
	if current != 1 {
		t.Errorf("%d sessions are the current one", current)
	}
	newest := text(t, listed[0].(map[string]any), "id")
	g.bearer(t, "DELETE", "/oauth/sessions/"+newest, token).want(t, http.StatusNoContent)
	g.bearer(t, "GET", "/oauth/session", text(t, second, "access_token")).want(t, http.StatusUnauthorized)
	g.bearer(t, "GET", "/oauth/sessions?limit=0", token).wantError(t, http.StatusBadRequest, oauth.InvalidRequest)
	g.bearer(t, "GET", "/oauth/sessions?cursor=junk", token).wantError(t, http.StatusBadRequest, oauth.InvalidRequest)
	third := signIn(t, g)
	g.bearer(t, "DELETE", "/oauth/sessions", token).want(t, http.StatusNoContent)
	g.bearer(t, "GET", "/oauth/session", token).want(t, http.StatusUnauthorized)
	g.bearer(t, "GET", "/oauth/session", text(t, third, "access_token")).want(t, http.StatusUnauthorized)
}

func otherSessions(t *testing.T, g Target) {
	token := text(t, signIn(t, g), "access_token")
	for _, id := range []string{"junk", strings.Repeat("A", 21), "%00", strings.Repeat("A", 3000)} {
		answer := g.bearer(t, "DELETE", "/oauth/sessions/"+id, token)
		if answer.status != http.StatusNotFound {
			t.Errorf("DELETE /oauth/sessions/%.30s: status %d, want 404", id, answer.status)
		}
	}
}

func unknownUser(t *testing.T, g Target) {
	try := func(user, password string) reply {
		return g.post(t, "/oauth/token", "grant_type", "password", "client_id", g.Client.ID, "client_secret", g.Client.Secret,
			"username", user, "password", password).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
	}
	wrong, unknown := try(g.User, g.Password+"x"), try("nobody at all", g.Password)
	if wrong.body != unknown.body {
		t.Errorf("a wrong password answers %q, an unknown user %q", wrong.body, unknown.body)
	}
}
