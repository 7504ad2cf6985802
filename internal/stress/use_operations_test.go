package stress

import (
	"net/http"
	"time"
)

// thief is a User-Agent that no session is bound to.
const thief = "thief/1.0"

// signedRequest is a request that is signed, and can be sent again.
type signedRequest struct {
	single
	session *session // whose token it is signed with; nil: none
	request request
	at      time.Time // its timestamp
}

// askSigned sends a signed request. Whatever else is known of it, its nonce is
// accepted once.
func (c *caller) askSigned(kind string, one *signedRequest) reply {
	before := one.view()
	one.begin()
	r := c.ask(kind, one.request)
	w := c.wantSigned(before, one.view(), one.at, r.from, r.to)
	if wrong := one.single.end(r.answer, w == allow); wrong != "" {
		c.complain(wrong, "%s: %s", kind, r.answer)
	}
	if w == refuse {
		c.judge(r, w, kind)
	}
	c.uses(one.session, r)
	return r
}

// uses notes a use of a session, if there is one. Where something went wrong the
// session may not have been extended.
func (c *caller) uses(s *session, r reply) {
	if s != nil && r.ok() && r.Faults() == 0 {
		s.used(r.from, c.terms)
	}
}

// view is what is known of the session, one that never ends if there is none.
func (one *signedRequest) view() view {
	if one.session == nil {
		endless := time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)
		return view{steps: []step{{endless, endless}}, killing: -1, killed: -1, alive: endless}
	}
	return one.session.view()
}

// check shows an access token: the newest, or now and then one before.
func (c *caller) check() {
	s := c.aSession(withBearer)
	if s == nil {
		return
	}
	g := s.view().top()
	if c.random.IntN(4) == 0 {
		g = c.random.IntN(g + 1)
	}
	c.show(s, g)
}

// look shows the newest token of a session.
func (c *caller) look(s *session) {
	if s.ofOAuth1() {
		one := &signedRequest{session: s, at: c.clock.Now(), request: c.sign(s.signer, http.MethodGet, "/oauth/session").from(s.agent)}
		c.rests(c.askSigned("signed check", one), c.call("GetItem"), c.spend())
		return
	}
	c.show(s, s.view().top())
}

// show shows the access token of a generation.
func (c *caller) show(s *session, g int) {
	before := s.view()
	r := c.ask("bearer check", whoami(c.tokensOf(s.id, uint32(g)).access).from(s.agent))
	c.judge(r, c.wantAccess(before, s.view(), g, r.from, r.to), "bearer check")
	c.uses(s, r)
	c.rests(r, c.call("GetItem"))
}

// checkSigned signs a request, now and then sending it several times at once.
func (c *caller) checkSigned() {
	s := c.aSession(withSignature)
	if s == nil {
		return
	}
	one := &signedRequest{session: s, at: c.clock.Now(), request: c.sign(s.signer, http.MethodGet, "/oauth/session").from(s.agent)}
	c.signed.put(one)
	c.together(c.crowd(), func() { c.rests(c.askSigned("signed check", one), c.call("GetItem"), c.spend()) })
}

// checkStolen shows a token from another User-Agent than its session is bound
// to. Whatever the reason, it is refused, and dead from then on.
func (c *caller) checkStolen() {
	s := c.aSession(func(s *session) bool { return s.agent != "" })
	if s == nil {
		return
	}
	before := s.view()
	g := before.top()
	r := whoami(c.tokensOf(s.id, uint32(g)).access)
	if s.ofOAuth1() {
		r = c.sign(s.signer, http.MethodGet, "/oauth/session")
		s.end() // nothing could go on from it
	}
	s.kill(g)
	got := c.ask("by another User-Agent", r.from(thief))
	c.judge(got, refuse, "by another User-Agent")
	if got.failed() || got.ok() {
		return
	}
	if s.dead(g); s.ofOAuth1() {
		s.ended()
	}
	c.look(s)
}

// replay sends again what was sent before.
func (c *caller) replay() {
	switch c.random.IntN(6) {
	case 0:
		if g, ok := c.codes.pick(); ok {
			c.useCode("code again", g)
		}
	case 1:
		if g, ok := c.load.legs.pick(); ok {
			c.useVerifier("verifier again", g, false)
		}
	default:
		if one, ok := c.signed.pick(); ok {
			c.askSigned("replay", one)
		}
	}
}

// renew sends a refresh token. One that is refused has ended the session, or
// the session had ended.
func (c *caller) renew(kind string, s *session, g int) {
	before := s.view()
	s.renew(g, c.clock.Now(), c.terms)
	r := c.ask(kind, refreshing(s.client, c.tokensOf(s.id, uint32(g)).refresh).from(s.agent))
	c.judge(r, c.wantRenewal(before, s.view(), g, r.from, r.to), kind)
	s.renewed(g, r.ok(), r.to, c.terms)
	c.rests(r, c.call("UpdateItem"))
	switch {
	case r.ok() && tokensIn(r.answer) != c.tokensOf(s.id, uint32(g)+1):
		c.complain(different, "%s: %s", kind, r.answer)
	case !r.ok() && !r.failed():
		s.ended()
		c.look(s)
	}
}

func (c *caller) refresh() {
	if s := c.aSession(withRefresh); s != nil {
		before := s.view()
		c.together(c.crowd(), func() { c.renew("refresh", s, before.top()) })
	}
}

// refreshAgain refreshes as one does who lost the answer.
func (c *caller) refreshAgain() {
	if s := c.aSession(withRefresh); s != nil {
		before := s.view()
		g := before.top()
		c.renew("refresh", s, g)
		c.renew("refresh again", s, g)
	}
}

func (c *caller) refreshStale() {
	s := c.aSession(func(s *session) bool { return withRefresh(s) && len(s.view().steps) > 2 })
	if s != nil {
		before := s.view()
		c.renew("stale refresh", s, c.random.IntN(max(before.top()-1, 1)))
	}
}

// introspect asks about an access token, which is no use of it.
func (c *caller) introspect() {
	s := c.aSession(withBearer)
	if s == nil {
		return
	}
	before := s.view()
	g := before.top()
	r := c.ask("introspection", post("/oauth/introspect", by(c.Client, "token", c.tokensOf(s.id, uint32(g)).access)...))
	if r.ok() && r.json()["active"] != true {
		r.answer.status = http.StatusUnauthorized // what an API makes of it
	}
	c.judge(r, c.wantAccess(before, s.view(), g, r.from, r.to), "introspection")
	c.rests(r, c.call("GetItem"))
}

// junk is refused.
func (c *caller) junk() {
	s := c.aSession(withRefresh)
	if s == nil {
		return
	}
	good := c.tokensOf(s.id, 0)
	forged := func(token string) string {
		at := len(token) - 1 - c.random.IntN(30) // of the MAC
		other := byte('A')
		if token[at] == other {
			other = 'B'
		}
		return token[:at] + string(other) + token[at+1:]
	}
	for _, r := range []request{whoami("junk"), whoami(forged(good.access)), whoami(good.refresh),
		c.sign(credentials{client: c.Client, token: forged("gth1_" + good.access[5:])}, http.MethodGet, "/oauth/session")} {
		c.judge(c.ask("junk", r), refuse, "junk")
	}
	for _, r := range []request{refreshing(c.Client, forged(good.refresh)), refreshing(c.Client, good.access)} {
		c.judge(c.ask("junk refresh", r), refuse, "junk refresh")
	}
}
