package stress

import (
	"net/http"
)

// check shows an access token: the newest, or now and then one before; with a
// proof now and then several times at once.
func (c *caller) check() {
	s := c.aSession(withBearer)
	if s == nil {
		return
	}
	v := s.view()
	g := v.top()
	if c.random.IntN(4) == 0 {
		g = c.random.IntN(g + 1)
	}
	one := c.shown(s, g, v, http.MethodGet, "/oauth/session")
	if s.key == nil {
		c.show(one)
		return
	}
	c.onces.put(one)
	c.together(c.crowd(), func() { c.show(one) })
}

// checkSigned signs a request, now and then sending it several times at once.
func (c *caller) checkSigned() {
	s := c.aSession(withSignature)
	if s == nil {
		return
	}
	one := c.signed(s, http.MethodGet, "/oauth/session")
	c.onces.put(one)
	c.together(c.crowd(), func() { c.rests(c.askOnce("signed check", one), c.call("GetItem"), c.spend()) })
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

// replay sends again what was sent before.
func (c *caller) replay() {
	switch c.random.IntN(8) {
	case 0:
		if g, ok := c.codes.pick(); ok {
			c.useCode("code again", g)
		}
	case 1:
		if g, ok := c.load.legs.pick(); ok {
			c.useVerifier("verifier again", g, false)
		}
	case 2:
		if one, ok := c.renewals.pick(); ok {
			c.renewAgain(one)
		}
	default:
		one, ok := c.onces.pick()
		switch {
		case !ok:
		case one.request.proof != "":
			c.askOnce("proof again", one)
		default:
			c.askOnce("signature again", one)
		}
	}
}

// refreshFrom is where a session's next refresh comes from: now and then from
// elsewhere.
func (c *caller) refreshFrom(s *session, v view) place {
	if s.client.byPlace() && c.random.IntN(4) == 0 {
		return somewhere(c.random)
	}
	return c.nearby(s.client, v.steps[len(v.steps)-1].place)
}

// refresh refreshes, now and then several times at once: each time with a proof
// of its own, or all with one.
func (c *caller) refresh() {
	s := c.aSession(withRefresh)
	if s == nil {
		return
	}
	v := s.view()
	g, n := v.top(), c.crowd()
	at := c.refreshFrom(s, v)
	if s.key != nil && c.random.IntN(2) == 0 {
		one := c.renewal(s, g, at)
		c.together(n, func() { c.renew("refresh with one proof", one) })
		return
	}
	c.together(n, func() { c.renew(refreshOf(s), c.renewal(s, g, at)) })
}

func refreshOf(s *session) string {
	if s.key != nil {
		return "refresh with a proof"
	}
	return "refresh"
}

// refreshAgain refreshes as one does who lost the answer, and maybe the network
// with it.
func (c *caller) refreshAgain() {
	if s := c.aSession(withRefresh); s != nil {
		v := s.view()
		g := v.top()
		c.renew(refreshOf(s), c.renewal(s, g, c.refreshFrom(s, v)))
		c.renew("refresh again", c.renewal(s, g, c.refreshFrom(s, s.view())))
		if s.client.byPlace() {
			c.look(s)
		}
	}
}

func (c *caller) refreshStale() {
	s := c.aSession(func(s *session) bool { return withRefresh(s) && len(s.view().steps) > 2 })
	if s != nil {
		v := s.view()
		g := c.random.IntN(max(v.top()-1, 1))
		c.renew("stale refresh", c.renewal(s, g, c.refreshFrom(s, v)))
	}
}

// junk is refused.
func (c *caller) junk() {
	s := c.aSession(withRefresh)
	if s == nil {
		return
	}
	good := c.tokensOf(s.id, 0)
	forged := func(token string) string { return altered(token, len(token)-1-c.random.IntN(30)) } // in its MAC
	for _, r := range []request{whoami("junk"), whoami(forged(good.access)), whoami(good.refresh),
		c.sign(credentials{client: c.Client, token: forged("gth1_" + good.access[5:])}, http.MethodGet, "/oauth/session")} {
		c.judge(c.ask("junk", r), refuse, "junk")
	}
	for _, r := range []request{refreshing(c.Client, forged(good.refresh)), refreshing(c.Client, good.access)} {
		c.judge(c.ask("junk refresh", r), refuse, "junk refresh")
	}
}
