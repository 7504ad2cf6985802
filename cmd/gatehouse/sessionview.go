package main

import (
	"strings"
	"time"

	"gatehouse/internal/oauth"
)

// sessionView is a session as the commands show it. A time that is left out is
// none: what has no end.
type sessionView struct {
	ID            string         `json:"id"`
	Client        string         `json:"client"`
	User          string         `json:"user,omitempty"`
	UserName      string         `json:"user_name,omitempty"`
	Protocol      oauth.Protocol `json:"protocol"`
	Scope         string         `json:"scope"`
	Created       *time.Time     `json:"created,omitempty"`
	Renewed       *time.Time     `json:"renewed,omitempty"`
	Generation    uint32         `json:"generation"`
	AccessScope   string         `json:"access_scope"`
	AccessExpires *time.Time     `json:"access_expires,omitempty"`
	Expires       *time.Time     `json:"expires,omitempty"`
	Until         *time.Time     `json:"until,omitempty"`        // which uses do not move Expires beyond
	Idle          int64          `json:"idle_seconds,omitempty"` // by which each use moves Expires on
	Binding       []string       `json:"binding"`                // of agent, address and key
	Key           string         `json:"key_thumbprint,omitempty"`
	Imported      bool           `json:"imported,omitempty"` // its token is an older provider's
	Killed        *killedView    `json:"killed,omitempty"`
}

// killedView says which tokens of a session ended before their time.
type killedView struct {
	Reason     oauth.Reason `json:"reason"`
	At         *time.Time   `json:"at"`
	Whole      bool         `json:"whole"`                // the session is over
	Generation *uint32      `json:"generation,omitempty"` // tokens up to this one are dead, where it is not over
}

func viewOf(s *oauth.Session) sessionView {
	view := sessionView{ID: s.ID.String(), Client: s.Client, User: s.User, UserName: s.UserName, Protocol: s.Protocol,
		Scope: oauth.FormatScope(s.Scope), Created: instant(s.Created), Renewed: instant(s.Renewed), Generation: s.Generation,
		AccessScope: oauth.FormatScope(s.TokenScope()), AccessExpires: instant(s.TokenExpires()), Expires: instant(s.Expires),
		Until: instant(s.Until), Idle: int64(s.Idle / time.Second), Binding: bindingOf(s), Key: s.Confirmation, Imported: s.SealedSecret != ""}
	if k := s.Killed; k.Reason != "" {
		view.Killed = &killedView{Reason: k.Reason, At: instant(k.At), Whole: k.All()}
		if !k.All() {
			view.Killed.Generation = &k.Generation
		}
	}
	return view
}

// bindingOf says what a session is bound to. Whether an address is bound whole
// or as a network, its hash does not tell.
func bindingOf(s *oauth.Session) []string {
	bound := []string{}
	if len(s.Binding.Agent) > 0 {
		bound = append(bound, "agent")
	}
	if len(s.Binding.Address) > 0 {
		bound = append(bound, "address")
	}
	if s.Confirmation != "" {
		bound = append(bound, "key")
	}
	return bound
}

// instant is t for JSON, nil for never.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// untilText is the end of something, for people.
func untilText(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return moment(*t)
}

// bindingText is what a session is bound to, for people.
func (v *sessionView) bindingText() string {
	if len(v.Binding) == 0 {
		return "none"
	}
	return strings.Join(v.Binding, ", ")
}

// killedText says to people what was killed of a session, by the reason's name.
func (v *sessionView) killedText() string {
	switch {
	case v.Killed == nil:
		return "no"
	case v.Killed.Whole:
		return "all: " + string(v.Killed.Reason)
	}
	return "a token: " + string(v.Killed.Reason)
}

// whose is the user of a session, for people.
func (v *sessionView) whose() string {
	switch {
	case v.User == "":
		return "none, the client acts for itself"
	case v.UserName == "":
		return v.User
	}
	return v.UserName + ", id " + v.User
}
