package grants

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// authorizationCode is RFC 6749 §4.1.3 with PKCE (RFC 7636 §4.6), in two round
// trips. All checks come before anything is spent, so that a thief who lacks
// the verifier cannot use up the code.
func (e *Endpoint) authorizationCode(ctx context.Context, r *tokenRequest) (oauth.Session, *oauth.Error, error) {
	presented := r.form.Get("code")
	if presented == "" {
		return oauth.Session{}, oauth.BadRequest(oauth.InvalidRequest, "code missing"), nil
	}
	code, id, err := e.Keys.OpenCode(presented, r.now)
	if err != nil {
		return oauth.Session{}, notOpened(err, oauth.BadRequest(oauth.InvalidGrant, "the code has expired"),
			oauth.BadRequest(oauth.InvalidGrant, "this code was not issued here")), nil
	}
	if refusal := codeRefusal(&code, r); refusal != nil {
		return oauth.Session{}, genuine(refusal), nil
	}
	session := e.userSession(r, id, &oauth.User{ID: code.User, Name: code.UserName}, code.Scope)
	err = e.spend(ctx, presented, seal.CodeLifetime, r.now)
	if err == nil {
		err = e.create(ctx, session)
	}
	if errors.Is(err, oauth.ErrSpent) || errors.Is(err, oauth.ErrExists) {
		refusal, err := e.endReplayed(ctx, r, id, seal.CodeEnd(presented))
		return oauth.Session{}, refusal, err
	}
	return session, nil, err
}

// codeRefusal checks a code against who presents it and how.
func codeRefusal(code *seal.Code, r *tokenRequest) *oauth.Error {
	redirect := r.form.Get("redirect_uri")
	switch {
	case code.Client != r.client.ID:
		return oauth.BadRequest(oauth.InvalidGrant, "the code was issued to another client")
	case redirect == "" && code.Named:
		return oauth.BadRequest(oauth.InvalidGrant, "redirect_uri missing: it is that of the authorization request")
	case redirect != "" && redirect != code.Redirect:
		return oauth.BadRequest(oauth.InvalidGrant, "redirect_uri differs from that of the authorization request")
	}
	if refusal := keyRefusal(code.Key, r.proven.Key); refusal != nil {
		return refusal
	}
	return pkceRefusal(r.client, code.Challenge, r.form.Get("code_verifier"))
}

// keyRefusal is RFC 9449 §10: a code that was asked for with dpop_jkt is for the
// holder of that key.
func keyRefusal(asked, proven string) *oauth.Error {
	switch {
	case asked == "" || asked == proven:
		return nil
	case proven == "":
		return oauth.BadRequest(oauth.InvalidDPoPProof, "the DPoP header is missing: the code was asked for with dpop_jkt")
	}
	return oauth.BadRequest(oauth.InvalidGrant, "the proof is of another key than the dpop_jkt of the authorization request")
}

// pkceRefusal is RFC 7636 §4.6. A verifier without a challenge tells that
// somebody took the challenge out of the authorization request (RFC 9700
// §4.8.2).
func pkceRefusal(client *oauth.Client, challenge, verifier string) *oauth.Error {
	switch {
	case challenge == "" && client.Public:
		return oauth.BadRequest(oauth.InvalidGrant, "the code was asked for without code_challenge, which a public client needs")
	case challenge == "" && verifier != "":
		return oauth.BadRequest(oauth.InvalidGrant, "code_verifier sent for a code that was asked for without code_challenge")
	case challenge == "":
		return nil
	case verifier == "":
		return oauth.BadRequest(oauth.InvalidGrant, "code_verifier missing")
	case !validVerifier(verifier):
		return oauth.BadRequest(oauth.InvalidRequest, "code_verifier has 43 to 128 letters, digits and characters of -._~")
	case subtle.ConstantTimeCompare([]byte(s256(verifier)), []byte(challenge)) != 1:
		return oauth.BadRequest(oauth.InvalidGrant, "code_verifier does not match the code_challenge")
	}
	return nil
}

// validVerifier is the syntax of RFC 7636 §4.1.
func validVerifier(verifier string) bool {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	return 43 <= len(verifier) && len(verifier) <= 128 && strings.Trim(verifier, unreserved) == ""
}

// s256 is the code_challenge of a verifier (RFC 7636 §4.2).
func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// endReplayed ends the session of a code that was used twice (RFC 6749
// §4.1.2). Whoever spent the code may only be about to make it: that is waited
// for, so that of requests sent at once one is answered. Then a session that is
// over takes its id, the same one however often the code is used, and none is
// made of the code any more.
func (e *Endpoint) endReplayed(ctx context.Context, r *tokenRequest, id oauth.SessionID, end time.Time) (*oauth.Error, error) {
	refusal := oauth.BadRequest(oauth.InvalidGrant, "the code was used before; its session has ended")
	refusal.Reason, refusal.OnMismatch, refusal.Replayed = oauth.ReasonCodeReuse, oauth.KillSession, true
	refusal.Session = &oauth.Session{ID: id}
	var broke error
	if !e.begins(ctx, id, r.now) {
		over := oauth.Session{ID: id, Protocol: oauth.OAuth2, Client: r.client.ID, Generation: math.MaxUint32,
			Created: end, Renewed: end, AccessExpires: end, Expires: end.Add(time.Minute)}
		err := e.create(ctx, over)
		if err == nil {
			return refusal, nil
		}
		if !errors.Is(err, oauth.ErrExists) { // there may be none yet, and nothing in its place
			broke = err
		}
	}
	killing := oauth.Killing{Reason: oauth.ReasonCodeReuse, Generation: oauth.AllGenerations, At: r.now}
	if err := errors.Join(broke, e.Sessions.Kill(ctx, id, killing)); err != nil {
		return nil, fmt.Errorf("end the session of a code that was used twice: %w", err)
	}
	return refusal, nil
}

// begins reports whether a session is there, or comes within a second or two.
func (e *Endpoint) begins(ctx context.Context, id oauth.SessionID, now time.Time) bool {
	for wait := 50 * time.Millisecond; wait < time.Second; wait *= 2 {
		_, err := e.Sessions.Find(ctx, id, now, oauth.Strong)
		if !errors.Is(err, oauth.ErrNotFound) {
			return err == nil || errors.Is(err, oauth.ErrExpired)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return false
		}
	}
	return false
}
