package stress

import (
	"net/http"
	"strings"

	"gatehouse/internal/oauth"
)

// theft is a request by another than the holder.
type theft struct {
	kind string
	request
}

// askStolen sends a thief's request, which is counted by what the client's policy
// says to do about it. It must be refused.
func (c *caller) askStolen(s *session, stolen theft) reply {
	kind := stolen.kind + ": " + string(s.client.OnMismatch)
	got := c.ask(kind, stolen.request)
	c.judge(got, refuse, kind)
	return got
}

// thefts are the ways to show a stolen access token of a session that is bound.
func (c *caller) thefts(s *session, v view) (all []theft) {
	one := c.shown(s, v.top(), v, http.MethodGet, "/oauth/session")
	if s.ofOAuth1() {
		one = c.signed(s, http.MethodGet, "/oauth/session")
	}
	if s.client.byAgent() {
		all = append(all, theft{"by another User-Agent", one.request.from(thief, one.place)})
	}
	if s.client.byPlace() {
		all = append(all, theft{"from another place", one.request.from(s.agent, c.stealing(s.client, one.place))})
	}
	if s.key != nil {
		token := c.tokensOf(s.id, uint32(v.top())).access
		bare := whoami(token).from(s.agent, one.place)
		all = append(all, theft{"as Bearer", bare}, theft{"by another key", c.proven(c.thiefs, bare, token)})
	}
	return all
}

// checkStolen shows a token as another than its session's holder. It is refused,
// and from then on as much is dead as the client's policy says.
func (c *caller) checkStolen() {
	s := c.aSession(func(s *session) bool { return s.key != nil || s.client.byAgent() || s.client.byPlace() })
	if s == nil {
		return
	}
	before := s.view()
	g := before.top()
	all := c.thefts(s, before)
	stolen := all[c.random.IntN(len(all))]
	s.endangered(g)
	got := c.askStolen(s, stolen)
	if got.failed() || got.ok() {
		return
	}
	newest := len(s.view().steps) == g+1 // as a Bearer, one before is only refused
	switch {
	case s.client.OnMismatch == oauth.RejectOnly:
	case !s.refreshable():
		s.ended()
	case s.client.OnMismatch == oauth.KillToken && (newest || stolen.kind != "as Bearer"):
		s.dead(g)
	case s.client.OnMismatch == oauth.KillSession && newest && c.wantAccess(before, before, g, got.from, got.to) == allow:
		s.ended() // the token was good
	}
	c.look(s)
}

// refreshThefts are the ways to refresh with a stolen token of a session that is
// bound to an agent or key.
func (c *caller) refreshThefts(s *session, v view) (all []theft) {
	one := c.renewal(s, v.top(), v.steps[v.top()].place)
	if s.client.byAgent() {
		all = append(all, theft{"refresh by another User-Agent", one.request.from(thief, one.place)})
	}
	if s.key != nil {
		bare := one.request
		bare.proof = ""
		all = append(all, theft{"refresh by another key", c.proven(c.thiefs, bare, "")}, theft{withoutProof, bare})
	}
	return all
}

const withoutProof = "refresh without a proof"

// refreshStolen refreshes as a thief does. It is refused and ends the session,
// where the policy does not say to reject only. One that comes without a proof is
// nobody's: it ends nothing, if the token is the newest.
func (c *caller) refreshStolen() {
	s := c.aSession(func(s *session) bool { return withRefresh(s) && (s.key != nil || s.client.byAgent()) })
	if s == nil {
		return
	}
	v := s.view()
	all := c.refreshThefts(s, v)
	stolen := all[c.random.IntN(len(all))]
	ends := stolen.kind != withoutProof && s.client.OnMismatch != oauth.RejectOnly
	if ends {
		s.end()
	}
	s.steal(v.top())
	got := c.askStolen(s, stolen)
	s.stolen(v.top())
	if got.failed() || got.ok() {
		return
	}
	if ends {
		s.ended()
	}
	c.look(s)
}

// forgeProof shows tokens with proofs that do not hold, which anybody can make:
// all are refused, and nothing comes of it.
func (c *caller) forgeProof() {
	s := c.aSession(withKey)
	if s == nil {
		return
	}
	v := s.view()
	token := c.tokensOf(s.id, uint32(v.top())).access
	bare := whoami(token).from(s.agent, v.steps[v.top()].place)
	elsewhere, deleting := bare, bare
	elsewhere.path, deleting.method = "/oauth/sessions", http.MethodDelete
	for _, wrong := range []string{
		c.proven(s.key, elsewhere, token).proof,
		c.proven(s.key, deleting, token).proof,
		c.proven(s.key, bare, "").proof,
		c.proven(s.key, bare, token+"x").proof,
		spoiled(c.proven(s.key, bare, token).proof),
		"junk",
	} {
		r := c.proven(s.key, bare, token)
		r.proof = wrong
		c.judge(c.ask("forged proof", r), refuse, "forged proof")
	}
	c.look(s)
}

// spoiled is a proof whose signature is of other claims.
func spoiled(proof string) string { return altered(proof, strings.LastIndexByte(proof, '.')+10) }
