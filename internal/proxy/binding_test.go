package proxy

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/signing"
)

// boundHouse has alice's sessions bound to an agent at an address, and ended by
// what onMismatch says.
func boundHouse(t *testing.T, upstream string, onMismatch oauth.OnMismatch) *house {
	t.Helper()
	h := newHouse(t, upstream)
	h.Access.Binding.OnMismatch = onMismatch
	store := memory.New()
	h.Access.Sessions = store
	for _, protocol := range []oauth.Protocol{oauth.OAuth1, oauth.OAuth2} {
		s := sessionBy(protocol)
		s.Binding = h.Keys.Bind(oauth.BindAgentAddress, newRequest("GET", "/", "", "User-Agent", "Notes/1.2"))
		if err := store.Create(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// The backend never hears of a token that another caller shows, and nor does
// that caller learn what to imitate.
func TestBoundTokensAtTheProxy(t *testing.T) {
	for _, onMismatch := range oauth.OnMismatches() {
		for _, protocol := range []oauth.Protocol{oauth.OAuth1, oauth.OAuth2} {
			for reason, change := range map[oauth.Reason]func(*oauth.Request){
				oauth.ReasonAgent:   func(r *oauth.Request) { r.Header.Set("User-Agent", "curl/8") },
				oauth.ReasonAddress: func(r *oauth.Request) { r.Source = netip.MustParseAddr("192.0.2.2") },
			} {
				name := fmt.Sprintf("%s, %s, other %s", protocol, onMismatch, reason)
				backend := newWire(t, fine)
				h := boundHouse(t, backend.url, onMismatch)
				present := func(path string) *oauth.Request {
					if protocol == oauth.OAuth2 {
						return h.bearer("GET", path, "", "User-Agent", "Notes/1.2")
					}
					return h.signed(signing.InHeader, "GET", path, "", "User-Agent", "Notes/1.2")
				}
				stolen := present("/api/stolen")
				change(stolen)
				response := h.serve(stolen)
				if response.Status != 401 || response.Refusal == nil || response.Refusal.Reason != reason || response.Refusal.OnMismatch != onMismatch ||
					len(backend.requests()) != 0 || strings.Contains(string(response.Body), string(reason)) {
					t.Errorf("%s: %d %s %+v", name, response.Status, response.Body, response.Refusal)
				}
				want := 401
				if onMismatch == oauth.RejectOnly {
					want = 200
				}
				if response := h.serve(present("/api/own?again=1")); protocol == oauth.OAuth2 && response.Status != want {
					t.Errorf("%s: then the owner gets %d %s, want %d", name, response.Status, response.Body, want)
				}
			}
		}
	}
}

// failing is a store whose extensions fail.
type failing struct{ *memory.Store }

var errFull = errors.New("the table is full")

func (failing) Extend(context.Context, oauth.SessionID, time.Time, time.Time) error { return errFull }

func (failing) Kill(context.Context, oauth.SessionID, oauth.Killing) error { return errFull }

// The request goes on, and the log says that the session's end did not.
func TestFaultOfAnExtension(t *testing.T) {
	backend := newWire(t, fine)
	h := boundHouse(t, backend.url, oauth.KillToken)
	store := memory.New()
	s := sessionBy(oauth.OAuth2)
	s.Idle = 24 * time.Hour
	if err := store.Create(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	h.Access.Sessions = failing{store}
	response := h.serve(h.bearer("GET", "/api/x", ""))
	if response.Status != 200 || !errors.Is(response.Fault, errFull) || len(backend.requests()) != 1 {
		t.Errorf("%d %s, fault %v", response.Status, response.Body, response.Fault)
	}
}

// A token that should have been killed and was not is no refusal: nobody is
// told that all is well.
func TestFaultOfAKill(t *testing.T) {
	backend := newWire(t, fine)
	h := boundHouse(t, backend.url, oauth.KillToken)
	h.Access.Sessions = failing{h.Access.Sessions.(*memory.Store)}
	response, err := h.Serve(t.Context(), h.bearer("GET", "/api/x", "", "User-Agent", "curl/8"))
	if !errors.Is(err, errFull) || response.Status != 0 || len(backend.requests()) != 0 {
		t.Errorf("%+v, %v", response, err)
	}
}
