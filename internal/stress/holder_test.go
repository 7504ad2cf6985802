package stress

import (
	"fmt"
	"math/rand/v2"

	"gatehouse/internal/flowtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop/dpoptest"
)

// app is a client and how its sessions are bound.
type app struct {
	flowtest.Client
	oauth.BindingPolicy
}

// policies are those of the clients whose sessions are bound.
func policies() []oauth.BindingPolicy {
	return []oauth.BindingPolicy{
		{To: oauth.BindAgent, OnMismatch: oauth.KillToken},
		{To: oauth.BindAgentNetwork, OnMismatch: oauth.KillSession},
		{To: oauth.BindAddress, OnMismatch: oauth.KillToken},
		{To: oauth.BindNetwork, OnMismatch: oauth.KillToken},
		{To: oauth.BindAgentAddress, OnMismatch: oauth.RejectOnly},
		{To: oauth.BindDPoP, OnMismatch: oauth.KillToken},
		{To: oauth.BindDPoP, OnMismatch: oauth.KillSession},
	}
}

func (a app) byAgent() bool {
	return a.To == oauth.BindAgent || a.To == oauth.BindAgentAddress || a.To == oauth.BindAgentNetwork
}

func (a app) byNetwork() bool { return a.To == oauth.BindNetwork || a.To == oauth.BindAgentNetwork }

func (a app) byPlace() bool {
	return a.byNetwork() || a.To == oauth.BindAddress || a.To == oauth.BindAgentAddress
}

// same reports whether a session that is bound to one place may be used from
// the other.
func (a app) same(bound, used place) bool {
	switch {
	case a.byNetwork():
		return bound.network == used.network
	case a.byPlace():
		return bound == used
	}
	return true
}

// The User-Agents of those whom sessions belong to, and of a thief.
const (
	honest = "honest/1.0"
	thief  = "thief/1.0"
)

// holder is who a session belongs to: what all requests come with.
type holder struct {
	agent string
	place place
	key   *dpoptest.Key // nil: none
}

// place is a caller's network and the address in it. Those of half of all
// networks are of IPv6.
type place struct{ network, host int }

const (
	networks = 1 << 16 // of the honest; thieves have as many others
	hosts    = 100     // of the honest in a network; thieves have as many others
)

func (p place) String() string {
	if p.network%2 == 0 {
		return fmt.Sprintf("%d.%d.%d.%d:443", 10+p.network/networks, p.network/256%256, p.network%256, p.host)
	}
	return fmt.Sprintf("[2001:%x:%x:%x::1]:443", 0xdb8+p.network/networks, p.network%networks, p.host)
}

func somewhere(random *rand.Rand) place { return place{random.IntN(networks), 1 + random.IntN(hosts)} }

// nearby is where one is who was at p: anywhere in a network, if sessions are
// bound to that.
func (c *caller) nearby(a app, p place) place {
	if a.byNetwork() {
		p.host = 1 + c.random.IntN(hosts)
	}
	return p
}

// stealing is where a thief is of what is bound to p.
func (c *caller) stealing(a app, p place) place {
	if !a.byNetwork() && c.random.IntN(2) == 0 {
		return place{p.network, p.host + hosts}
	}
	return place{p.network + networks, p.host}
}

// aUser is any user, the client they use, and what their requests come with.
func (c *caller) aUser() (*user, app, holder) {
	u, a := c.users[c.random.IntN(len(c.users))], c.plain
	if c.random.IntN(2) == 0 {
		a = c.bound[c.random.IntN(len(c.bound))]
	}
	h := holder{agent: honest, place: somewhere(c.random)}
	if a.To == oauth.BindDPoP || a.To == oauth.BindNone && c.random.IntN(6) == 0 {
		h.key = c.aKey()
	}
	return u, a, h
}

func (c *caller) aKey() *dpoptest.Key { return c.proofKeys[c.random.IntN(len(c.proofKeys))] }
