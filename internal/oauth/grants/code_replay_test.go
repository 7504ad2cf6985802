package grants

import (
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
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
	call := &oauth.Request{Method: http.MethodGet, Header: http.Header{"Authorization": {"Bearer " + tokens.AccessToken}}}
	if verdict, err := h.Access.Check(h.t.Context(), call); err != nil || verdict.Allowed {
		h.t.Errorf("%s: the token is judged %+v, %v", name, verdict, err)
	}
	h.wantNoSessions(name)
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

// A use counts from when the code is spent: nobody knows who got what was
// written afterwards.
func TestCodeAfterAFault(t *testing.T) { synctest.Test(t, codeAfterAFault) }

func codeAfterAFault(t *testing.T) {
	h := newHouse(t)
	code := h.code(nil)
	h.store.spend = broken
	h.wantFault("spend", h.redeeming("mobile", code))
	h.store.spend, h.store.create = nil, broken
	h.wantFault("create", h.redeeming("mobile", code))
	h.store.create = nil
	h.wantRefused("afterwards", h.redeeming("mobile", code), http.StatusBadRequest, oauth.InvalidGrant)
	h.wantNoSessions("afterwards")
}

// A code known to be used twice ends its session even where one of the writes
// broke that see to it.
func TestCodeReplayDuringAFault(t *testing.T) {
	h := newHouse(t)
	code := h.code(nil)
	tokens := h.tokens(h.redeeming("mobile", code))
	h.store.kill = broken
	h.wantFault("kill", h.redeeming("mobile", code))
	h.store.kill = nil
	h.wantRefused("afterwards", h.redeeming("mobile", code), http.StatusBadRequest, oauth.InvalidGrant)
	h.wantGone("afterwards", tokens)
}

// Where nothing could be put in the place of a session that may yet be made,
// nobody is told that it has ended.
func TestCodeReplayThatKeepsNoPlace(t *testing.T) { synctest.Test(t, codeReplayThatKeepsNoPlace) }

func codeReplayThatKeepsNoPlace(t *testing.T) {
	h := newHouse(t)
	code := h.code(nil)
	var uses atomic.Int32
	h.store.create = func() error {
		if uses.Add(1) == 1 { // the first is about to make its session, and the second breaks
			h.wantFault("the replay", h.redeeming("mobile", code))
			return nil
		}
		return errBroken
	}
	h.tokens(h.redeeming("mobile", code))
	h.store.create = nil
	h.wantRefused("a later replay", h.redeeming("mobile", code), http.StatusBadRequest, oauth.InvalidGrant)
	h.wantNoSessions("afterwards")
}

// Who spent the code and is slow to make the session makes none once the code
// was used again, however often.
func TestCodeReplayBeforeItsSession(t *testing.T) { synctest.Test(t, codeReplayBeforeItsSession) }

func codeReplayBeforeItsSession(t *testing.T) {
	h := newHouse(t)
	code := h.code(nil)
	slow, replayed := make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	h.store.create = func() error {
		if first.CompareAndSwap(false, true) {
			close(slow)
			<-replayed
		}
		return nil
	}
	answered := make(chan oauth.Response, 1)
	go func() {
		response, err := h.Serve(h.t.Context(), h.redeeming("mobile", code))
		if err != nil {
			h.t.Error(err)
		}
		answered <- response
	}()
	<-slow
	for range 2 {
		h.wantRefused("the replay", h.redeeming("mobile", code), http.StatusBadRequest, oauth.InvalidGrant)
	}
	close(replayed)
	if response := <-answered; response.Status != http.StatusBadRequest {
		h.t.Errorf("the first use: %d, %s", response.Status, response.Body)
	}
	h.wantNoSessions("afterwards")
}

// A session that its user ended does not come back, not for a moment.
func TestCodeReplayAfterSignOut(t *testing.T) { synctest.Test(t, codeReplayAfterSignOut) }

func codeReplayAfterSignOut(t *testing.T) {
	h := newHouse(t)
	code := h.code(nil)
	tokens := h.tokens(h.redeeming("mobile", code))
	_, id, err := h.Keys.OpenCode(code, h.clock())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.Revoke(t.Context(), oauth.Revocation{ID: id}); err != nil {
		t.Fatal(err)
	}
	h.store.create = func() error { h.wantGone("while it is replayed", tokens); return nil }
	for range 2 {
		h.wantRefused("replay", h.redeeming("mobile", code), http.StatusBadRequest, oauth.InvalidGrant)
		h.wantGone("after it was replayed", tokens)
		h.wantRefused("refresh", h.refreshing("mobile", tokens.RefreshToken), http.StatusBadRequest, oauth.InvalidGrant)
	}
}

func (h *house) wantNoSessions(name string) {
	h.t.Helper()
	if live := h.sessions(); slices.ContainsFunc(live, func(s oauth.Session) bool { return !s.Killed.All() }) {
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

// Of racing uses of one code one gets tokens, and they work for nobody: every
// other ends the session.
func TestRacingUsesOfACode(t *testing.T) {
	for name, step := range map[string]time.Duration{"at one instant": 0, "one after another": time.Millisecond} {
		for range 20 {
			h := newHouse(t)
			h.Clock = func() time.Time { h.wait(step); return h.clock() }
			winners := h.race(slices.Repeat([]*oauth.Request{h.redeeming("mobile", h.code(nil))}, 100))
			if winners != 1 {
				t.Errorf("%s: %d of 100 got tokens, want one", name, winners)
			}
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
