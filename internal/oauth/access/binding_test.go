package access

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

// place is where a request comes from, and by what.
type place struct{ agent, address string }

var (
	home     = place{"Notes/1.2 (iPhone)", "192.0.2.1"}
	next     = place{home.agent, "192.0.2.200"}  // another address of the network
	abroad   = place{home.agent, "198.51.100.9"} // the same app in another network
	thief    = place{"curl/8.1", "198.51.100.66"}
	neighbor = place{"curl/8.1", home.address}
)

func (p place) of(r *oauth.Request) *oauth.Request {
	r.Header.Set("User-Agent", p.agent)
	r.Source = netip.MustParseAddr(p.address)
	return r
}

// mismatch is why p is not home to what is bound.
func (p place) mismatch(to oauth.BindTo) oauth.Reason {
	byAgent := to == oauth.BindAgent || to == oauth.BindAgentAddress || to == oauth.BindAgentNetwork
	byAddress := to == oauth.BindAddress || to == oauth.BindAgentAddress
	byNetwork := to == oauth.BindNetwork || to == oauth.BindAgentNetwork
	switch {
	case byAgent && p.agent != home.agent:
		return oauth.ReasonAgent
	case byAddress && p.address != home.address, byNetwork && p != next && p.address != home.address:
		return oauth.ReasonAddress
	}
	return ""
}

// tokenOf is one way to present a session's token.
type tokenOf struct {
	name     string
	protocol oauth.Protocol
	client   string
	refresh  bool // a refresh can go on
	user     string
}

var ways = []tokenOf{
	{"bearer", oauth.OAuth2, "app", true, "u1"},
	{"bearer of a client that cannot refresh", oauth.OAuth2, "mobile", false, "u1"},
	{"bearer of a client that acts for itself", oauth.OAuth2, "app", false, ""},
	{"OAuth 1.0", oauth.OAuth1, "app", false, "u1"},
}

// boundAtHome has a session of w that home began.
func boundAtHome(t *testing.T, w tokenOf, policy oauth.BindingPolicy) (*house, oauth.Session) {
	t.Helper()
	h := newHouse(t)
	if err := h.store.CreateClient(t.Context(), oauth.Client{ID: "app", SecretKey: 1, Grants: []oauth.Grant{oauth.GrantRefreshToken}}); err != nil {
		t.Fatal(err)
	}
	h.Binding = policy
	s := live(w.protocol)
	s.Client, s.User = w.client, w.user
	s.Binding = h.Keys.Bind(policy.To, home.of(bearer("")))
	h.begin(s)
	return h, s
}

// shown is a request with the token of s, signed with a nonce of its own where
// it is signed.
func (h *house) shown(w tokenOf, s oauth.Session, p place, nonce string) *oauth.Request {
	h.t.Helper()
	if w.protocol == oauth.OAuth1 {
		return p.of(h.sign(s, signing{client: w.client, nonce: nonce}))
	}
	return p.of(h.bearer(s))
}

// policies are all that there are.
func policies() (all []oauth.BindingPolicy) {
	for _, to := range oauth.Bindings() {
		for _, onMismatch := range oauth.OnMismatches() {
			all = append(all, oauth.BindingPolicy{To: to, OnMismatch: onMismatch})
		}
	}
	return all
}

func TestWhoMayUseABoundToken(t *testing.T) {
	for _, policy := range policies() {
		for _, w := range ways {
			for _, p := range []place{home, next, abroad, thief, neighbor} {
				name := fmt.Sprintf("%s bound to %s, %s, from %+v", w.name, policy.To, policy.OnMismatch, p)
				h, s := boundAtHome(t, w, policy)
				reason := p.mismatch(policy.To)
				h.wantAllowed(name+": at home", h.shown(w, s, home, "a"), s)
				if reason == "" {
					h.wantAllowed(name, h.shown(w, s, p, "b"), s)
				} else {
					h.wantKept(name, h.shown(w, s, p, "b"), reason, policy.OnMismatch)
				}
				h.wantAfter(name, w, s, policy, reason)
			}
		}
	}
}

// wantKept fails the test unless r is refused for reason, in words that say
// neither why nor what is to be imitated.
func (h *house) wantKept(name string, r *oauth.Request, reason oauth.Reason, onMismatch oauth.OnMismatch) {
	h.t.Helper()
	verdict, err := h.Check(h.t.Context(), r)
	if err != nil || verdict.Allowed || verdict.Session.Client != "" || verdict.Refusal == nil {
		h.t.Fatalf("%s: %+v, %v, want a refusal", name, verdict, err)
	}
	refusal := verdict.Refusal
	if refusal.Status != 401 || refusal.Reason != reason || refusal.OnMismatch != onMismatch || refusal.UnknownKey ||
		refusal.Description != "the token is not valid from here" {
		h.t.Errorf("%s: %+v, want the reason %s and %s", name, refusal, reason, onMismatch)
	}
}

