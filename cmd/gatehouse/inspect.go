package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/access"
	"gatehouse/internal/oauth/clientauth"
	"gatehouse/internal/oauth/seal"
)

// Why a token is not live, as token inspect names it.
const (
	whyMalformed      = "malformed"
	whyUnknown        = "unknown"
	whyUnknownKey     = "unknown_key"
	whyForged         = "forged"
	whyGone           = "session_gone"
	whyExpired        = "expired"
	whySessionExpired = "session_expired"
	whyKilled         = "killed"
	whyReplaced       = "replaced"
	whyFuture         = "not_yet_issued"
	whyProtocol       = "other_protocol"
	whyNoClient       = "client_gone"
	whyDisabled       = "client_disabled"
	whySunset         = "oauth1_ended"
	whyOther          = "refused"
)

// inspector finds out what a token is and whether it is live.
type inspector struct {
	keys  *keptKeys
	store inspected     // nil: only the keyring is known
	grace time.Duration // how long the access token before the last refresh still works
	now   time.Time
}

// inspected is what an inspector reads.
type inspected interface {
	oauth.Sessions
	oauth.Clients
}

// inspection is what is known of a token. It has no part of the token that could
// be presented.
type inspection struct {
	Kind       string       `json:"kind,omitempty"`      // access_token, refresh_token, oauth1_token or imported_oauth1_token
	Key        string       `json:"key,omitempty"`       // that it names, or that sealed the secret of an imported one
	KeyState   string       `json:"key_state,omitempty"` // current, next, older or missing
	Made       bool         `json:"made"`                // by that key, which the keyring has
	Session    string       `json:"session,omitempty"`
	Generation *uint32      `json:"generation,omitempty"`
	Live       *bool        `json:"live,omitempty"` // nil: nobody looked
	Reason     string       `json:"reason,omitempty"`
	Detail     string       `json:"detail,omitempty"`
	Known      bool         `json:"-"` // scope and end are
	Scope      string       `json:"scope,omitempty"`
	Ends       *time.Time   `json:"ends,omitempty"` // of the token, as it was issued; nil: never, or it is not known any more
	Found      *sessionView `json:"in_session,omitempty"`
}

// inspect looks at what is presented. What no key of the keyring made is looked
// up nowhere.
func (i *inspector) inspect(ctx context.Context, presented string) (*inspection, error) {
	if claim, ok := seal.Imported(presented); ok && i.store != nil {
		return i.inspectImported(ctx, presented, claim)
	}
	claim, err := seal.Claim(presented)
	if err != nil {
		return refused(&inspection{}, whyMalformed, malformed(presented)), nil
	}
	found := &inspection{Kind: kindName(claim.Kind), Key: claim.Key.String(), KeyState: i.keys.stateName(claim.Key),
		Session: claim.Session.String(), Generation: &claim.Generation}
	_, err = i.keys.keys.Open(claim.Kind, presented)
	switch {
	case errors.Is(err, seal.ErrUnknownKey):
		return refused(found, whyUnknownKey, "the keyring does not have its key: it was retired, or is another deployment's"), nil
	case err != nil:
		return refused(found, whyForged, "the key it names did not make it: it was changed, or another deployment has a key of that id"), nil
	}
	if found.Made = true; i.store == nil {
		return found, nil
	}
	_, err = i.look(ctx, presented, claim, found)
	return found, err
}

// inspectImported looks for a token of an older provider. Only the store knows
// whether there is one, and it has the secret, which a key sealed.
func (i *inspector) inspectImported(ctx context.Context, presented string, claim seal.Token) (*inspection, error) {
	found := &inspection{Kind: kindImported, Session: claim.Session.String(), Generation: &claim.Generation}
	session, err := i.look(ctx, presented, claim, found)
	switch {
	case err != nil:
		return nil, err
	case session == nil || session.SealedSecret == "":
		return refused(&inspection{}, whyUnknown, malformed(presented)+"; if it was imported from an older provider, it was revoked, or it expired"), nil
	}
	key := seal.TokenKey(session)
	found.Key, found.KeyState = key.String(), i.keys.stateName(key)
	if found.KeyState == keyMissing {
		refused(found, whyUnknownKey, "the key that sealed its secret was retired")
	}
	return found, nil
}

// look adds what the store knows. Whether the token is live is what introspection
// says; why it is not comes of looking again. The session is nil where it is not
// there.
func (i *inspector) look(ctx context.Context, presented string, claim seal.Token, found *inspection) (*oauth.Session, error) {
	clock := func() time.Time { return i.now }
	checker := &access.Checker{Auth: &clientauth.Authenticator{Clients: oauth.NewCachedClients(i.store), Keys: i.keys.keys}, Keys: i.keys.keys,
		Sessions: i.store, Clock: clock, Consistency: oauth.Strong, Grace: i.grace}
	_, verdict, err := checker.Inspect(ctx, &oauth.Client{Imported: true}, presented)
	if err != nil {
		return nil, err
	}
	session, why, detail, err := i.explain(ctx, claim)
	switch {
	case err != nil:
		return nil, err
	case verdict.Allowed:
		session = &verdict.Session // as the token sees it
		found.Live = &verdict.Allowed
	case why == "":
		why, detail = whyOther, verdict.Refusal.Description
	}
	if !verdict.Allowed {
		refused(found, why, detail)
	}
	if session != nil {
		i.describe(claim, session, found)
	}
	return session, nil
}

