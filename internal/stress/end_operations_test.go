package stress

import (
	"net/http"
	"slices"
)

// revoke ends a session by any of its newest tokens.
func (c *caller) revoke() {
	s := c.aSession(anySession)
	if s == nil {
		return
	}
	before := s.view()
	newest := c.tokensOf(s.id, uint32(before.top()))
	token := newest.access
	switch {
	case s.ofOAuth1():
		token = s.signer.token
	case c.random.IntN(2) == 0:
		token = newest.refresh
	}
	s.end()
	r := c.ask("revocation", post("/oauth/revoke", by(s.client.Client, "token", token)...))
	c.judge(r, allow, "revocation") // what is over already is revoked (RFC 7009 §2.2)
	c.rests(r, c.call("DeleteItem"))
	if !r.ok() {
		return
	}
	s.ended()
	if withRefresh(s) {
		c.renew("refresh of what was revoked", c.renewal(s, before.top(), s.place))
	}
	c.look(s)
}

// revokeSigned ends a session by a request that it signs.
func (c *caller) revokeSigned() {
	s := c.aSession(withSignature)
	if s == nil {
		return
	}
	one := c.signed(s, http.MethodPost, "/oauth/revoke")
	s.end()
	r := c.askOnce("signed revocation", one)
	c.rests(r, c.call("GetItem"), c.spend(), c.call("DeleteItem"))
	if r.ok() {
		s.ended()
		c.look(s)
	}
	c.onces.put(one)
}

// with sends a request with the newest token of a session. end notes what it
// asks for.
func (c *caller) with(s *session, kind, method, path string, end func()) reply {
	v := s.view()
	one := c.shown(s, v.top(), v, method, path)
	end()
	r := c.showBearer(kind, one)
	c.rests(r, c.spends(s.holder, c.call("GetItem"))...)
	return r
}

// endOne ends any session of a user from another one.
func (c *caller) endOne() {
	s := c.aSession(withRefresh)
	if s == nil {
		return
	}
	own := s.user.own()
	target := own[c.random.IntN(len(own))]
	r := c.with(s, "end of one session", http.MethodDelete, "/oauth/sessions/"+target.id.String(), target.end)
	c.rests(r, c.call("DeleteItem"))
	if r.ok() {
		target.ended()
		c.look(target)
	}
}

// endAll ends all sessions of a user.
func (c *caller) endAll() {
	s := c.aSession(withRefresh)
	if s == nil {
		return
	}
	var all []*session
	r := c.with(s, "end of all sessions", http.MethodDelete, "/oauth/sessions", func() { all = s.user.sweep() })
	c.rests(r, c.call("DeleteItem"))
	if r.ok() {
		for _, one := range all {
			one.ended()
		}
	}
	s.user.sweepEnded()
}

// list wants to see all sessions that go on, and none that have ended but to be
// told so.
func (c *caller) list() {
	s := c.aSession(withRefresh)
	if s == nil {
		return
	}
	own := s.user.own()
	before := make([]view, len(own))
	for i := range own {
		before[i] = own[i].view()
	}
	r := c.with(s, "list", http.MethodGet, "/oauth/sessions?limit=100", func() {})
	c.rests(r, c.call("Query"))
	if !r.ok() {
		return
	}
	live, ended := listed(r.answer)
	for i, one := range own {
		id, after := one.id.String(), one.view()
		switch {
		case before[i].over && slices.Contains(live, id):
			c.complain(undone, "list: %s goes on", id)
		case c.surelyLive(one, before[i], after, r) && !slices.Contains(live, id) && r.json()["next"] == nil:
			c.complain(unlisted, "%s is missing, %d are there and %d ended", id, len(live), len(ended))
		}
	}
}

// surelyLive reports whether a session went on while r was answered.
func (c *caller) surelyLive(s *session, before, after view, r reply) bool {
	life := c.terms.session
	switch {
	case s.ofOAuth1():
		life = c.oauth1
	case s.user == nil:
		life = c.access
	}
	return !after.ending && r.to.Before(before.steps[before.top()].asked.Add(life-slack)) && r.to.Before(before.alive.Add(-slack))
}

// listed are the ids of sessions that go on, and of those that were ended.
func listed(a answer) (live, ended []string) {
	sessions, _ := a.json()["sessions"].([]any)
	for _, one := range sessions {
		fields, _ := one.(map[string]any)
		id, _ := fields["id"].(string)
		killed, _ := fields["killed"].(map[string]any)
		if killed["ended"] == true {
			ended = append(ended, id)
		} else {
			live = append(live, id)
		}
	}
	return live, ended
}
