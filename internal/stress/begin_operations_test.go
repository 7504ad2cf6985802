package stress

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"gatehouse/internal/dynamodb/faulttest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop/dpoptest"
	"gatehouse/internal/oauth/seal"
)

// grant is a code or verifier that may be used once.
type grant struct {
	single
	user    *user
	client  app
	holder  holder
	request func() request
	id      oauth.SessionID // of the session that a code makes
	end     time.Time       // until when it can be used; zero: as long as the load knows it

	mu      sync.Mutex
	session *session // that it made
	ended   bool     // using it again has ended what it makes
}

// redeem uses a new code, now and then several times at once.
func (c *caller) redeem() {
	u, client, h := c.aUser()
	sealed, r := c.code(client.Client, u.name, c.asked(h.key))
	_, id, err := c.keys.OpenCode(sealed, c.clock.Now())
	if err != nil {
		panic(err) // it was just made
	}
	g := &grant{user: u, client: client, holder: h, id: id, end: seal.CodeEnd(sealed), request: func() request { return c.asking(h, r) }}
	c.codes.put(g)
	c.together(c.crowd(), func() { c.useCode("code", g) })
}

// asked is the dpop_jkt that a code is asked for with: of a key, or none.
func (c *caller) asked(key *dpoptest.Key) string {
	if key == nil || c.random.IntN(2) == 0 {
		return ""
	}
	return key.Thumbprint()
}

// asking is a request for tokens by who will hold them.
func (c *caller) asking(h holder, r request) request {
	if r = r.from(h.agent, h.place); h.key != nil {
		r = c.proven(h.key, r, "")
	}
	return r
}

// spends are how often an answer to a holder's request for tokens rests on a
// spending: once for its proof, and so often for what is redeemed.
func (c *caller) spends(h holder, others ...faulttest.Call) []faulttest.Call {
	if h.key != nil {
		others = append(others, c.spend())
	}
	return others
}

// useCode redeems a code. Using it again ends the session that it made or is
// about to make (RFC 6749 §4.1.2).
func (c *caller) useCode(kind string, g *grant) {
	swept := g.user.swept()
	g.begin()
	if g.uses() > 1 {
		g.endSession(false)
	}
	r := c.ask(kind, g.request())
	alone := g.uses() == 1
	if wrong := g.single.end(r.answer, alone && r.to.Before(g.end.Add(-slack))); wrong != "" {
		c.complain(wrong, "%s: %s", kind, r.answer)
	}
	c.rests(r, c.spends(g.holder, c.spend(), c.call("PutItem"))...)
	switch {
	case r.ok():
		if tokensIn(r.answer) != c.tokensOf(g.id, 0) {
			c.complain(different, "%s: %s", kind, r.answer)
		}
		c.begun(g, (&session{id: g.id, user: g.user, client: g.client, holder: g.holder}).begun(r.from, r.to, c.terms), swept)
	case !r.failed() && r.to.Before(g.end.Add(-slack)):
		g.endSession(true) // it was refused because it had been used
	}
}

// endSession ends the session that a code makes, or asks for that.
func (g *grant) endSession(acknowledged bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended = g.ended || acknowledged
	if g.session == nil {
		return
	}
	if g.session.end(); acknowledged {
		g.session.ended()
	}
}

// begun makes a session known that a code or verifier has begun.
func (c *caller) begun(g *grant, s *session, swept int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s.ending = !g.end.IsZero() && g.uses() > 1
	s.over = g.ended
	g.session = s
	s.user.add(s, swept)
	c.sessions.put(s)
}

// threeLegged uses a new verifier, now and then several times at once: either
// the same request, or each signed anew.
func (c *caller) threeLegged() {
	u, client, h := c.aUser()
	h.key = nil // OAuth 1.0 proves a secret as it is
	l := c.site.legs(client.Client, u.name)
	r := c.exchange(l)
	g := &grant{user: u, client: client, holder: h, request: func() request { return c.asking(h, r) }}
	if c.random.IntN(2) == 0 {
		g.request = func() request { return c.asking(h, c.exchange(l)) }
	}
	c.load.legs.put(g)
	c.together(c.crowd(), func() { c.useVerifier("verifier", g, true) })
}