// wantAfter fails the test unless exactly what the policy says was killed.
func (h *house) wantAfter(name string, w tokenOf, s oauth.Session, policy oauth.BindingPolicy, reason oauth.Reason) {
	h.t.Helper()
	stored, err := h.store.Find(h.t.Context(), s.ID, instant, oauth.Strong)
	if err != nil {
		h.t.Fatalf("%s: %v", name, err)
	}
	if reason == "" || policy.OnMismatch == oauth.RejectOnly {
		if h.store.kills != 0 || stored.Killed != (oauth.Killing{}) {
			h.t.Errorf("%s: %d kills, %+v", name, h.store.kills, stored.Killed)
		}
		h.wantAllowed(name+": at home again", h.shown(w, s, home, "c"), s)
		return
	}
	want := oauth.Killing{Reason: reason, Generation: oauth.AllGenerations, At: instant}
	if policy.OnMismatch == oauth.KillToken && w.refresh {
		want.Generation = s.Generation
	}
	if stored.Killed != want || h.store.kills != 1 {
		h.t.Errorf("%s: %d kills, %+v, want %+v", name, h.store.kills, stored.Killed, want)
	}
	code := oauth.InvalidToken
	if w.protocol == oauth.OAuth1 {
		code = oauth.TokenRevoked
	}
	for _, p := range []place{home, next, thief} { // dead is dead, and costs no write
		h.wantRefused(name+": afterwards", h.shown(w, s, p, "d"+p.address), code)
	}
	if h.store.kills != 1 {
		h.t.Errorf("%s: it was killed again", name)
	}
}

// What the client says comes before what the deployment says.
func TestClientsOwnMismatch(t *testing.T) {
	h, s := boundAtHome(t, ways[0], oauth.BindingPolicy{To: oauth.BindAgent, OnMismatch: oauth.KillSession})
	own := oauth.Client{ID: "app", SecretKey: 1, OnMismatch: oauth.RejectOnly, Binding: oauth.BindNone}
	storetest.PutClient(t, h.store, own)
	h.wantKept("a thief", h.shown(ways[0], s, thief, ""), oauth.ReasonAgent, oauth.RejectOnly)
	// What it is bound to was decided when it began.
	h.wantAllowed("at home", h.shown(ways[0], s, home, ""), s)
}

// The zero policy kills the token, and fails closed.
func TestNoPolicy(t *testing.T) {
	h, s := boundAtHome(t, ways[0], oauth.BindingPolicy{To: oauth.BindAgent})
	h.Binding = oauth.BindingPolicy{}
	h.wantKept("a thief", h.shown(ways[0], s, thief, ""), oauth.ReasonAgent, oauth.KillToken)
	h.wantRefused("at home", h.shown(ways[0], s, home, ""), oauth.InvalidToken)
}

// What could not be killed is not let through either, and is no refusal that a
// client would believe.
func TestKillThatFails(t *testing.T) {
	for _, w := range ways {
		for _, onMismatch := range []oauth.OnMismatch{oauth.KillToken, oauth.KillSession} {
			h, s := boundAtHome(t, w, oauth.BindingPolicy{To: oauth.BindAgentAddress, OnMismatch: onMismatch})
			h.store.kill = errBroken
			h.wantFault(w.name, h.shown(w, s, thief, "a"), errBroken)
			h.wantFault(w.name+" again", h.shown(w, s, abroad, "b"), errBroken)
			h.wantAllowed(w.name+" at home", h.shown(w, s, home, "c"), s)
		}
	}
}

