package flowtest

import "testing"

func bearerChecks(g Target, access string) []operation {
	check := func(token string) func(*testing.T) reply {
		return func(t *testing.T) reply { return g.bearer(t, "GET", "/oauth/session", token) }
	}
	return []operation{
		{"bearer check", 200, cost{1, 0.5, 0}, check(access)},
		{"bearer check of junk", 401, cost{}, check("junk")},
		{"bearer check of a forged token", 401, cost{}, check(access[:68] + swap(access[68]))},
	}
}

func signedChecks(t *testing.T, g Target, access string, c credentials) []operation {
	t.Helper()
	junk := c
	junk.token = "gth1_" + access[len("gtha_"):]
	first := g.sign(t, c, "GET", "/oauth/session")
	check := func(c credentials) func(*testing.T) reply {
		return func(t *testing.T) reply { return send(t, g.sign(t, c, "GET", "/oauth/session")) }
	}
	return []operation{
		{"OAuth 1.0 check", 200, cost{1, 0.5, 1}, func(t *testing.T) reply { return send(t, first) }},
		{"OAuth 1.0 check of a replay", 401, cost{1, 0.5, 1}, func(t *testing.T) reply { return send(t, repeat(t, first)) }},
		{"OAuth 1.0 check of a wrong signature", 401, cost{}, check(guessed(c))},
		{"OAuth 1.0 check of a junk token", 401, cost{}, check(junk)},
	}
}

// boundUses are of sessions that are bound to their caller. The binding is in
// what is read anyway. To kill is a write, once.
func boundUses(t *testing.T, g Target, p *person) []operation {
	t.Helper()
	first, second, third := boundTokens(t, g, p), boundTokens(t, g, p), boundTokens(t, g, p)
	return []operation{
		{"bound bearer check", 200, cost{1, 0.5, 0}, func(t *testing.T) reply { return g.bearer(t, "GET", "/oauth/session", first.access) }},
		{"bound bearer check of another", 401, cost{3, 1.5, 1}, func(t *testing.T) reply { return g.stolen(t, "/oauth/session", first.access) }},
		{"bearer check of a killed token", 401, cost{1, 0.5, 0}, func(t *testing.T) reply { return g.stolen(t, "/oauth/session", first.access) }},
		{"refresh after a token was killed", 200, cost{1, 0, 1}, func(t *testing.T) reply { return first.renew(t, g) }},
		{"bound bearer by the reverse proxy", 200, cost{1, 0.5, 0}, func(t *testing.T) reply { return g.bearer(t, "GET", "/api/notes", second.access) }},
		{"bound bearer of another by the reverse proxy", 401, cost{3, 1.5, 1}, func(t *testing.T) reply { return g.stolen(t, "/api/notes", second.access) }},
		// What refuses it tells of the session, which is killed then.
		{"refresh by another", 400, cost{2, 0, 2}, func(t *testing.T) reply { return third.stolen(t, g) }},
		{"refresh of a killed session", 400, cost{1, 0, 1}, func(t *testing.T) reply { return third.renew(t, g) }},
	}
}

func proxied(g Target, access string, c credentials) []operation {
	bearer := func(token string) func(*testing.T) reply {
		return func(t *testing.T) reply { return g.bearer(t, "GET", "/api/notes", token) }
	}
	signed := func(c credentials) func(*testing.T) reply {
		return func(t *testing.T) reply { return send(t, g.sign(t, c, "POST", "/api/notes", "a", "b")) }
	}
	get := func(path string) func(*testing.T) reply {
		return func(t *testing.T) reply { return send(t, newRequest(t, "GET", g.URL+path, "")) }
	}
	return []operation{
		{"bearer by the reverse proxy", 200, cost{1, 0.5, 0}, bearer(access)},
		{"OAuth 1.0 by the reverse proxy", 200, cost{1, 0.5, 1}, signed(c)},
		{"junk by the reverse proxy", 401, cost{}, bearer("junk")},
		{"a wrong signature by the reverse proxy", 401, cost{}, signed(guessed(c))},
		{"public by the reverse proxy", 200, cost{}, get("/api/open")},
		{"the reverse proxy's keys", 200, cost{}, get("/.well-known/jwks.json")},
	}
}

