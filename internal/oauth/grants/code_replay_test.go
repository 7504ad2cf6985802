package grants

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// A code that is used twice ends what the first use made (RFC 6749 §4.1.2),
// refreshed or not, and goes on doing so.
func TestCodeReplay(t *testing.T) {
	for name, refreshes := range map[string]int{"at once": 0, "after a refresh": 1, "after three": 3} {
		h := newHouse(t)
		code := h.code(nil)
		tokens := h.tokens(h.redeeming("mobile", code))
		for range refreshes {
			tokens = h.tokens(h.refreshing("mobile", tokens.RefreshToken))
		}
		for range 3 {
			h.wait(time.Second)
			h.wantRefused(name, h.redeeming("mobile", code), http.StatusBadRequest, oauth.InvalidGrant)
			h.wantGone(name, tokens)
			h.wantRefused(name+", refresh", h.refreshing("mobile", tokens.RefreshToken), http.StatusBadRequest, oauth.InvalidGrant)
		}
	}
}

// wantGone fails the test unless the session of the tokens has ended.
func (h *house) wantGone(name string, tokens tokenAnswer) {
	h.t.Helper()
	if session, err := h.session(seal.AccessToken, tokens.AccessToken); !errors.Is(err, oauth.ErrNotFound) {
		h.t.Errorf("%s: the session is %+v, %v, want none", name, session, err)
	}
}

// Nobody else can end a session with its code.
func TestCodeReplayByAnother(t *testing.T) {
	h := newHouse(t)
	code := h.code(nil)
	tokens := h.tokens(h.redeeming("mobile", code))
	h.wantRefused("another client", h.redeeming("other", code), http.StatusBadRequest, oauth.InvalidGrant)
	h.wantRefused("without the verifier", h.redeeming("mobile", code, "code_verifier", ""), http.StatusBadRequest, oauth.InvalidGrant)
	h.tokens(h.refreshing("mobile", tokens.RefreshToken))
}

// A code is remembered for longer than it lasts.
func TestCodeReplayAtItsEnd(t *testing.T) {
	h := newHouse(t)
	code := h.code(nil)
	tokens := h.tokens(h.redeeming("mobile", code))
	h.wait(seal.CodeLifetime - time.Second)
	h.wantRefused("at its end", h.redeeming("mobile", code), http.StatusBadRequest, oauth.InvalidGrant)
	h.wantGone("at its end", tokens)
	h.wait(time.Hour)
	h.wantRefused("long after", h.redeeming("mobile", code), http.StatusBadRequest, oauth.InvalidGrant)
	h.wantGone("long after", tokens)
}

// A use whose answer was lost in a fault counts as one: nobody knows who got
// what it wrote.
func TestCodeAfterAFault(t *testing.T) {
	for name, breaks := range map[string]func(*house){
		"spend":  func(h *house) { h.store.spend = broken },
		"create": func(h *house) { h.store.create = broken },
	} {
		h := newHouse(t)
		code := h.code(nil)
		breaks(h)
		h.wantFault(name, h.redeeming("mobile", code))
		h.store.spend, h.store.create = nil, nil
		h.wait(time.Millisecond)
		h.wantRefused(name, h.redeeming("mobile", code), http.StatusBadRequest, oauth.InvalidGrant)
		h.wantNoSessions(name)
	}
}

// A code known to be used twice ends its session even where the other of the
// two writes broke.
func TestCodeReplayDuringAFault(t *testing.T) {
	for name, breaks := range map[string]func(*house){
		"create": func(h *house) { h.store.create = broken },
		"spend":  func(h *house) { h.store.spend = broken },
	} {
		h := newHouse(t)
		code := h.code(nil)
		tokens := h.tokens(h.redeeming("mobile", code))
		breaks(h)
		h.wait(time.Millisecond)
		h.wantRefused(name, h.redeeming("mobile", code), http.StatusBadRequest, oauth.InvalidGrant)
		h.wantGone(name, tokens)
	}
}

func (h *house) wantNoSessions(name string) {
	h.t.Helper()
	if live := h.sessions(); len(live) != 0 {
		h.t.Errorf("%s: live sessions %+v, want none", name, live)
	}
}

func (h *house) sessions() []oauth.Session {
	h.t.Helper()
	live, _, err := h.store.List(h.t.Context(), alice.ID, "", 100, h.clock())
	if err != nil {
		h.t.Fatal(err)
	}
	return live
}

// Each waits for the other to begin: one after the other would never end.
func TestCodeIsSpentBesideItsSession(t *testing.T) {
	h := newHouse(t)
	creating, spending := make(chan struct{}), make(chan struct{})
	h.store.create = func() error { close(creating); <-spending; return nil }
	h.store.spend = func() error { close(spending); <-creating; return nil }
	h.tokens(h.redeeming("mobile", h.code(nil)))
}

// Of racing uses of one code at most one gets tokens, and a session is live
// only if one did: every other ends the session after it may have made it.
// Where all come within one millisecond they make equal sessions, and the one
// that spends the code gets tokens; else it may find another's session there,
// and then nobody does.
func TestRacingUsesOfACode(t *testing.T) {
	for name, step := range map[string]time.Duration{"at one instant": 0, "one after another": time.Millisecond} {
		for range 20 {
			h := newHouse(t)
			h.Clock = func() time.Time { h.wait(step); return h.clock() }
			code := h.code(nil)
			winners := h.race(slices.Repeat([]*oauth.Request{h.redeeming("mobile", code)}, 100))
			live := len(h.sessions())
			if winners > 1 || live > winners || step == 0 && winners != 1 {
				t.Errorf("%s: %d of 100 got tokens, %d sessions are live", name, winners, live)
			}
			h.wantRefused(name, h.redeeming("mobile", code), http.StatusBadRequest, oauth.InvalidGrant)
			h.wantNoSessions(name)
		}
	}
}

// race serves the requests at once and returns how many got an OK.
func (h *house) race(requests []*oauth.Request) (winners int) {
	h.t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	for _, r := range requests {
		group.Go(func() {
			response, err := h.Serve(h.t.Context(), r)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				h.t.Error(err)
			}
			if response.Status == http.StatusOK {
				winners++
			}
		})
	}
	group.Wait()
	return winners
}
