package flowtest

import (
	"net/http"
	"testing"

	"gatehouse/internal/oauth"
)

// replacedTwice gets tokens for g's public client, by a code that p allows: the
// first access token, and the two tokens after two refreshes.
func replacedTwice(t *testing.T, g Target, p *person) (dead, live, refresh string) {
	t.Helper()
	code := newAsking(g.Public)
	tokens := code.redeem(t, g, p.answer(t, "allow", code.query...)).want(t, http.StatusOK).json(t)
	dead, g.Client = text(t, tokens, "access_token"), g.Public
	for range 2 {
		tokens = renew(t, g, text(t, tokens, "refresh_token")).want(t, http.StatusOK).json(t)
	}
	return dead, text(t, tokens, "access_token"), text(t, tokens, "refresh_token")
}

// revokeByADeadToken has whoever found old access tokens of a public client, in
// some log, try to end what goes on.
func revokeByADeadToken(t *testing.T, g Target) {
	dead, live, refresh := replacedTwice(t, g, newPerson(t, g))
	g.Client = g.Public
	g.bearer(t, "GET", "/oauth/session", dead).want(t, http.StatusUnauthorized)
	g.revokePublic(t, dead).want(t, http.StatusOK)
	g.bearer(t, "GET", "/oauth/session", live).want(t, http.StatusOK)
	fourth := renew(t, g, refresh).want(t, http.StatusOK).json(t)
	g.revokePublic(t, live).want(t, http.StatusOK) // within grace
	g.bearer(t, "GET", "/oauth/session", text(t, fourth, "access_token")).want(t, http.StatusUnauthorized)
	renew(t, g, text(t, fourth, "refresh_token")).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
}

// revoke has g's client revoke a token.
func (g Target) revoke(t *testing.T, token string) reply {
	t.Helper()
	return g.post(t, "/oauth/revoke", "client_id", g.Client.ID, "client_secret", g.Client.Secret, "token", token)
}

func (g Target) revokePublic(t *testing.T, token string) reply {
	t.Helper()
	return g.post(t, "/oauth/revoke", "client_id", g.Public.ID, "token", token)
}
