package flowtest

import (
	"fmt"
	"net/http"
	"testing"

	"gatehouse/internal/dynamodb/dynamodbtest"
)

// cost is what one operation may take of the store: round trips one after
// another, and units.
type cost struct {
	waves         int
	reads, writes float64
}

// RunCosts counts what each operation takes of the store, warm: the client
// was found before. counter is between target's functions and DynamoDB, and
// nobody else uses it meanwhile.
func RunCosts(t *testing.T, g Target, counter *dynamodbtest.Counter) {
	tokens, c := signIn(t, g), xauthTokens(t, g)
	access, fresh := text(t, tokens, "access_token"), text(t, tokens, "refresh_token")
	own := []string{"client_id", g.Client.ID, "client_secret", g.Client.Secret}
	g.bearer(t, "GET", "/oauth/session", access).want(t, http.StatusOK)
	g.post(t, "/oauth/revoke", append(own, "token", "junk")...).want(t, http.StatusOK)
	g.revokePublic(t, "junk").want(t, http.StatusOK)
	send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusOK)
	g.bearer(t, "GET", "/api/notes", access).want(t, http.StatusOK)

	code := newAsking(g.Client)
	p := newPerson(t, g)
	allowed := p.answer(t, "allow", code.query...)
	legs := temporary(t, g, Callback)
	verifier := p.answer(t, "allow", "oauth_token", legs.token).Query().Get("oauth_verifier")
	first, second, third := boundTokens(t, g, p), boundTokens(t, g, p), boundTokens(t, g, p)
	dead, live, _ := replacedTwice(t, g, p)
	for range 3 { // the sixth sign-in forgets the tries so far, which costs more
		signIn(t, g)
	}
	guess := c
	guess.secret += "x"
	junk := c
	junk.token = "gth1_" + access[len("gtha_"):]
	replayed := g.sign(t, c, "GET", "/oauth/session")
	for _, operation := range []struct {
		name   string
		status int
		want   cost
		call   func() reply
	}{
		{"bearer check", 200, cost{1, 0.5, 0}, func() reply { return g.bearer(t, "GET", "/oauth/session", access) }},
		{"bearer check of junk", 401, cost{}, func() reply { return g.bearer(t, "GET", "/oauth/session", "junk") }},
		{"bearer check of a forged token", 401, cost{}, func() reply { return g.bearer(t, "GET", "/oauth/session", access[:68]+swap(access[68])) }},
		{"OAuth 1.0 check", 200, cost{1, 0.5, 1}, func() reply { return send(t, replayed) }},
		{"OAuth 1.0 check of a replay", 401, cost{1, 0.5, 1}, func() reply { return send(t, repeat(t, replayed)) }},
		{"OAuth 1.0 check of a wrong signature", 401, cost{}, func() reply { return send(t, g.sign(t, guess, "GET", "/oauth/session")) }},
		{"OAuth 1.0 check of a junk token", 401, cost{}, func() reply { return send(t, g.sign(t, junk, "GET", "/oauth/session")) }},
		// The binding is in what is read anyway. To kill is a write, once.
		{"bound bearer check", 200, cost{1, 0.5, 0}, func() reply { return g.bearer(t, "GET", "/oauth/session", first.access) }},
		{"bound bearer check of another", 401, cost{3, 1.5, 1}, func() reply { return g.stolen(t, "/oauth/session", first.access) }},
		{"bearer check of a killed token", 401, cost{1, 0.5, 0}, func() reply { return g.stolen(t, "/oauth/session", first.access) }},
		{"refresh after a token was killed", 200, cost{1, 0, 1}, func() reply { return first.renew(t, g) }},
		{"bound bearer by the reverse proxy", 200, cost{1, 0.5, 0}, func() reply { return g.bearer(t, "GET", "/api/notes", second.access) }},
		{"bound bearer of another by the reverse proxy", 401, cost{3, 1.5, 1}, func() reply { return g.stolen(t, "/api/notes", second.access) }},
		// What refuses it tells of the session, which is killed then.
		{"refresh by another", 400, cost{2, 0, 2}, func() reply { return third.stolen(t, g) }},
		{"refresh of a killed session", 400, cost{1, 0, 1}, func() reply { return third.renew(t, g) }},
		{"bearer by the reverse proxy", 200, cost{1, 0.5, 0}, func() reply { return g.bearer(t, "GET", "/api/notes", access) }},
		{"OAuth 1.0 by the reverse proxy", 200, cost{1, 0.5, 1}, func() reply { return send(t, g.sign(t, c, "POST", "/api/notes", "a", "b")) }},
		{"junk by the reverse proxy", 401, cost{}, func() reply { return g.bearer(t, "GET", "/api/notes", "junk") }},
		{"a wrong signature by the reverse proxy", 401, cost{}, func() reply { return send(t, g.sign(t, guess, "POST", "/api/notes", "a", "b")) }},
		{"public by the reverse proxy", 200, cost{}, func() reply { return send(t, newRequest(t, "GET", g.URL+"/api/open", "")) }},
		{"the reverse proxy's keys", 200, cost{}, func() reply { return send(t, newRequest(t, "GET", g.URL+"/.well-known/jwks.json", "")) }},
		// The user read is strong: one unit. Side by side with it tries are counted
		// for the user, the address and both. The session's index adds a write.
		{"password", 200, cost{2, 1, 5}, func() reply {
			return g.post(t, "/oauth/token", append(own, "grant_type", "password", "username", g.User, "password", g.Password)...)
		}},
		// As password, and the nonce.
		{"xAuth", 200, cost{2, 1, 6}, func() reply {
			return send(t, g.sign(t, credentials{client: g.Client}, "POST", "/oauth/access_token",
				"x_auth_mode", "client_auth", "x_auth_username", g.User, "x_auth_password", g.Password))
		}},
		{"wrong password", 400, cost{1, 1, 3}, func() reply {
			return g.post(t, "/oauth/token", append(own, "grant_type", "password", "username", g.User, "password", "wrong")...)
		}},
		{"consent page", 200, cost{}, func() reply { return p.open(t, code.query...) }},
		// Whether the user still may is read anew.
		{"allowing", 303, cost{1, 1, 0}, func() reply { return p.press(t, p.open(t, code.query...), "allow") }},
		{"signing in at the page", 303, cost{1, 1, 3}, func() reply {
			other := newPerson(t, g)
			return other.press(t, other.open(t, code.query...), "sign-in", "username", g.User, "password", g.Password)
		}},
		// Spent, then the session: one after the other, or a replay could bring
		// back a session that was ended. The index adds a write.
		{"code", 200, cost{2, 0, 3}, func() reply { return code.redeem(t, g, allowed) }},
		// The session that it made goes too.
		{"code used twice", 400, cost{3, 1, 2}, func() reply { return code.redeem(t, g, allowed) }},
		{"junk code", 400, cost{}, func() reply { return redeem(t, g, g.Client, "gthc_junk") }},
		{"temporary credentials", 200, cost{1, 0, 1}, func() reply {
			return send(t, g.sign(t, credentials{client: g.Client}, "POST", "/oauth/request_token", "oauth_callback", Callback))
		}},
		// Spent, then the session and its index, as a code.
		{"verifier", 200, cost{2, 0, 3}, func() reply { return exchange(t, g, legs, verifier) }},
		{"junk verifier", 401, cost{}, func() reply { return exchange(t, g, legs, "gthv_junk") }},
		{"token exchange", 200, cost{2, 0.5, 3}, func() reply {
			return send(t, g.sign(t, c, "POST", "/oauth/token", "grant_type", exchangeGrant))
		}},
		{"refresh", 200, cost{1, 0, 1}, func() reply { return renew(t, g, fresh) }},
		{"refresh asked for again", 200, cost{1, 0, 1}, func() reply { return renew(t, g, fresh) }},
		{"refresh with junk", 400, cost{}, func() reply { return renew(t, g, "junk") }},
		// The session's index adds a write here too.
		{"revoke", 200, cost{1, 0, 2}, func() reply { return g.post(t, "/oauth/revoke", append(own, "token", access)...) }},
		{"revoke again", 200, cost{1, 0, 1}, func() reply { return g.post(t, "/oauth/revoke", append(own, "token", access)...) }},
		// A token that is over ends nothing, which the one write finds out.
		{"revoke by a dead token of a public client", 200, cost{1, 0, 1}, func() reply { return g.revokePublic(t, dead) }},
		{"revoke by a token of a public client", 200, cost{1, 0, 2}, func() reply { return g.revokePublic(t, live) }},
		{"revoke junk", 200, cost{}, func() reply { return g.post(t, "/oauth/revoke", append(own, "token", "junk")...) }},
		// A refusal rests on a strong read: half a unit, then one.
		{"bearer check after revocation", 401, cost{2, 1.5, 0}, func() reply { return g.bearer(t, "GET", "/oauth/session", access) }},
	} {
		t.Run(operation.name, func(t *testing.T) {
			operation.want.check(t, counter, func() { operation.call().want(t, operation.status) })
		})
	}
}

// check fails the test unless what call does takes c.
func (c cost) check(t *testing.T, counter *dynamodbtest.Counter, call func()) {
	t.Helper()
	counter.Reset()
	call()
	usage := counter.Usage()
	if got := (cost{usage.Waves, usage.Reads, usage.Writes}); got != c {
		t.Errorf("%s, want %s", got, c)
	}
}

func (c cost) String() string {
	return fmt.Sprintf("%d round trips, %v read and %v write units", c.waves, c.reads, c.writes)
}
