package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// staleRead is what an eventual read of a session shows, and a strong one
// after it.
type staleRead struct {
	name             string
	eventual, strong found
	reads            []oauth.Consistency
	code             string // empty: let through
	fault            error
}

func staleReads(s oauth.Session) []staleRead {
	once, twice := []oauth.Consistency{oauth.Eventual}, []oauth.Consistency{oauth.Eventual, oauth.Strong}
	older := s
	older.Generation--
	here, stale := found{session: s}, found{session: older}
	missing, ended, broken := found{err: oauth.ErrNotFound}, found{err: fmt.Errorf("tried: %w", oauth.ErrExpired)}, found{err: errBroken}
	return []staleRead{
		{"seen at once", here, broken, once, "", nil},
		{"missing, then there", missing, here, twice, "", nil},
		{"ended, then renewed", ended, here, twice, "", nil},
		{"older, then there", stale, here, twice, "", nil},
		{"older, then older still", stale, stale, twice, oauth.InvalidToken, nil},
		{"older, then revoked", stale, missing, twice, oauth.InvalidToken, nil},
		{"missing twice", missing, missing, twice, oauth.InvalidToken, nil},
		{"ended twice", ended, ended, twice, oauth.InvalidToken, nil},
		{"broken", broken, here, once, "", errBroken},
		{"missing, then broken", missing, broken, twice, "", errBroken},
		{"older, then broken", stale, broken, twice, "", errBroken},
	}
}

// What an eventually consistent read would refuse is read again: a phone that
// calls right after it signed in or refreshed is never turned away.
func TestStaleReads(t *testing.T) {
	s := live(oauth.OAuth2)
	for _, test := range staleReads(s) {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t)
			h.store.eventual, h.store.strong = func() found { return test.eventual }, func() found { return test.strong }
			switch {
			case test.fault != nil:
				h.wantFault("bearer", h.bearer(s), test.fault)
			case test.code != "":
				h.wantRefused("bearer", h.bearer(s), test.code)
			default:
				h.wantAllowed("bearer", h.bearer(s), s)
			}
			if !slices.Equal(h.store.reads, test.reads) {
				t.Errorf("read %v, want %v", h.store.reads, test.reads)
			}
		})
	}
}

func TestStaleReadOfASignedRequest(t *testing.T) {
	s := live(oauth.OAuth1)
	for _, first := range []found{{err: oauth.ErrNotFound}, {err: oauth.ErrExpired}} {
		h := newHouse(t)
		h.store.eventual, h.store.strong = func() found { return first }, func() found { return found{session: s} }
		h.wantAllowed(first.err.Error(), h.signed(s), s)
		h.wantAsked("stale", 1, 2, 1)
	}
}

func TestStrongReadsAreNotRepeated(t *testing.T) {
	h := newHouse(t)
	h.Consistency = oauth.Strong
	h.store.eventual = func() found { return found{err: errBroken} }
	s := live(oauth.OAuth2)
	h.wantRefused("not there", h.bearer(s), oauth.InvalidToken)
	h.wantAsked("not there", 0, 1, 0)
	h.begin(s)
	h.wantAllowed("there", h.bearer(s), s)
	h.wantAsked("there", 1, 1, 0)
}

// A store that cannot answer lets nobody through and turns nobody away.
func TestFaults(t *testing.T) {
	s, signed := live(oauth.OAuth2), live(oauth.OAuth1)
	broken := func() found { return found{err: errBroken} }
	gone := func() found { return found{err: oauth.ErrNotFound} }
	for _, test := range []struct {
		name   string
		breaks func(*house)
		bearer bool // it concerns bearer tokens too
	}{
		{"sessions", func(h *house) { h.store.eventual = broken }, true},
		{"clients", func(h *house) { h.store.client = errBroken }, true},
		{"nonces", func(h *house) { h.store.spend = func() error { return errBroken } }, false},
		{"nonces of a revoked session", func(h *house) {
			h.store.spend, h.store.eventual, h.store.strong = func() error { return errBroken }, gone, gone
		}, false},
		{"sessions of a spent nonce", func(h *house) {
			h.store.spend, h.store.eventual = func() error { return oauth.ErrSpent }, broken
		}, false},
	} {
		h := newHouse(t)
		h.begin(s)
		test.breaks(h)
		if test.bearer {
			h.wantFault(test.name, h.bearer(s), errBroken)
		}
		other := newHouse(t)
		other.begin(signed)
		test.breaks(other)
		other.wantFault(test.name+", signed", other.signed(signed), errBroken)
	}
}

// Each waits for the other to begin: one after the other would never end.
func TestSessionAndNonceSideBySide(t *testing.T) {
	h := newHouse(t)
	s := live(oauth.OAuth1)
	finding, spending := make(chan struct{}), make(chan struct{})
	h.store.eventual = func() found { close(finding); <-spending; return found{session: s} }
	h.store.spend = func() error { close(spending); <-finding; return nil }
	h.wantAllowed("side by side", h.signed(s), s)
	h.wantAsked("a signed check", 1, 1, 1)
}

// The verdict waits for both, whichever is slow.
func TestSlowNonceStillCounts(t *testing.T) {
	h := newHouse(t)
	s := live(oauth.OAuth1)
	h.begin(s)
	read := make(chan struct{})
	h.store.spend = func() error {
		<-read
		time.Sleep(10 * time.Millisecond)
		return oauth.ErrSpent
	}
	h.store.eventual = func() found { close(read); return found{session: s} }
	h.wantRefused("spent, said late", h.signed(s), oauth.NonceUsed)
}

func TestRequestThatEnds(t *testing.T) {
	h := newHouse(t)
	s := live(oauth.OAuth2)
	h.store.eventual = func() found { return found{err: context.Canceled} }
	verdict, err := h.Check(t.Context(), h.bearer(s))
	if !errors.Is(err, context.Canceled) || verdict.Allowed || verdict.Refusal != nil {
		t.Errorf("got %+v, %v", verdict, err)
	}
}
