package oauth

import (
	"bytes"
	"slices"
	"time"
)

// Milli returns t as a store keeps it: UTC, whole milliseconds, rounded down.
// The zero time stays zero.
func Milli(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// End returns t as a store keeps the end of an item: UTC, whole seconds, which
// is what a TTL counts, rounded up so that nothing ends before it should. The
// zero time, never, stays zero.
func End(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	whole := t.UTC().Truncate(time.Second)
	if whole.Before(t) {
		return whole.Add(time.Second)
	}
	return whole
}

// Kept returns the session as every store gives it back: times by Milli, the
// end by End, scopes as sorted sets, no AccessScope filled with all of Scope,
// what is empty nil. It shares no memory with s.
func (s Session) Kept() Session {
	s.Created, s.Renewed = Milli(s.Created), Milli(s.Renewed)
	s.AccessExpires, s.Expires = Milli(s.AccessExpires), End(s.Expires)
	s.Scope, s.AccessScope = sortedSet(s.Scope), sortedSet(s.AccessScope)
	if s.AccessScope == nil {
		s.AccessScope = slices.Clone(s.Scope)
	}
	s.PreviousScope, s.PreviousExpires = sortedSet(s.PreviousScope), Milli(s.PreviousExpires)
	s.Until, s.Idle = End(s.Until), s.Idle.Truncate(time.Second)
	s.Binding.Agent = copied(s.Binding.Agent)
	s.Binding.Address = copied(s.Binding.Address)
	s.Killed.At = Milli(s.Killed.At)
	return s
}

// Equal reports whether s and t are the same in every field, times compared as
// instants.
func (s *Session) Equal(t *Session) bool {
	return s.ID == t.ID && s.Protocol == t.Protocol && s.Client == t.Client &&
		s.User == t.User && s.UserName == t.UserName && s.Confirmation == t.Confirmation &&
		s.Generation == t.Generation &&
		slices.Equal(s.Scope, t.Scope) && slices.Equal(s.AccessScope, t.AccessScope) &&
		s.Created.Equal(t.Created) && s.Renewed.Equal(t.Renewed) &&
		s.AccessExpires.Equal(t.AccessExpires) && s.Expires.Equal(t.Expires) &&
		slices.Equal(s.PreviousScope, t.PreviousScope) && s.PreviousExpires.Equal(t.PreviousExpires) &&
		bytes.Equal(s.Binding.Agent, t.Binding.Agent) &&
		bytes.Equal(s.Binding.Address, t.Binding.Address) &&
		s.Until.Equal(t.Until) && s.Idle == t.Idle && s.SealedSecret == t.SealedSecret &&
		s.Killed.Reason == t.Killed.Reason && s.Killed.Generation == t.Killed.Generation && s.Killed.At.Equal(t.Killed.At)
}

// Kept returns the client as every store gives it back: lists in their order,
// empty ones nil, the sunset by End. It shares no memory with c.
func (c Client) Kept() Client {
	c.Grants, c.Scopes = copied(c.Grants), copied(c.Scopes)
	c.RedirectURIs = copied(c.RedirectURIs)
	c.SignatureMethods = copied(c.SignatureMethods)
	c.Origins, c.LinkedClients = copied(c.Origins), copied(c.LinkedClients)
	c.Sunset = End(c.Sunset)
	return c
}

// Equal reports whether c and d are the same in every field, times compared as
// instants and lists in their order.
func (c *Client) Equal(d *Client) bool {
	return c.ID == d.ID && c.Name == d.Name && c.Public == d.Public && c.Disabled == d.Disabled &&
		slices.Equal(c.Grants, d.Grants) && slices.Equal(c.Scopes, d.Scopes) &&
		slices.Equal(c.RedirectURIs, d.RedirectURIs) && slices.Equal(c.SignatureMethods, d.SignatureMethods) &&
		c.RSAPublicKey == d.RSAPublicKey && slices.Equal(c.Origins, d.Origins) &&
		slices.Equal(c.LinkedClients, d.LinkedClients) && c.Sunset.Equal(d.Sunset) && c.Diagnose == d.Diagnose &&
		c.Binding == d.Binding && c.OnMismatch == d.OnMismatch && c.Imported == d.Imported &&
		c.SecretKey == d.SecretKey && c.SecretVersion == d.SecretVersion && c.SealedSecret == d.SealedSecret &&
		c.Revision == d.Revision
}

func sortedSet(list []string) []string {
	list = copied(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// copied is a copy of list, nil when it is empty.
func copied[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return slices.Clone(list)
}
