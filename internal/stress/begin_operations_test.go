package stress

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"gatehouse/internal/flowtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// honest is the User-Agent that bound sessions are bound to.
const honest = "honest/1.0"

// grant is a code or verifier that may be used once.
type grant struct {
	single
	user    *user
	client  flowtest.Client
	agent   string
	request func() request
	id      oauth.SessionID // of the session that a code makes
	end     time.Time       // until when it can be used; zero: as long as the load knows it

	mu      sync.Mutex
	session *session // that it made
	ended   bool     // using it again has ended what it makes
}

// aUser is any user, and the client and User-Agent they use.
func (c *caller) aUser() (u *user, client flowtest.Client, agent string) {
	u = c.users[c.random.IntN(len(c.users))]
	if c.random.IntN(5) == 0 {
		return u, c.bound, honest
	}
	return u, c.Client, ""
}

// redeem uses a new code, now and then several times at once.
func (c *caller) redeem() {
	u, client, agent := c.aUser()
	sealed, r := c.code(client, u.name)
	_, id, err := c.keys.OpenCode(sealed, c.clock.Now())
	if err != nil {
		panic(err) // it was just made
	}
	g := &grant{user: u, client: client, agent: agent, id: id, end: seal.CodeEnd(sealed), request: func() request { return r.from(agent) }}
	c.codes.put(g)
	c.together(c.crowd(), func() { c.useCode("code", g) })
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
	c.rests(r, c.spend(), c.call("PutItem"))
	switch {
	case r.ok():
		if tokensIn(r.answer) != c.tokensOf(g.id, 0) {
			c.complain(different, "%s: %s", kind, r.answer)
		}
		c.begun(g, (&session{id: g.id, user: g.user, client: g.client, agent: g.agent}).begun(r.from, r.to, c.terms), swept)
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
	s.ending = g.end != time.Time{} && g.uses() > 1
	s.over = g.ended
	g.session = s
	s.user.add(s, swept)
	c.sessions.put(s)
}

// threeLegged uses a new verifier, now and then several times at once: either
// the same request, or each signed anew.
func (c *caller) threeLegged() {
	u, client, agent := c.aUser()
	l := c.site.legs(client, u.name)
	r := c.exchange(l)
	g := &grant{user: u, client: client, agent: agent, request: func() request { return r.from(agent) }}
	if c.random.IntN(2) == 0 {
		g.request = func() request { return c.exchange(l).from(agent) }
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
		signer := granted(g.client, r.answer)
		opened, err := c.keys.Open(seal.OAuth1Token, signer.token)
		if err != nil {
			c.complain(different, "%s gave a token that is none: %v", kind, err)
			return
		}
		c.begun(g, (&session{id: opened.Session, user: g.user, client: g.client, signer: signer, agent: g.agent}).begun(r.from, r.to, c.terms), swept)
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

// clientCredentials begins a session without a user.
func (c *caller) clientCredentials() {
	r := c.ask("client credentials", post("/oauth/token", by(c.Client, "grant_type", "client_credentials")...))
	c.judge(r, allow, "client credentials")
	c.rests(r, c.call("PutItem"))
	if r.ok() {
		c.opened(r, nil, 0)
	}
}

// opened makes the session known whose access token an answer has.
func (c *caller) opened(r reply, u *user, swept int) {
	opened, err := c.keys.Open(seal.AccessToken, tokensIn(r.answer).access)
	if err != nil || opened.Generation != 0 {
		c.complain(different, "%s gave a token that is none: %v", r.kind, err)
		return
	}
	s := (&session{id: opened.Session, user: u, client: c.Client}).begun(r.from, r.to, c.terms)
	if u != nil {
		u.add(s, swept)
	}
	c.sessions.put(s)
}

// tokenExchange gets OAuth 2 tokens for an OAuth 1.0 session.
func (c *caller) tokenExchange() {
	s := c.aSession(func(s *session) bool { return s.ofOAuth1() && s.agent == "" })
	if s == nil {
		return
	}
	swept := s.user.swept()
	one := &signedRequest{session: s, at: c.clock.Now(), request: c.sign(s.signer, http.MethodPost, "/oauth/token", "grant_type", exchangeGrant)}
	r := c.askSigned("token exchange", one)
	c.rests(r, c.call("GetItem"), c.spend(), c.call("PutItem"))
	if r.ok() {
		c.opened(r, s.user, swept)
	}
}

// temporary asks for temporary credentials, of which only the nonce is kept.
func (c *caller) temporary() {
	one := &signedRequest{at: c.clock.Now(), request: c.sign(credentials{client: c.Client}, http.MethodPost, "/oauth/request_token", "oauth_callback", oauth.OutOfBand)}
	c.signed.put(one)
	c.together(c.crowd(), func() { c.rests(c.askSigned("temporary credentials", one), c.spend()) })
}
