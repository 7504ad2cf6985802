package oauth

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"
)

// Protocol says by which protocol a session's tokens are presented.
type Protocol string

// The two protocols.
const (
	OAuth1 Protocol = "oauth1"
	OAuth2 Protocol = "oauth2"
)

// SessionID names a session. It is random, not secret, and part of every
// token of the session.
type SessionID [16]byte

// String returns the id as 22 characters of base64url.
func (id SessionID) String() string { return base64.RawURLEncoding.EncodeToString(id[:]) }

var errSessionID = errors.New("oauth: a session id is 22 characters of base64url")

// ParseSessionID is the inverse of String.
func ParseSessionID(s string) (id SessionID, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != len(id) || hasLineBreak(s) {
		return SessionID{}, errSessionID
	}
	return SessionID(raw), nil
}

// hasLineBreak tells what the decoders of encoding/base64 let pass in silence.
func hasLineBreak(s string) bool { return strings.ContainsAny(s, "\r\n") }

// Session is one sign-in of a user at a client, or one grant to a client
// alone, whatever its protocol. All its tokens are derived from its id and
// generation, so that a store holds nothing that could be presented; of a token
// that an older provider made the id is derived from that token.
type Session struct {
	ID       SessionID
	Protocol Protocol
	Client   string
	User     string // empty: the client acts for itself
	UserName string
	Scope    []string // granted by the user
	Created  time.Time

	// Generation counts refreshes. Tokens of this generation began at Renewed;
	// the access token ends at AccessExpires with AccessScope, a part of Scope.
	Generation    uint32
	Renewed       time.Time
	AccessScope   []string
	AccessExpires time.Time // zero: with the session

	// PreviousScope and PreviousExpires are of the access token that the last
	// refresh replaced: it is honoured a little longer, as what it was.
	PreviousScope   []string
	PreviousExpires time.Time

	// Expires ends the session and all its tokens. Zero: never. Where Idle is
	// set each use moves it on, up to Until, which is zero for without end.
	Expires time.Time
	Until   time.Time
	Idle    time.Duration // whole seconds

	// Binding and Confirmation say who may present the tokens.
	Binding      Binding
	Confirmation string // RFC 7638 thumbprint of a DPoP key (RFC 9449 §6)

	// SealedSecret is the secret of an OAuth 1.0 token that an older provider
	// made, sealed. Empty: the token is derived, and its secret too.
	SealedSecret string

	// Killed says which tokens ended before their time, and why.
	Killed Killing
}

// TokenExpires returns when the current access token ends; zero: never.
func (s *Session) TokenExpires() time.Time {
	if s.AccessExpires.IsZero() {
		return s.Expires
	}
	return s.AccessExpires
}

// TokenScope returns the scope of the current access token: a part of what was
// granted where a refresh asked for less. It can't ask for nothing (RFC 6749
// §3.3), so an empty one means all.
func (s *Session) TokenScope() []string {
	if len(s.AccessScope) > 0 {
		return s.AccessScope
	}
	return s.Scope
}

// Expired reports whether t, where it is set, has come.
func Expired(t, now time.Time) bool { return !t.IsZero() && !now.Before(t) }