// refused says that a token is not live, and why.
func refused(found *inspection, why, detail string) *inspection {
	found.Live, found.Reason, found.Detail = new(bool), why, detail
	return found
}

// describe adds scope and end of the token where they are known: those of tokens
// before the last refresh but one are not.
func (i *inspector) describe(claim seal.Token, s *oauth.Session, found *inspection) {
	view := viewOf(s)
	found.Found = &view
	switch {
	case claim.Kind == seal.RefreshToken:
		found.Known, found.Scope, found.Ends = true, oauth.FormatScope(s.Scope), instant(s.Expires)
	case claim.Generation == s.Generation || s.InGrace(claim.Generation, i.grace, i.now):
		found.Known, found.Scope, found.Ends = true, oauth.FormatScope(s.TokenScope()), instant(s.TokenExpires())
	}
}

// explain returns the session of a token where it is there, and why the token is
// not live.
func (i *inspector) explain(ctx context.Context, claim seal.Token) (s *oauth.Session, why, detail string, err error) {
	session, err := i.store.Find(ctx, claim.Session, i.now, oauth.Strong)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return nil, whyGone, "its session is not there: it was revoked, or its user signed out, or it expired and was deleted", nil
	case errors.Is(err, oauth.ErrExpired):
		return nil, whySessionExpired, "its session has expired", nil
	case err != nil:
		return nil, "", "", fmt.Errorf("find the session: %w", rootCause(err))
	}
	if claim.Kind == seal.AccessToken && session.InGrace(claim.Generation, i.grace, i.now) {
		session.AccessScope, session.AccessExpires = session.PreviousScope, session.PreviousExpires
	}
	if why, detail = i.overBy(claim, &session); why != "" {
		return &session, why, detail, nil
	}
	client, err := i.store.Client(ctx, session.Client)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return &session, whyNoClient, "its client is not there", nil
	case err != nil:
		return nil, "", "", fmt.Errorf("find the client: %w", rootCause(err))
	case client.Disabled:
		return &session, whyDisabled, "its client is disabled", nil
	case session.Protocol == oauth.OAuth1 && oauth.Expired(client.Sunset, i.now):
		return &session, whySunset, "its client's OAuth 1.0 ended at " + moment(client.Sunset), nil
	}
	return &session, "", "", nil
}

// overBy tells by the session why a token of it is not live.
func (i *inspector) overBy(claim seal.Token, s *oauth.Session) (why, detail string) {
	ends := s.TokenExpires()
	refresh := claim.Kind == seal.RefreshToken
	switch {
	case (s.Protocol == oauth.OAuth1) != (claim.Kind == seal.OAuth1Token):
		return whyProtocol, fmt.Sprintf("its session is one of %s", s.Protocol)
	case s.Killed.All() || !refresh && s.Killed.Covers(claim.Generation):
		return whyKilled, fmt.Sprintf("it was killed at %s: %s", moment(s.Killed.At), reasonText(s.Killed.Reason))
	case claim.Generation > s.Generation:
		return whyFuture, "its session was not refreshed that often: was the table restored from a backup?"
	case refresh && claim.Generation < s.Generation:
		return whyReplaced, fmt.Sprintf("it was used for a refresh; the last one was at %s", moment(s.Renewed))
	case claim.Generation < s.Generation && !s.InGrace(claim.Generation, i.grace, i.now):
		return whyReplaced, fmt.Sprintf("a refresh replaced it; the last one was at %s", moment(s.Renewed))
	case !refresh && oauth.Expired(ends, i.now):
		return whyExpired, "it expired at " + moment(ends)
	}
	return "", ""
}

const kindImported = "imported_oauth1_token"

func kindName(kind seal.Kind) string {
	switch kind {
	case seal.AccessToken:
		return "access_token"
	case seal.RefreshToken:
		return "refresh_token"
	}
	return "oauth1_token"
}

// malformed says what was given in the place of a token.
func malformed(presented string) string {
	kind, known := seal.KindOf(presented)
	if known {
		return fmt.Sprintf("it begins like a token, and is none: %s and 64 characters, of which some are missing, too many or changed", kind)
	}
	return "it is no token of Gatehouse: those begin with gtha_, gthr_ or gth1_"
}

// reasonText says to people why tokens were killed.
func reasonText(reason oauth.Reason) string {
	switch reason {
	case oauth.ReasonAgent:
		return "shown by another User-Agent (user_agent)"
	case oauth.ReasonAddress:
		return "shown from another address or network (address)"
	case oauth.ReasonKey:
		return "shown without the key that it is bound to (dpop_key)"
	case oauth.ReasonRefreshReuse:
		return "an older refresh token was used again (refresh_reuse)"
	case oauth.ReasonCodeReuse:
		return "its authorization code was used again (code_reuse)"
	}
	return string(reason)
}