func (c *caller) useVerifier(kind string, g *grant, fresh bool) {
	swept := g.user.swept()
	g.begin()
	r := c.ask(kind, g.request())
	if wrong := g.single.end(r.answer, fresh); wrong != "" {
		c.complain(wrong, "%s: %s", kind, r.answer)
	}
	c.rests(r, c.spend(), c.call("PutItem"))
	if r.ok() {
		signer := granted(g.client.Client, r.answer)
		opened, err := c.keys.Open(seal.OAuth1Token, signer.token)
		if err != nil {
			c.complain(different, "%s gave a token that is none: %v", kind, err)
			return
		}
		c.begun(g, (&session{id: opened.Session, user: g.user, client: g.client, signer: signer, holder: g.holder}).begun(r.from, r.to, c.terms), swept)
	}
}

// password signs alice in, from anywhere, by either protocol.
func (c *caller) password() {
	r := post("/oauth/token", by(c.Client, "grant_type", "password", "username", c.User, "password", c.Password)...)
	kind := "password"
	if c.random.IntN(2) == 0 {
		kind = "xAuth"
		r = c.sign(credentials{client: c.Client}, http.MethodPost, "/oauth/access_token",
			"x_auth_mode", "client_auth", "x_auth_username", c.User, "x_auth_password", c.Password)
	}
	r.source = fmt.Sprintf("198.51.%d.%d:1", c.random.IntN(256), c.random.IntN(256))
	got := c.ask(kind, r)
	c.rests(got, c.call("PutItem"))
	if got.status != http.StatusTooManyRequests { // tries that were counted twice slow down the next
		c.judge(got, allow, kind)
	}
}

// clientCredentials begins a session without a user, with a proof now and then
// several times at once.
func (c *caller) clientCredentials() {
	_, client, h := c.aUser()
	one := &oneTime{at: c.clock.Now(), request: c.asking(h, post("/oauth/token", by(client.Client, "grant_type", "client_credentials")...))}
	kind, n := "client credentials", 1
	if h.key != nil {
		kind, n = "client credentials, a proof", c.crowd()
		c.onces.put(one)
	}
	c.together(n, func() {
		r := c.askOnce(kind, one)
		c.rests(r, c.spends(h, c.call("PutItem"))...)
		c.opened(r, &session{client: client, holder: h}, 0)
	})
}

// opened makes the session known, if it was granted, whose access token an answer
// has.
func (c *caller) opened(r reply, s *session, swept int) {
	if !r.ok() {
		return
	}
	opened, err := c.keys.Open(seal.AccessToken, tokensIn(r.answer).access)
	if err != nil || opened.Generation != 0 {
		c.complain(different, "%s gave a token that is none: %v", r.kind, err)
		return
	}
	s.id = opened.Session
	s.begun(r.from, r.to, c.terms)
	if s.user != nil {
		s.user.add(s, swept)
	}
	c.sessions.put(s)
}

// tokenExchange gets OAuth 2 tokens for an OAuth 1.0 session, bound to a key or
// not.
func (c *caller) tokenExchange() {
	s := c.aSession(withSignature)
	if s == nil {
		return
	}
	swept, kind, h := s.user.swept(), "token exchange", s.holder
	one := c.signed(s, http.MethodPost, "/oauth/token", "grant_type", exchangeGrant)
	h.place = one.place
	if s.client.To == oauth.BindDPoP || c.random.IntN(3) == 0 {
		kind, h.key = "token exchange, a proof", c.aKey()
	}
	one.request = c.asking(h, one.request)
	r := c.askOnce(kind, one)
	c.rests(r, c.spends(h, c.call("GetItem"), c.spend(), c.call("PutItem"))...)
	c.opened(r, &session{user: s.user, client: s.client, holder: h}, swept)
}

// temporary asks for temporary credentials, of which only the nonce is kept.
func (c *caller) temporary() {
	one := &oneTime{at: c.clock.Now(), request: c.sign(credentials{client: c.Client}, http.MethodPost, "/oauth/request_token", "oauth_callback", oauth.OutOfBand)}
	c.onces.put(one)
	c.together(c.crowd(), func() { c.rests(c.askOnce("temporary credentials", one), c.spend()) })
}
