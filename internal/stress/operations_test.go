package stress

import (
	"context"
	"net/http"
	"sync"
	"time"

	"gatehouse/internal/dynamodb/faulttest"
	"gatehouse/internal/oauth"
)

// operations are what callers do, and how often.
var operations = []struct {
	weight int
	do     func(*caller)
}{
	{8, (*caller).redeem},
	{6, (*caller).threeLegged},
	{1, (*caller).password},
	{1, (*caller).clientCredentials},
	{1, (*caller).tokenExchange},
	{2, (*caller).temporary},
	{20, (*caller).check},
	{20, (*caller).checkSigned},
	{3, (*caller).checkStolen},
	{12, (*caller).replay},
	{1, (*caller).forgeProof},
	{10, (*caller).refresh},
	{4, (*caller).refreshAgain},
	{1, (*caller).refreshStale},
	{1, (*caller).refreshStolen},
	{2, (*caller).revoke},
	{1, (*caller).revokeSigned},
	{1, (*caller).endOne},
	{1, (*caller).endAll},
	{3, (*caller).list},
	{3, (*caller).introspect},
	{4, (*caller).junk},
}

// reply is an answer, when it was asked for and came, and what became of the
// store's requests meanwhile.
type reply struct {
	answer
	kind     string
	from, to time.Time
	*faulttest.Record
}

// ask sends a request as Lambda has it answered, and checks what holds for all.
func (c *caller) ask(kind string, r request) reply {
	ctx, cancel := context.WithTimeout(c.Context, c.deadline)
	defer cancel()
	ctx, record := faulttest.Watch(ctx)
	ctx, why := withReasons(ctx)
	began, from := time.Now(), c.clock.Now()
	a := c.send(ctx, r)
	took := time.Since(began)
	got := reply{a, kind, from, c.clock.Now(), record}
	c.count(kind, a, took)
	if took >= c.deadline {
		c.complain(late, "%s took %v: %s: %s", kind, took, a, why)
	}
	if a.failed() && record.Faults() == 0 {
		c.complain(unfounded, "%s: %s: %s", kind, a, why)
	}
	return got
}

// together asks for the same at once, n times.
func (c *caller) together(n int, ask func()) {
	var all sync.WaitGroup
	for range n {
		all.Go(ask)
	}
	all.Wait()
}

// crowd is mostly one, now and then a few.
func (c *caller) crowd() int {
	if c.random.IntN(8) > 0 {
		return 1
	}
	return 2 + c.random.IntN(4)
}

// judge compares an answer with what must become of the request.
func (c *caller) judge(r reply, w want, what string) {
	switch {
	case r.ok() && w == refuse:
		c.complain(undone, "%s: %s", what, r.answer)
	case !r.ok() && !r.failed() && w == allow:
		c.complain(refused, "%s: %s", what, r.answer)
	}
}

// call is an operation on the sessions, and spend the one that makes something
// work once: an answer rests on them.
func (l *load) call(operation string) faulttest.Call {
	return faulttest.Call{Operation: operation, Table: l.tables.Sessions}
}

func (l *load) spend() faulttest.Call {
	return faulttest.Call{Operation: "PutItem", Table: l.tables.Replay}
}

// rests checks that what was accepted was accepted by the engine, with each of
// these calls. Each spending must have been done; a session that is created or
// refreshed may be one that an earlier try has made.
func (c *caller) rests(r reply, calls ...faulttest.Call) {
	if !r.ok() {
		return
	}
	answers, spends := r.Answers(), 0
	for _, call := range calls {
		got := answers[call]
		if call == c.spend() {
			spends++
			got.Refused = 0
		}
		if got.Done+got.Refused == 0 || call == c.spend() && got.Done < spends {
			c.complain(unchecked, "%s without a %s of %s: %s", r.kind, call.Operation, call.Table, r.answer)
		}
	}
}

// aSession is any session of the kind that is wanted, mostly one that goes on;
// nil where there is none.
func (c *caller) aSession(fits func(*session) bool) *session {
	var found *session
	for range 12 {
		s, ok := c.sessions.pick()
		if !ok || !fits(s) {
			continue
		}
		if found = s; !s.isOver() || c.random.IntN(6) == 0 {
			return s
		}
	}
	return found
}

func withBearer(s *session) bool    { return !s.ofOAuth1() }
func withSignature(s *session) bool { return s.ofOAuth1() }
func withRefresh(s *session) bool   { return s.refreshable() }
func withKey(s *session) bool       { return s.key != nil }
func anySession(*session) bool      { return true }

// whoami is the request that is checked.
func whoami(token string) request { return bearer(http.MethodGet, "/oauth/session", token) }

// proofRefused reports whether a request was refused for its proof, so that
// nothing came of it.
func proofRefused(a answer) bool { return a.text("error") == oauth.InvalidDPoPProof }
