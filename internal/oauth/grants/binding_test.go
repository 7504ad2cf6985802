package grants

import (
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop/dpoptest"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

// place is where a request comes from, and by what.
type place struct{ agent, address string }

var (
	sofa   = place{"Notes/1.2 (iPhone)", "192.0.2.1"}
	train  = place{sofa.agent, "198.51.100.7"}
	thief  = place{"curl/8.1", "203.0.113.66"}
	roomie = place{"curl/8.1", sofa.address}
)

func (p place) of(r *oauth.Request) *oauth.Request {
	r.Header.Set("User-Agent", p.agent)
	r.Source = netip.MustParseAddr(p.address)
	return r
}

// newBoundHouse binds as a deployment's settings say.
func newBoundHouse(t *testing.T, to oauth.BindTo, onMismatch oauth.OnMismatch) *house {
	t.Helper()
	h := newHouse(t)
	h.bind(to, onMismatch)
	h.Access.Grace = grace
	return h
}

// bind is a deployment whose settings are changed.
func (h *house) bind(to oauth.BindTo, onMismatch oauth.OnMismatch) {
	h.Terms.Binding = oauth.BindingPolicy{To: to, OnMismatch: onMismatch}
	h.Access.Binding = h.Terms.Binding
}

// wantUsable presents an access token from p.
func (h *house) wantUsable(name string, p place, token string, want bool) {
	h.t.Helper()
	r := p.of(&oauth.Request{Method: http.MethodGet, Header: http.Header{"Authorization": {"Bearer " + token}}})
	verdict, err := h.Access.Check(h.t.Context(), r)
	if err != nil || verdict.Allowed != want {
		h.t.Errorf("%s: %+v, %+v, %v, want it let through: %v", name, verdict, verdict.Refusal, err, want)
	}
}

// agentAndAddress are the hashes of what p is bound to.
func (h *house) agentAndAddress(to oauth.BindTo, p place) oauth.Binding {
	return h.Keys.Bind(to, p.of(h.form("page")))
}

// Whichever way a session begins, it is bound to who asked for it. OAuth 1.0
// sessions have no key.
func TestEveryGrantBinds(t *testing.T) {
	key := dpoptest.NewKey(t)
	for _, to := range oauth.Bindings() {
		h := newBoundHouse(t, to, oauth.KillToken)
		want := h.agentAndAddress(to, sofa)
		oauth1 := sofa.of(h.signed("xauth"))
		old := h.credentials(oauth1)
		oldPair := pair{old.Get("oauth_token"), old.Get("oauth_token_secret")}
		temporary := h.temporary(callback)
		verified := h.credentials(sofa.of(h.exchanging(temporary, h.verifier(temporary))))
		tokens := map[string]string{"xAuth": oldPair.token, "three legs": verified.Get("oauth_token")}
		for name, r := range map[string]*oauth.Request{"password": h.password("mobile"), "public": h.password("page"),
			"code": h.redeeming("mobile", h.code(nil)), "client credentials": h.form("robot", "grant_type", "client_credentials"),
			"exchange": h.trading(oldPair)} {
			if to == oauth.BindDPoP {
				h.prove(key, r)
			}
			tokens[name] = h.tokens(sofa.of(r)).AccessToken
		}
		for name, token := range tokens {
			kind, _ := seal.KindOf(token)
			confirmation := ""
			if to == oauth.BindDPoP && kind == seal.AccessToken {
				confirmation = key.Thumbprint()
			}
			s, err := h.session(kind, token)
			if err != nil || string(s.Binding.Agent) != string(want.Agent) || string(s.Binding.Address) != string(want.Address) || s.Confirmation != confirmation {
				t.Errorf("%s bound to %s: %+v, %v, want %+v", name, to, s.Binding, err, want)
			}
		}
	}
}

// A client may be bound to less than the deployment says, or to more.
func TestClientsOwnBinding(t *testing.T) {
	h := newBoundHouse(t, oauth.BindAgentAddress, oauth.KillSession)
	client, err := h.store.Client(t.Context(), "page")
	if err != nil {
		t.Fatal(err)
	}
	client.Binding = oauth.BindNone
	storetest.PutClient(t, h.store, client)
	h.wantUsable("not bound", thief, h.tokens(sofa.of(h.password("page"))).AccessToken, true)
	h.wantUsable("bound", thief, h.tokens(sofa.of(h.password("mobile"))).AccessToken, false)
}

// A phone that leaves its network is refused, refreshes and goes on, without a
// password. Its old token stays dead, and a thief never had a chance.
func TestAPhoneRecovers(t *testing.T) {
	for _, to := range []oauth.BindTo{oauth.BindAddress, oauth.BindNetwork, oauth.BindAgentAddress, oauth.BindAgentNetwork} {
		h := newBoundHouse(t, to, oauth.KillToken)
		first := h.tokens(sofa.of(h.password("mobile")))
		h.wantUsable("at home", sofa, first.AccessToken, true)
		h.wantUsable("on the train", train, first.AccessToken, false)
		h.wantUsable("at home again", sofa, first.AccessToken, false)
		second := h.tokens(train.of(h.refreshing("mobile", first.RefreshToken)))
		h.wantUsable("refreshed", train, second.AccessToken, true)
		h.wantUsable("the dead one, on the train", train, first.AccessToken, false)
		h.wantUsable("the dead one, from home", sofa, first.AccessToken, false)
		h.wantUsable("the dead one did no harm", train, second.AccessToken, true)
		s, err := h.session(seal.RefreshToken, second.RefreshToken)
		if want := h.agentAndAddress(to, train); err != nil || string(s.Binding.Address) != string(want.Address) || string(s.Binding.Agent) != string(want.Agent) {
			t.Errorf("%s: bound to %+v after the refresh, %v", to, s.Binding, err)
		}
		h.wantUsable("the new one, from home", sofa, second.AccessToken, false)
	}
}

// A phone that lost the answer to a refresh with its network asks again from the
// next one, and its tokens are for there.
func TestAPhoneLosesAnAnswer(t *testing.T) {
	h := newBoundHouse(t, oauth.BindAgentAddress, oauth.KillSession)
	first := h.tokens(sofa.of(h.password("mobile")))
	lost := h.tokens(sofa.of(h.refreshing("mobile", first.RefreshToken)))
	again := h.tokens(train.of(h.refreshing("mobile", first.RefreshToken)))
	if again.AccessToken != lost.AccessToken {
		t.Error("asked again, it gets other tokens")
	}
	h.wantUsable("on the train", train, again.AccessToken, true)
	h.tokens(train.of(h.refreshing("mobile", again.RefreshToken)))
}

// A refresh token is the session's: another agent that has one ends it, unless
// the policy is to do nothing. The session was then never that agent's.
func TestAThiefRefreshes(t *testing.T) {
	for _, to := range []oauth.BindTo{oauth.BindAgent, oauth.BindAgentAddress, oauth.BindAgentNetwork} {
		for _, onMismatch := range oauth.OnMismatches() {
			for _, p := range []place{thief, roomie, {"", sofa.address}} {
				h := newBoundHouse(t, to, onMismatch)
				tokens := h.tokens(sofa.of(h.password("mobile")))
				response := h.wantRefused(string(to), p.of(h.refreshing("mobile", tokens.RefreshToken)), http.StatusBadRequest, oauth.InvalidGrant)
				want := oauth.KillSession
				if onMismatch == oauth.RejectOnly {
					want = oauth.RejectOnly
				}
				if response.Refusal.Reason != oauth.ReasonAgent || response.Refusal.OnMismatch != want || response.Refusal.UnknownKey {
					t.Errorf("%s, %s: %+v", to, onMismatch, response.Refusal)
				}
				h.wantUsable("the owner", sofa, tokens.AccessToken, onMismatch == oauth.RejectOnly)
				if onMismatch == oauth.RejectOnly {
					h.tokens(sofa.of(h.refreshing("mobile", tokens.RefreshToken)))
					continue
				}
				h.wantRefused("the owner's refresh", sofa.of(h.refreshing("mobile", tokens.RefreshToken)), http.StatusBadRequest, oauth.InvalidGrant)
				s, err := h.session(seal.RefreshToken, tokens.RefreshToken)
				if err != nil || s.Killed.Reason != oauth.ReasonAgent || !s.Killed.All() || s.Generation != 0 {
					t.Errorf("%s, %s: %+v, %v", to, onMismatch, s.Killed, err)
				}
			}
		}
	}
}

// Not even the answer that the owner lost is for another agent.
func TestAThiefWithinGrace(t *testing.T) {
	h := newBoundHouse(t, oauth.BindAgent, oauth.RejectOnly)
	first := h.tokens(sofa.of(h.password("mobile")))
	second := h.tokens(sofa.of(h.refreshing("mobile", first.RefreshToken)))
	h.wantRefused("a thief", thief.of(h.refreshing("mobile", first.RefreshToken)), http.StatusBadRequest, oauth.InvalidGrant)
	if again := h.tokens(train.of(h.refreshing("mobile", first.RefreshToken))); again != second {
		t.Errorf("%+v, want %+v", again, second)
	}
}

// A session that was killed whole gives no more tokens, to nobody.
func TestAKilledSessionIsNotRefreshed(t *testing.T) {
	h := newBoundHouse(t, oauth.BindAgentAddress, oauth.KillSession)
	tokens := h.tokens(sofa.of(h.password("mobile")))
	h.wantUsable("a thief", thief, tokens.AccessToken, false)
	for _, p := range []place{sofa, train, thief} {
		h.wantRefused("refresh", p.of(h.refreshing("mobile", tokens.RefreshToken)), http.StatusBadRequest, oauth.InvalidGrant)
		h.wantUsable("access", p, tokens.AccessToken, false)
	}
}

// A thief's token and the owner's refresh at once, a hundred times over: the
// stolen generation is dead or was replaced, and what is killed stays so.
func TestKillsRaceRefreshes(t *testing.T) {
	for _, onMismatch := range []oauth.OnMismatch{oauth.KillToken, oauth.KillSession} {
		for round := range 10 {
			h := newBoundHouse(t, oauth.BindAgent, onMismatch)
			first := h.tokens(sofa.of(h.password("mobile")))
			raceThief(h, first)
			s, err := h.session(seal.RefreshToken, first.RefreshToken)
			if err != nil || !s.Killed.Covers(0) || s.Killed.All() != (onMismatch == oauth.KillSession) {
				t.Fatalf("%s, round %d: %+v, %v", onMismatch, round, s.Killed, err)
			}
			h.wantUsable("the stolen one", sofa, first.AccessToken, false)
			if again := sofa.of(h.refreshing("mobile", first.RefreshToken)); onMismatch == oauth.KillSession {
				h.wantRefused("a refresh", again, http.StatusBadRequest, oauth.InvalidGrant)
			} else {
				h.wantUsable("the refreshed one", sofa, h.tokens(again).AccessToken, true)
			}
		}
	}
}

// raceThief has a thief and the owner present the tokens 100 times at once.
func raceThief(h *house, tokens tokenAnswer) {
	h.t.Helper()
	var group sync.WaitGroup
	for i := range 100 {
		refreshing := sofa.of(h.refreshing("mobile", tokens.RefreshToken))
		group.Go(func() {
			if i%2 == 0 {
				h.wantUsable("the thief", thief, tokens.AccessToken, false)
				return
			}
			response, err := h.Serve(h.t.Context(), refreshing)
			if err != nil || response.Status != http.StatusOK && response.Status != http.StatusBadRequest {
				h.t.Errorf("%+v, %v", response, err)
			}
		})
	}
	group.Wait()
}

// A function that lacks the key by which another has bound the session meanwhile
// cannot tell who asks: it says so, and ends nothing.
func TestRefreshBoundByAnUnknownKey(t *testing.T) {
	h := newBoundHouse(t, oauth.BindAgent, oauth.KillSession)
	known, later := parseKeys(t, firstKey), parseKeys(t, laterKeys)
	h.Keys.Replace(known)
	first := h.tokens(sofa.of(h.password("mobile")))
	h.Keys.Replace(later)
	second := h.tokens(sofa.of(h.refreshing("mobile", first.RefreshToken)))
	h.Keys.Replace(known)
	for name, p := range map[string]place{"the owner, whose answer was lost": sofa, "a thief": thief} {
		response := h.wantRefused(name, p.of(h.refreshing("mobile", first.RefreshToken)), http.StatusBadRequest, oauth.InvalidGrant)
		if !response.Refusal.UnknownKey || response.Refusal.OnMismatch != "" {
			t.Errorf("%s: %+v", name, response.Refusal)
		}
	}
	h.Keys.Replace(later)
	if again := h.tokens(sofa.of(h.refreshing("mobile", first.RefreshToken))); again != second {
		t.Errorf("with the key: %+v, want %+v", again, second)
	}
}

func TestKillOfARefreshThatFails(t *testing.T) {
	h := newBoundHouse(t, oauth.BindAgent, oauth.KillToken)
	tokens := h.tokens(sofa.of(h.password("mobile")))
	h.store.kill = broken
	h.wantFault("a thief", thief.of(h.refreshing("mobile", tokens.RefreshToken)))
}

// What a deployment says anew holds for an OAuth 2 session from its next refresh
// and for an OAuth 1.0 one never.
func TestSettingsThatChange(t *testing.T) {
	for _, test := range []struct {
		from, to     oauth.BindTo
		before       bool // a thief with the address of another may use the tokens
		after        bool
		trainRefresh bool
	}{
		{oauth.BindNone, oauth.BindAgentNetwork, true, false, true},
		{oauth.BindNetwork, oauth.BindAddress, false, false, true},
		{oauth.BindAgent, oauth.BindNone, false, true, true},
		{oauth.BindAgentAddress, oauth.BindAgent, false, false, true},
	} {
		name := fmt.Sprintf("%s to %s", test.from, test.to)
		h := newBoundHouse(t, test.from, oauth.RejectOnly)
		tokens := h.tokens(sofa.of(h.password("mobile")))
		h.bind(test.to, oauth.RejectOnly)
		h.wantUsable(name+", owner before", sofa, tokens.AccessToken, true)
		h.wantUsable(name+", thief before", thief, tokens.AccessToken, test.before)
		tokens = h.tokens(train.of(h.refreshing("mobile", tokens.RefreshToken)))
		h.wantUsable(name+", owner after", train, tokens.AccessToken, true)
		h.wantUsable(name+", thief after", thief, tokens.AccessToken, test.after)
		s, err := h.session(seal.RefreshToken, tokens.RefreshToken)
		if want := h.agentAndAddress(test.to, train); err != nil || string(s.Binding.Agent) != string(want.Agent) || string(s.Binding.Address) != string(want.Address) {
			t.Errorf("%s: bound to %+v, %v", name, s.Binding, err)
		}
	}
	// From an agent to none is no way for another agent to get in.
	h := newBoundHouse(t, oauth.BindAgent, oauth.RejectOnly)
	tokens := h.tokens(sofa.of(h.password("mobile")))
	h.bind(oauth.BindNone, oauth.RejectOnly)
	h.wantRefused("another agent", thief.of(h.refreshing("mobile", tokens.RefreshToken)), http.StatusBadRequest, oauth.InvalidGrant)
}

// The exchange is a use of the OAuth 1.0 token as any other.
func TestExchangeByAnother(t *testing.T) {
	for _, onMismatch := range oauth.OnMismatches() {
		h := newBoundHouse(t, oauth.BindAgentAddress, onMismatch)
		values := h.credentials(sofa.of(h.signed("n")))
		token := pair{values.Get("oauth_token"), values.Get("oauth_token_secret")}
		h.tokens(sofa.of(h.trading(token)))
		response := h.wantRefused("a thief", thief.of(h.trading(token)), http.StatusBadRequest, oauth.InvalidRequest)
		if response.Refusal.Reason != oauth.ReasonAgent || response.Refusal.OnMismatch != onMismatch {
			t.Errorf("%+v", response.Refusal)
		}
		again := sofa.of(h.trading(token))
		if onMismatch == oauth.RejectOnly {
			h.tokens(again)
		} else {
			h.wantRefused("the owner", again, http.StatusBadRequest, oauth.InvalidRequest)
		}
	}
}
