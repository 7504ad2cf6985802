package sessions

import (
	"errors"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// A user sees which sessions were ended by another's use, and why, for as long
// as they are kept.
func TestListOfKilledSessions(t *testing.T) {
	h := newHouse(t)
	plain, token, whole := h.begin("mobile", "alice", oauth.OAuth2), h.begin("mobile", "alice", oauth.OAuth2), h.begin("mobile", "alice", oauth.OAuth1)
	at := instant.Add(-time.Minute)
	for id, killing := range map[oauth.SessionID]oauth.Killing{
		token.ID: {Reason: oauth.ReasonAddress, Generation: 0, At: at},
		whole.ID: {Reason: oauth.ReasonAgent, Generation: oauth.AllGenerations, At: at},
	} {
		if err := h.store.Kill(t.Context(), id, killing); err != nil {
			t.Fatal(err)
		}
	}
	answer := h.want("list", by(plain, "GET", "/oauth/sessions"), http.StatusOK)
	listed := decoded[map[string][]map[string]any](t, answer)["sessions"]
	if len(listed) != 3 {
		t.Fatalf("listed %v", listed)
	}
	when := float64(at.Unix())
	for i, want := range []any{map[string]any{"reason": "user_agent", "at": when, "ended": true},
		map[string]any{"reason": "address", "at": when, "ended": false}, nil} {
		if got := listed[i]["killed"]; !reflect.DeepEqual(got, want) {
			t.Errorf("%d: killed %v, want %v", i, got, want)
		}
	}
	if _, said := listed[2]["killed"]; said {
		t.Errorf("nothing was killed of %v", listed[2])
	}
	if ends := listed[0]["expiry"]; ends != float64(at.Add(oauth.KilledKept).Unix()) {
		t.Errorf("it is kept until %v", ends)
	}
	h.want("forget it", by(plain, "DELETE", "/oauth/sessions/"+whole.ID.String()), http.StatusNoContent)
	h.wantLive("forgotten", whole, false)
}

// Nor can a thief have forgotten that there was one: only the user's own request
// takes a session that was killed whole from the list.
func TestAThiefDoesNotEraseTheRecord(t *testing.T) {
	h := newHouse(t)
	for _, client := range []string{"web", "mobile"} {
		s := h.begin(client, "alice", oauth.OAuth2)
		if err := h.store.Kill(t.Context(), s.ID, oauth.Killing{Reason: oauth.ReasonAgent, Generation: oauth.AllGenerations, At: instant}); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []seal.Kind{seal.AccessToken, seal.RefreshToken, seal.OAuth1Token} {
			response := h.want(client, h.revoking(client, h.Keys.Mint(kind, s.ID, 0).Reveal()), http.StatusOK)
			if len(response.Body) != 0 || response.Session != nil || response.Refusal == nil {
				t.Errorf("%s: %s, %+v", client, response.Body, response.Session)
			}
			h.wantLive(client, s, true)
		}
	}
}

func (h *house) bound(protocol oauth.Protocol, agent, address string) oauth.Session {
	h.t.Helper()
	s := h.begin("mobile", "alice", protocol)
	s.ID[5] = 9
	s.Binding = h.Keys.Bind(oauth.BindAgentAddress, from(&oauth.Request{Header: http.Header{}}, agent, address))
	if err := h.store.Create(h.t.Context(), s); err != nil {
		h.t.Fatal(err)
	}
	return s
}

func from(r *oauth.Request, agent, address string) *oauth.Request {
	r.Header.Set("User-Agent", agent)
	r.Source = netip.MustParseAddr(address)
	return r
}

// To revoke by a signed request is to use the token, which another caller can't.
// A list shows neither whom it is bound to nor who tried.
func TestRevokeBySignatureOfAnother(t *testing.T) {
	for _, onMismatch := range oauth.OnMismatches() {
		h := newHouse(t)
		h.Access.Binding.OnMismatch = onMismatch
		s := h.bound(oauth.OAuth1, "Notes/1.2", "192.0.2.1")
		r := from(h.signed("mobile", s), "curl/8", "203.0.113.66")
		response := h.wantRefused("a thief", r, http.StatusUnauthorized, oauth.TokenRejected)
		if response.Refusal.Reason != oauth.ReasonAgent || response.Refusal.OnMismatch != onMismatch {
			t.Errorf("%+v", response.Refusal)
		}
		h.wantLive("afterwards", s, true) // killed or not, it is there to be shown
		list := string(h.want("list", by(s, "GET", "/oauth/sessions"), http.StatusOK).Body)
		if killed := strings.Contains(list, `"killed":{"reason":"user_agent"`); killed != (onMismatch != oauth.RejectOnly) ||
			strings.Contains(list, "curl") || strings.Contains(list, "Notes") || strings.Contains(list, "203.0.113") || strings.Contains(list, "192.0.2") {
			t.Errorf("%s: %s", onMismatch, list)
		}
	}
	h := newHouse(t)
	s := h.bound(oauth.OAuth1, "Notes/1.2", "192.0.2.1")
	h.want("the owner", from(h.signed("mobile", s), "Notes/1.2", "192.0.2.1"), http.StatusOK)
	h.wantLive("revoked", s, false)
}

// RFC 7009 wants the client's credentials and no token's: who has a token that
// leaked may end it from anywhere.
func TestRevokeABoundToken(t *testing.T) {
	h := newHouse(t)
	s := h.bound(oauth.OAuth2, "Notes/1.2", "192.0.2.1")
	token := h.Keys.Mint(seal.AccessToken, s.ID, 0)
	h.want("from elsewhere", from(h.revoking("mobile", token.Reveal()), "curl/8", "203.0.113.66"), http.StatusOK)
	h.wantLive("revoked", s, false)
}

// That the end could not be moved is for the log, and ends nothing.
func TestFaultOfASignedRevocation(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth1)
	s.ID[5], s.Idle = 9, 24*time.Hour
	if err := h.store.Create(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	h.store.extend = func() error { return errBroken }
	if response := h.want("revoke", h.signed("mobile", s), http.StatusOK); !errors.Is(response.Fault, errBroken) {
		t.Errorf("the fault is %v", response.Fault)
	}
}
