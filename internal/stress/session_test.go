package stress

import (
	"slices"
	"sync"
	"time"

	"gatehouse/internal/flowtest"
	"gatehouse/internal/oauth"
)

// terms are the settings of the load's deployment. They are short, so that much
// ends while it runs.
type terms struct{ access, session, oauth1, idle, grace, window time.Duration }

// slack is how far a time may be from what is known of it: ends are whole
// seconds, and a request takes a while to reach the clock of the function.
const slack = 2 * time.Second

// patience is longer than any request takes.
const patience = 10 * time.Second

// session is what is known of a session: what was asked for, and what was
// acknowledged. Whatever may have ended it counts from when it was asked for,
// and has ended it once that was acknowledged.
type session struct {
	id     oauth.SessionID
	user   *user // nil: a client's own
	client flowtest.Client
	signer credentials // of OAuth 1.0; the zero value: OAuth 2
	agent  string      // that it is bound to; empty: to none

	mu       sync.Mutex
	ending   bool // somebody asked for its end
	over     bool // its end was acknowledged
	steps    []step
	renewing map[int]int // refreshes under way, by the generation they present
	touched  time.Time   // the last answer to a refresh, whatever it was
	killing  int         // tokens up to this generation may be dead, -1: none
	killed   int         // tokens up to this generation are dead, -1: none
	alive    time.Time   // until when it goes on for sure if nobody uses it
}

// step is a generation: when it was first asked for, and when it was
// acknowledged; zero: not yet.
type step struct{ asked, acked time.Time }

// begun makes s a session that was asked for and acknowledged then.
func (s *session) begun(asked, acked time.Time, t terms) *session {
	s.alive = asked.Add(t.idle)
	s.steps, s.renewing, s.touched = []step{{asked, acked}}, map[int]int{}, acked
	s.killing, s.killed = -1, -1
	return s
}

// ofOAuth1 reports whether its tokens sign requests.
func (s *session) ofOAuth1() bool { return s.signer.token != "" }

// view is what is known of a session at one moment.
type view struct {
	ending, over    bool
	steps           []step
	renewing        int
	touched         time.Time
	killing, killed int
	alive           time.Time
}

func (s *session) view() view {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := view{s.ending, s.over, slices.Clone(s.steps), 0, s.touched, s.killing, s.killed, s.alive}
	for _, n := range s.renewing {
		v.renewing += n
	}
	return v
}

// top is the newest generation that was acknowledged.
func (v view) top() int {
	for g := len(v.steps) - 1; g > 0; g-- {
		if !v.steps[g].acked.IsZero() {
			return g
		}
	}
	return 0
}

// isOver reports whether the session has ended for sure.
func (s *session) isOver() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

func (s *session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = true
}

func (s *session) ended() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending, s.over = true, true
}

// kill notes that tokens up to generation g may be dead from now on, and killed
// that they are.
func (s *session) kill(g int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.killing = max(s.killing, g)
}

func (s *session) dead(g int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.killed = max(s.killed, g)
}

// renew notes that a refresh with a token of generation g is sent at now. One
// that may be stale, or become so while it is under way, may end the session.
func (s *session) renew(g int, now time.Time, t terms) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewing[g]++
	switch {
	case g+1 == len(s.steps):
		s.steps = append(s.steps, step{asked: now})
	case g+2 < len(s.steps) || now.Add(patience).After(s.steps[g+1].asked.Add(t.grace)):
		s.ending = true
	}
	for older, n := range s.renewing {
		s.ending = s.ending || n > 0 && older+2 < len(s.steps)
	}
}

// renewed notes the answer to that refresh.
func (s *session) renewed(g int, granted bool, now time.Time, t terms) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewing[g]--
	s.touched = now
	if granted && s.steps[g+1].acked.IsZero() {
		s.steps[g+1].acked = now
		s.alive = later(s.alive, s.steps[g+1].asked.Add(t.idle))
	}
}

// used notes a use at now that was accepted. Extended or not, since that was not
// due, half of the idle time is left.
func (s *session) used(now time.Time, t terms) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alive = later(s.alive, now.Add(t.idle/2))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// want is what must become of a request, as far as is known.
type want int

const (
	either want = iota
	allow
	refuse
)

// wantAccess is what must become of an access token of generation g that was
// shown between from and to; before and after is what was known then.
func (t terms) wantAccess(before, after view, g int, from, to time.Time) want {
	began := before.steps[g]
	replacedAt := func(v view) (step, bool) {
		if g+1 < len(v.steps) {
			return v.steps[g+1], true
		}
		return step{}, false
	}
	old, replaced := replacedAt(before)
	switch {
	case before.over || before.killed >= g || from.After(began.acked.Add(t.access+slack)):
		return refuse
	case before.top() > g+1 || replaced && !old.acked.IsZero() && from.After(old.acked.Add(t.grace+slack)):
		return refuse
	case after.ending || after.killing >= g || !to.Before(began.asked.Add(t.access-slack)) || !to.Before(before.alive.Add(-slack)):
		return either
	}
	next, replaced := replacedAt(after)
	if replaced && (len(after.steps) > g+2 || !to.Before(next.asked.Add(t.grace-slack))) {
		return either
	}
	return allow
}

// wantRenewal is what must become of a refresh token of generation g.
func (t terms) wantRenewal(before, after view, g int, from, to time.Time) want {
	stale := before.top() > g+1
	if g+1 < len(before.steps) && !before.steps[g+1].acked.IsZero() {
		stale = stale || from.After(before.steps[g+1].acked.Add(t.grace+slack))
	}
	switch {
	case before.over || stale || before.renewing == 0 && from.After(before.touched.Add(t.session+slack)):
		return refuse
	case after.ending || !to.Before(before.steps[g].asked.Add(t.session-slack)) || !to.Before(before.alive.Add(-slack)):
		return either
	}
	return allow
}

// wantSigned is what must become of a signed request, but for its nonce, whose
// timestamp is at.
func (t terms) wantSigned(before, after view, at, from, to time.Time) want {
	switch {
	case before.over || before.killed >= 0 || from.After(before.steps[0].acked.Add(t.oauth1+slack)) || from.After(at.Add(t.window+slack)):
		return refuse
	case after.ending || after.killing >= 0 || !to.Before(before.steps[0].asked.Add(t.oauth1-slack)) || !to.Before(at.Add(t.window-slack)) || !to.Before(before.alive.Add(-slack)):
		return either
	}
	return allow
}
