package stress

import (
	"slices"
	"sync"
	"time"

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
	client app
	signer credentials // of OAuth 1.0; the zero value: OAuth 2
	holder             // where it began; steps tell where it went on

	mu       sync.Mutex
	ending   bool // somebody asked for its end
	over     bool // its end was acknowledged
	steps    []step
	renewing map[int]int // refreshes under way, by the generation they present
	stealing map[int]int // the same, of thieves: they would be refused, but for the session's end
	showing  int         // requests with an access token that are under way
	touched  time.Time   // the last answer to a refresh, whatever it was
	killing  int         // tokens up to this generation may be dead, -1: none
	killed   int         // tokens up to this generation are dead, -1: none
	alive    time.Time   // until when it goes on for sure if nobody uses it
}

// step is a generation: when it was first asked for, and when it was
// acknowledged; zero: not yet. It is bound to the place that it was last asked for
// from.
type step struct {
	asked, acked time.Time
	place        place
	mixed        bool // it was asked for from several, and nobody knows from where last
	moves        int  // how often it was asked for from another place than before
	tries        int  // how often it was asked for
}

func (a *step) sameAs(b step) bool { return !a.mixed && !b.mixed && a.moves == b.moves }

// begun makes s a session that was asked for and acknowledged then.
func (s *session) begun(asked, acked time.Time, t terms) *session {
	s.alive = asked.Add(t.idle)
	s.stealing = map[int]int{}
	s.steps, s.renewing, s.touched = []step{{asked: asked, acked: acked, place: s.place}}, map[int]int{}, acked
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

// refreshable reports whether a refresh can go on where a token was killed.
func (s *session) refreshable() bool { return !s.ofOAuth1() && s.user != nil }

// endangered notes that another caller may show a token of a generation up to g
// from now on, or does, and what dies of that.
func (s *session) endangered(g int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endanger(g)
}

func (s *session) endanger(g int) {
	switch {
	case s.client.OnMismatch == oauth.RejectOnly:
	case s.client.OnMismatch == oauth.KillSession || !s.refreshable():
		s.ending = true
	default:
		s.killing = max(s.killing, g)
	}
}

// show notes that a request of the holder is sent with a token of generation g,
// from a place: it is another caller's where the session has moved.
func (s *session) show(g int, at place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.showing++
	for _, step := range s.steps[g:] {
		if step.mixed || !s.client.same(step.place, at) {
			s.endanger(g)
		}
	}
}

func (s *session) shown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.showing--
}

// steal notes that a thief refreshes with a token of generation g. Used before or
// meanwhile it ends the session.
func (s *session) steal(g int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stealing[g]++
	s.ending = s.ending || g+1 < len(s.steps)
}

func (s *session) stolen(g int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stealing[g]--
}

// dead notes that tokens up to generation g are.
func (s *session) dead(g int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.killed = max(s.killed, g)
}

// renew notes that a refresh with a token of generation g is sent at now, from a
// place. One that may be stale, or become so while it is under way, may end the
// session; one from elsewhere leaves its requests that are under way behind.
// sole is which try this is, if no other is under way; 0: none such.
func (s *session) renew(g int, at place, now time.Time, t terms) (sole int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewing[g]++
	s.move(g, at)
	switch {
	case g+1 == len(s.steps):
		s.steps = append(s.steps, step{asked: now, place: at})
	case g+2 < len(s.steps) || now.Add(patience).After(s.steps[g+1].asked.Add(t.grace)):
		s.ending = true
	}
	for older, n := range s.renewing {
		s.ending = s.ending || n > 0 && older+2 < len(s.steps)
	}
	for older, n := range s.stealing {
		s.ending = s.ending || n > 0 && older+1 < len(s.steps)
	}
	s.steps[g+1].tries++
	if s.renewing[g] > 1 {
		return 0
	}
	return s.steps[g+1].tries
}

// move notes that the generation after g is asked for from a place.
func (s *session) move(g int, at place) {
	elsewhere := !s.client.same(s.steps[g].place, at)
	if g+1 < len(s.steps) && (s.steps[g+1].mixed || !s.client.same(s.steps[g+1].place, at)) {
		s.steps[g+1].mixed = true
		s.steps[g+1].moves++
		elsewhere = true
	}
	if elsewhere && s.showing > 0 {
		s.endanger(min(g+1, len(s.steps)-1))
	}
}

// renewed notes the answer to that refresh.
func (s *session) renewed(g int, at place, sole int, granted bool, now time.Time, t terms) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewing[g]--
	s.touched = now
	if granted && sole > 0 && sole == s.steps[g+1].tries {
		s.steps[g+1].place, s.steps[g+1].mixed = at, false
	}
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
