package oauth

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// BindTo is what a session is bound to when it begins.
type BindTo string

// What sessions may be bound to. A network is the /24 of an IPv4 address and
// the /48 of an IPv6 one; dpop is the key of a proof (RFC 9449). An OAuth 1.0
// session under dpop is not bound: its requests prove a secret as it is.
const (
	BindNone         BindTo = "none"
	BindAgent        BindTo = "agent"
	BindAddress      BindTo = "address"
	BindNetwork      BindTo = "network"
	BindAgentAddress BindTo = "agent+address"
	BindAgentNetwork BindTo = "agent+network"
	BindDPoP         BindTo = "dpop"
)

// Bindings are all that a session may be bound to, for validation and help
// texts.
func Bindings() []BindTo {
	return []BindTo{BindNone, BindAgent, BindAddress, BindNetwork, BindAgentAddress, BindAgentNetwork, BindDPoP}
}

// OnMismatch is what becomes of a token that is shown by another caller than
// the one its session is bound to.
type OnMismatch string

// KillToken ends that token for good, wherever it is shown from afterwards: a
// refresh by the right caller goes on. KillSession ends the whole session.
// RejectOnly refuses the request and nothing else.
const (
	KillToken   OnMismatch = "token"
	KillSession OnMismatch = "session"
	RejectOnly  OnMismatch = "reject"
)

// OnMismatches are all of them, for validation and help texts.
func OnMismatches() []OnMismatch { return []OnMismatch{KillToken, KillSession, RejectOnly} }

// BindingPolicy is how sessions are bound: a deployment's, or a client's own.
type BindingPolicy struct {
	To         BindTo
	OnMismatch OnMismatch
}

// For returns the policy of a client: its own where it has one, else p, else
// sessions that are not bound and tokens that are killed.
func (p BindingPolicy) For(c *Client) BindingPolicy {
	return BindingPolicy{
		To:         cmp.Or(c.Binding, p.To, BindNone),
		OnMismatch: cmp.Or(c.OnMismatch, p.OnMismatch, KillToken),
	}
}

// Binding ties a session to its caller by keyed hashes; empty hashes do not
// bind. Package seal makes and compares them.
type Binding struct {
	Agent   []byte // of the User-Agent
	Address []byte // of the address or its network
}

// Reason is why tokens were killed, or refused to another caller, as logs and
// lists of sessions name it.
type Reason string

// The reasons.
const (
	ReasonAgent        Reason = "user_agent"    // shown by another User-Agent
	ReasonAddress      Reason = "address"       // shown from another address or network
	ReasonKey          Reason = "dpop_key"      // shown without the key that it is bound to
	ReasonRefreshReuse Reason = "refresh_reuse" // an older refresh token was used again
	ReasonCodeReuse    Reason = "code_reuse"    // the session's authorization code was used again
)

// Reasons are all of them.
func Reasons() []Reason {
	return []Reason{ReasonAgent, ReasonAddress, ReasonKey, ReasonRefreshReuse, ReasonCodeReuse}
}

// AllGenerations is the generation of a Killing that ends the whole session.
const AllGenerations = math.MaxUint32

// KilledKept is how long a session that was killed whole is kept from then on,
// so that its user can be shown why.
const KilledKept = 30 * 24 * time.Hour

// Killing ends tokens before their time, for good. The zero value ends none.
type Killing struct {
	Reason     Reason    // never empty but in the zero value
	Generation uint32    // tokens up to this generation are dead
	At         time.Time // kept by Milli
}

// Covers reports whether tokens of generation are dead.
func (k *Killing) Covers(generation uint32) bool {
	return k.Reason != "" && generation <= k.Generation
}

// All reports whether the whole session is over.
func (k *Killing) All() bool { return k.Covers(AllGenerations) }

// Extension returns until when a use at now extends the session, and whether
// that is worth a write: only where it slides, and half of its idle time is
// gone since the last extension.
func (s *Session) Extension(now time.Time) (time.Time, bool) {
	if s.Idle <= 0 || s.Expires.IsZero() || s.Expires.Sub(now) > s.Idle/2 {
		return time.Time{}, false
	}
	end := SlidingEnd(now, s.Until, s.Idle)
	return end, end.After(s.Expires)
}

// SlidingEnd is when a session is over that is not used again after now: at
// until, zero for never, or after idle where that is set and sooner.
func SlidingEnd(now, until time.Time, idle time.Duration) time.Time {
	if idle <= 0 {
		return until
	}
	end := now.Add(idle)
	if !until.IsZero() && until.Before(end) {
		return until
	}
	return End(end)
}

// boundToOther tells a renewal's caller from the one that s is bound to. A
// session without a key may be given one, but not another one, and none is
// taken away (RFC 9449 §5).
func (r *Renewal) boundToOther(s *Session) error {
	known := func(hash []byte) bool { return slices.Equal(hash, s.Binding.Agent) }
	switch {
	case len(s.Binding.Agent) > 0 && !slices.ContainsFunc(r.Agents, known):
		return ErrOtherAgent
	case s.Confirmation != "" && s.Confirmation != r.Confirmation:
		return ErrOtherKey
	}
	return nil
}