// signIns need the user, by a strong read: one unit. Side by side with it tries
// are counted for the user, the address and both. The session's index adds a
// write.
func signIns(g Target) []operation {
	wrong := g
	wrong.Password = "wrong"
	return []operation{
		{"password", 200, cost{2, 1, 5}, func(t *testing.T) reply { return g.post(t, "/oauth/token", passwordForm(g)...) }},
		// As password, and the nonce.
		{"xAuth", 200, cost{2, 1, 6}, func(t *testing.T) reply { return send(t, xauthRequest(t, g)) }},
		{"wrong password", 400, cost{1, 1, 3}, func(t *testing.T) reply { return g.post(t, "/oauth/token", passwordForm(wrong)...) }},
	}
}

// codes are asked for by p, who has allowed one before, and redeemed.
func codes(t *testing.T, g Target, p *person) []operation {
	t.Helper()
	code := newAsking(g.Client)
	allowed := p.answer(t, "allow", code.query...)
	return []operation{
		{"consent page", 200, cost{}, func(t *testing.T) reply { return p.open(t, code.query...) }},
		// Whether the user still may is read anew.
		{"allowing", 303, cost{1, 1, 0}, func(t *testing.T) reply { return p.press(t, p.open(t, code.query...), "allow") }},
		{"signing in at the page", 303, cost{1, 1, 3}, func(t *testing.T) reply {
			other := newPerson(t, g)
			return other.press(t, other.open(t, code.query...), "sign-in", "username", g.User, "password", g.Password)
		}},
		// Spent, then the session: one after the other, or a replay could bring
		// back a session that was ended. The index adds a write.
		{"code", 200, cost{2, 0, 3}, func(t *testing.T) reply { return code.redeem(t, g, allowed) }},
		// The session that it made goes too.
		{"code used twice", 400, cost{3, 1, 2}, func(t *testing.T) reply { return code.redeem(t, g, allowed) }},
		{"junk code", 400, cost{}, func(t *testing.T) reply { return redeem(t, g, g.Client, "gthc_junk") }},
	}
}

// legs are those of OAuth 1.0 before and after p, who allows it at once.
func legs(t *testing.T, g Target, p *person) []operation {
	t.Helper()
	c := temporary(t, g, Callback)
	verifier := p.answer(t, "allow", "oauth_token", c.token).Query().Get("oauth_verifier")
	return []operation{
		{"temporary credentials", 200, cost{1, 0, 1}, func(t *testing.T) reply {
			return send(t, g.sign(t, credentials{client: g.Client}, "POST", "/oauth/request_token", "oauth_callback", Callback))
		}},
		// Spent, then the session and its index, as a code.
		{"verifier", 200, cost{2, 0, 3}, func(t *testing.T) reply { return exchange(t, g, c, verifier) }},
		{"junk verifier", 401, cost{}, func(t *testing.T) reply { return exchange(t, g, c, "gthv_junk") }},
	}
}

// renewals are of the session that has this refresh token, and of a live token
// of OAuth 1.0, which is exchanged.
func renewals(g Target, fresh string, c credentials) []operation {
	return []operation{
		{"token exchange", 200, cost{2, 0.5, 3}, func(t *testing.T) reply {
			return send(t, g.sign(t, c, "POST", "/oauth/token", "grant_type", exchangeGrant))
		}},
		{"refresh", 200, cost{1, 0, 1}, func(t *testing.T) reply { return renew(t, g, fresh) }},
		{"refresh asked for again", 200, cost{1, 0, 1}, func(t *testing.T) reply { return renew(t, g, fresh) }},
		{"refresh with junk", 400, cost{}, func(t *testing.T) reply { return renew(t, g, "junk") }},
	}
}

// revocations end the session of access, which nothing can use afterwards.
func revocations(t *testing.T, g Target, p *person, access string) []operation {
	t.Helper()
	dead, live, _ := replacedTwice(t, g, p)
	return []operation{
		// The session's index adds a write here too.
		{"revoke", 200, cost{1, 0, 2}, func(t *testing.T) reply { return g.revoke(t, access) }},
		{"revoke again", 200, cost{1, 0, 1}, func(t *testing.T) reply { return g.revoke(t, access) }},
		// A token that is over ends nothing, which the one write finds out.
		{"revoke by a dead token of a public client", 200, cost{1, 0, 1}, func(t *testing.T) reply { return g.revokePublic(t, dead) }},
		{"revoke by a token of a public client", 200, cost{1, 0, 2}, func(t *testing.T) reply { return g.revokePublic(t, live) }},
		{"revoke junk", 200, cost{}, func(t *testing.T) reply { return g.revoke(t, "junk") }},
		// A refusal rests on a strong read: half a unit, then one.
		{"bearer check after revocation", 401, cost{2, 1.5, 0}, func(t *testing.T) reply { return g.bearer(t, "GET", "/oauth/session", access) }},
	}
}