// Without its key nobody can tell whose a binding is: the keyring is read
// again, and nobody is let through, and nothing killed.
func TestBindingOfAnUnknownKey(t *testing.T) {
	other, err := seal.ParseKeyring([]byte(`{"current":"2","2":"another key for tests, not for use either"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range ways {
		for _, to := range []oauth.BindTo{oauth.BindAgent, oauth.BindAddress, oauth.BindNetwork} {
			h, s := boundAtHome(t, w, oauth.BindingPolicy{OnMismatch: oauth.KillSession})
			s.ID, s.Binding = oauth.SessionID{9}, other.Bind(to, home.of(bearer("")))
			h.begin(s)
			for _, p := range []place{home, thief} {
				verdict, err := h.Check(t.Context(), h.shown(w, s, p, p.address))
				if err != nil || verdict.Allowed || verdict.Refusal == nil || !verdict.Refusal.UnknownKey || verdict.Refusal.Status != 401 {
					t.Errorf("%s bound to %s: %+v, %v", w.name, to, verdict, err)
				}
			}
			if h.store.kills != 0 {
				t.Errorf("%s bound to %s: something was killed", w.name, to)
			}
		}
	}
}

// Sessions that began before there were bindings, or while there was none.
func TestSessionsWithoutBinding(t *testing.T) {
	for _, w := range ways {
		h, s := boundAtHome(t, w, oauth.BindingPolicy{To: oauth.BindNone})
		h.Binding = oauth.BindingPolicy{To: oauth.BindAgentAddress, OnMismatch: oauth.KillSession}
		h.wantAllowed(w.name, h.shown(w, s, thief, "a"), s)
	}
}

// A thief and the right caller at once: nobody gets through once one thief was
// refused, and one of them is enough.
func TestThiefAndCallerAtOnce(t *testing.T) {
	h, s := boundAtHome(t, ways[0], oauth.BindingPolicy{To: oauth.BindAgent})
	var refused atomic.Bool
	var group sync.WaitGroup
	for i := range 100 {
		group.Go(func() {
			p, late := home, refused.Load()
			if i%10 == 0 {
				p = thief
			}
			verdict, err := h.Check(t.Context(), h.shown(ways[0], s, p, ""))
			switch {
			case err != nil:
				t.Error(err)
			case p == thief:
				refused.Store(true)
				fallthrough
			case late:
				if verdict.Allowed {
					t.Errorf("%+v was let through", p)
				}
			}
		})
	}
	group.Wait()
}

// Introspection asks what a token stands for, as whoever was shown it, who is
// never the caller it is bound to.
func TestInspectingABoundToken(t *testing.T) {
	h, s := boundAtHome(t, ways[0], oauth.BindingPolicy{To: oauth.BindAgentAddress})
	inspect := func() oauth.Verdict {
		_, verdict, err := h.Inspect(t.Context(), &oauth.Client{ID: "api"}, h.Keys.Mint(seal.AccessToken, s.ID, s.Generation).Reveal())
		if err != nil {
			t.Fatal(err)
		}
		return verdict
	}
	if !inspect().Allowed || h.store.kills != 0 {
		t.Errorf("%+v", inspect())
	}
	h.wantKept("a thief", h.shown(ways[0], s, thief, ""), oauth.ReasonAgent, oauth.KillToken)
	if inspect().Allowed {
		t.Error("a killed token is said to be live")
	}
}

// A disabled client's token is refused before anything is killed: it was
// refused to everybody.
func TestMismatchOfADisabledClient(t *testing.T) {
	h, s := boundAtHome(t, ways[0], oauth.BindingPolicy{To: oauth.BindAgent, OnMismatch: oauth.KillSession})
	storetest.PutClient(t, h.store, oauth.Client{ID: "app", SecretKey: 1, Disabled: true})
	h.wantRefused("a thief", h.shown(ways[0], s, thief, ""), oauth.InvalidToken)
	h.store.client = errors.New("the registry is down")
	h.wantFault("a thief without a registry", h.shown(ways[0], s, thief, ""), h.store.client)
	if h.store.kills != 0 {
		t.Error("something was killed")
	}
}

// An old token, shown from where a refresh has just bound the session to, ends
// nothing while reads are behind; a thief's does.
func TestBindingThatIsReadTooEarly(t *testing.T) {
	for _, onMismatch := range []oauth.OnMismatch{oauth.KillToken, oauth.KillSession} {
		for who, killed := range map[place]bool{abroad: false, thief: true} {
			h, before := boundAtHome(t, ways[0], oauth.BindingPolicy{To: oauth.BindAgentNetwork, OnMismatch: onMismatch})
			r := oauth.Renewal{ID: before.ID, Client: before.Client, Generation: before.Generation, Now: instant,
				AccessExpires: before.AccessExpires, Expires: before.Expires, Agents: h.Keys.Agents(home.of(bearer(""))),
				Binding: h.Keys.Bind(oauth.BindAgentNetwork, abroad.of(bearer("")))}
			if _, err := h.store.Refresh(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			h.store.eventual = func() found { return found{session: before} }
			h.wantRefused("an old token", who.of(h.bearer(before)), oauth.InvalidToken)
			after, err := h.store.Store.Find(t.Context(), before.ID, instant, oauth.Strong)
			if err != nil || after.Killed.Covers(before.Generation) != killed {
				t.Errorf("%s, from %s: killed %+v, %v", onMismatch, who.address, after.Killed, err)
			}
		}
	}
}

// Where nobody can tell whether the session moved on, nothing is let through.
func TestBindingThatCannotBeReadAgain(t *testing.T) {
	h, s := boundAtHome(t, ways[0], oauth.BindingPolicy{To: oauth.BindAgent})
	h.store.strong = func() found { return found{err: errBroken} }
	h.wantFault("another's", thief.of(h.bearer(s)), errBroken)
}
