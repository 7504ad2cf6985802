package stress

import (
	"net/http"
	"time"

	"gatehouse/internal/oauth"
)

// oneTime is a request whose nonce or proof works once, and which can be sent again
// as it is.
type oneTime struct {
	single
	session    *session // whose token comes with it; nil: none
	generation int      // of that token; OAuth 1.0 knows none
	request    request
	place      place
	at         time.Time // when it was made
}

// signed is a request that is signed with a session's token, by its holder.
func (c *caller) signed(s *session, method, path string, pairs ...string) *oneTime {
	at := c.nearby(s.client, s.place)
	return &oneTime{session: s, at: c.clock.Now(), place: at, request: c.sign(s.signer, method, path, pairs...).from(s.agent, at)}
}

// shown is a request with the access token of a generation, and the proof of its
// key if it has one, by its holder.
func (c *caller) shown(s *session, g int, v view, method, path string) *oneTime {
	token := c.tokensOf(s.id, uint32(g)).access
	at := c.nearby(s.client, v.steps[v.top()].place)
	r := bearer(method, path, token).from(s.agent, at)
	if s.key != nil {
		r = c.proven(s.key, r, token)
	}
	return &oneTime{session: s, generation: g, at: c.clock.Now(), place: at, request: r}
}

// askOnce sends such a request. Whatever else is known of it, its nonce or proof
// is accepted once.
func (c *caller) askOnce(kind string, one *oneTime) reply {
	before, spent := one.view(), one.answered()
	one.begin()
	r := c.byHolder(kind, one)
	w := c.wantOneTime(one, before, one.view(), r)
	if wrong := one.single.end(r.answer, w == allow); wrong != "" {
		c.complain(wrong, "%s: %s", kind, r.answer)
	}
	switch {
	case spent && r.ok():
		c.complain(replayed, "%s: %s", kind, r.answer)
	case w == refuse:
		c.judge(r, w, kind)
	}
	c.uses(one.session, r)
	return r
}

// byHolder sends a request by the holder of the session, if there is one.
func (c *caller) byHolder(kind string, one *oneTime) reply {
	if one.session != nil && !one.session.ofOAuth1() {
		one.session.show(one.generation, one.place)
		defer one.session.shown()
	}
	return c.ask(kind, one.request)
}

func (c *caller) wantOneTime(one *oneTime, before, after view, r reply) want {
	fresh := c.wantFresh(one.at, r.from, r.to)
	if one.session == nil || one.session.ofOAuth1() {
		return both(fresh, c.wantSigned(before, after, r.from, r.to))
	}
	return both(fresh, both(one.session.client.wantPlace(before, after, one.place),
		c.wantAccess(before, after, one.generation, r.from, r.to)))
}

// view is what is known of the session, one that never ends if there is none.
func (one *oneTime) view() view {
	if one.session == nil {
		endless := time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)
		return view{steps: []step{{asked: endless, acked: endless}}, killing: -1, killed: -1, alive: endless}
	}
	return one.session.view()
}

// uses notes a use of a session, if there is one. Where something went wrong the
// session may not have been extended.
func (c *caller) uses(s *session, r reply) {
	if s != nil && r.ok() && r.Faults() == 0 {
		s.used(r.from, c.terms)
	}
}

// renewal is a refresh with the token of a generation, by the session's holder at
// a place. With a proof it works once.
func (c *caller) renewal(s *session, g int, at place) *oneTime {
	r := refreshing(s.client.Client, c.tokensOf(s.id, uint32(g)).refresh).from(s.agent, at)
	if s.key != nil {
		r = c.proven(s.key, r, "")
	}
	one := &oneTime{session: s, generation: g, at: c.clock.Now(), place: at, request: r}
	if s.key != nil {
		c.renewals.put(one)
	}
	return one
}

// renew sends it. If it is refused, and not for its proof, it has ended the
// session, or the session had ended.
func (c *caller) renew(kind string, one *oneTime) {
	s, g := one.session, one.generation
	before := s.view()
	one.begin()
	sole := s.renew(g, one.place, c.clock.Now(), c.terms)
	r := c.ask(kind, one.request)
	w := c.wantRenewal(before, s.view(), g, r.from, r.to)
	if s.key != nil {
		w = both(w, c.wantFresh(one.at, r.from, r.to))
		c.rests(r, c.spend())
		if wrong := one.single.end(r.answer, w == allow); wrong != "" {
			c.complain(wrong, "%s: %s", kind, r.answer)
		}
	}
	if s.key == nil || w == refuse {
		c.judge(r, w, kind)
	}
	s.renewed(g, one.place, sole, r.ok(), r.to, c.terms)
	c.rests(r, c.call("UpdateItem"))
	switch {
	case r.ok() && tokensIn(r.answer) != c.tokensOf(s.id, uint32(g)+1):
		c.complain(different, "%s: %s", kind, r.answer)
	case !r.ok() && !r.failed() && !proofRefused(r.answer):
		s.ended()
		c.look(s)
	}
}

// renewAgain sends the same once more. Where its proof was spent nothing comes
// of it.
func (c *caller) renewAgain(one *oneTime) {
	const kind = "refresh, its proof again"
	if !one.answered() {
		c.renew(kind, one)
		return
	}
	one.begin()
	r := c.ask(kind, one.request)
	one.single.end(r.answer, false)
	if r.ok() {
		c.complain(replayed, "%s: %s", kind, r.answer)
	}
}

// look shows the newest token of a session.
func (c *caller) look(s *session) {
	if s.ofOAuth1() {
		c.rests(c.askOnce("signed check", c.signed(s, http.MethodGet, "/oauth/session")), c.call("GetItem"), c.spend())
		return
	}
	v := s.view()
	c.show(c.shown(s, v.top(), v, http.MethodGet, "/oauth/session"))
}

// show sends a request with an access token.
func (c *caller) show(one *oneTime) {
	if one.session.key != nil {
		c.rests(c.askOnce("check with a proof", one), c.call("GetItem"), c.spend())
		return
	}
	kind := "bearer check"
	if one.session.client.To != oauth.BindNone {
		kind = "check by " + string(one.session.client.To)
	}
	c.rests(c.showBearer(kind, one), c.call("GetItem"))
}

// showBearer sends a request that can be sent again.
func (c *caller) showBearer(kind string, one *oneTime) reply {
	before := one.view()
	r := c.byHolder(kind, one)
	c.judge(r, c.wantOneTime(one, before, one.view(), r), kind)
	c.uses(one.session, r)
	return r
}
