package flowtest

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// importedTokens brings credentials from an older provider, as its app has them.
func importedTokens(t *testing.T, g Target) credentials {
	t.Helper()
	c := credentials{client: g.Moved, token: rand.Text() + rand.Text(), secret: rand.Text() + rand.Text()}
	g.Import(t, c.token, c.secret)
	return c
}

// importedToken has an app go on by what another provider gave it, and end it in
// each of the ways there are.
func importedToken(t *testing.T, g Target) {
	c := importedTokens(t, g)
	request := g.sign(t, c, "GET", "/oauth/session")
	who := send(t, request).want(t, http.StatusOK).json(t)
	if who["protocol"] != "oauth1" || who["client"] != g.Moved.ID || who["user_name"] != g.User || who["scope"] != "read write" {
		t.Errorf("session %v", who)
	}
	send(t, repeat(t, request)).want(t, http.StatusUnauthorized)
	send(t, g.sign(t, guessed(c), "GET", "/oauth/session")).want(t, http.StatusUnauthorized)
	send(t, g.sign(t, c, "POST", "/api/notes", "a", "b c")).want(t, http.StatusOK)
	stolen := c
	stolen.client = g.Other
	send(t, g.sign(t, stolen, "GET", "/oauth/session")).want(t, http.StatusUnauthorized)
	if said := inspect(t, g, g.Moved, c.token); said["active"] != true || said["token_type"] != "oauth1" || said["client_id"] != g.Moved.ID {
		t.Errorf("introspection says %v", said)
	}
	tokens := send(t, g.sign(t, c, "POST", "/oauth/token", "grant_type", exchangeGrant)).want(t, http.StatusOK).json(t)
	g.bearer(t, "GET", "/oauth/session", text(t, tokens, "access_token")).want(t, http.StatusOK)
	own := Target{URL: g.URL, Client: g.Moved}
	for name, end := range map[string]func(credentials){
		"by its signature": func(c credentials) { send(t, g.sign(t, c, "POST", "/oauth/revoke")).want(t, http.StatusOK) },
		"by its client":    func(c credentials) { own.revoke(t, c.token).want(t, http.StatusOK) },
		"by its user": func(c credentials) {
			id := send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusOK).json(t)["session"]
			send(t, g.sign(t, c, "DELETE", "/oauth/sessions/"+id.(string))).want(t, http.StatusNoContent)
		},
	} {
		c := importedTokens(t, g)
		g.revoke(t, c.token).want(t, http.StatusOK) // another client, which knows of no such token
		send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusOK)
		end(c)
		send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusUnauthorized)
		send(t, g.sign(t, c, "POST", "/oauth/revoke")).wantProblem(t, http.StatusUnauthorized, oauth.TokenRejected)
		if said := inspect(t, g, g.Moved, c.token); said["active"] != false {
			t.Errorf("%s: introspection says %v", name, said)
		}
	}
	send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusOK)
}

// importedTokensHidden has a stranger, and another client, try whether there is an
// imported token: wherever they ask, the answer is that to a token that is not.
func importedTokensHidden(t *testing.T, g Target) {
	c := importedTokens(t, g)
	madeUp := c
	madeUp.token = rand.Text() + rand.Text()
	for path, form := range map[string][]string{"/oauth/session": nil, "/api/notes": nil, "/oauth/revoke": nil, "/oauth/token": {"grant_type", exchangeGrant}} {
		method := "POST"
		if path == "/oauth/session" {
			method = "GET"
		}
		answer := func(c credentials) string {
			got := send(t, g.sign(t, c, method, path, form...))
			return fmt.Sprint(got.status, got.header.Get("WWW-Authenticate"), got.body)
		}
		there, not := answer(guessed(c)), answer(madeUp)
		if there != not || strings.HasPrefix(there, "200") {
			t.Errorf("%s: a wrong secret gets %s, and a made-up token %s", path, there, not)
		}
	}
	for _, client := range []Client{g.Client, g.Moved} {
		asking := Target{URL: g.URL, Client: client}
		if there, not := asking.revoke(t, c.token), asking.revoke(t, madeUp.token); there.status != not.status || there.body != not.body {
			t.Errorf("%s: revoking says %d %s, and of a made-up token %d %s", client.ID, there.status, there.body, not.status, not.body)
		}
	}
}

// importedChecks are of a token that does not prove itself: what a derived one
// has side by side is one after the other, and made-up tokens of a client that
// has such cost reads.
func importedChecks(t *testing.T, g Target) []operation {
	t.Helper()
	c := importedTokens(t, g)
	junk, other := c, c
	junk.token, other.client = "junk", g.Other
	check := func(c credentials) func(*testing.T) reply {
		return func(t *testing.T) reply { return send(t, g.sign(t, c, "GET", "/oauth/session")) }
	}
	for _, warm := range []credentials{c, other} {
		check(warm)(t)
	}
	return []operation{
		{"imported OAuth 1.0 check", 200, cost{2, 0.5, 1}, check(c)},
		{"imported OAuth 1.0 check of a wrong signature", 401, cost{2, 1.5, 0}, check(guessed(c))},
		{"junk token of a client with imported ones", 401, cost{2, 1.5, 0}, check(junk)},
		{"imported token of another client", 401, cost{}, check(other)},
	}
}
