package seed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// Token is an OAuth 1.0 token that an older provider made, as people write it
// down. Apps go on to use it, with its secret, unchanged.
type Token struct {
	Token    string   `json:"token"`  // oauth_token
	Secret   string   `json:"secret"` // oauth_token_secret
	Client   string   `json:"client"` // id of the client that it was issued to
	UserID   string   `json:"user_id"`
	UserName string   `json:"user_name"` // empty: the id
	Scopes   []string `json:"scopes"`    // empty: all of the client's
	Created  string   `json:"created"`   // a time, or epoch seconds; empty: now
	Expires  string   `json:"expires"`   // the same; empty: never
}

// Check finds the first field that is wrong, as a *FieldError.
func (t *Token) Check() error {
	_, foreign := seal.Imported(t.Token)
	switch {
	case t.Token == "":
		return fault("token", "is missing")
	case len(t.Token) > maxText || !visible(t.Token) || t.Token[0] == ' ':
		return fault("token", "takes 1 to %d characters of printable ASCII", maxText)
	case !foreign:
		return fault("token", "begins as tokens of Gatehouse do")
	case t.Secret == "":
		return fault("secret", "is missing")
	case len(t.Secret) > maxText || !visible(t.Secret):
		return fault("secret", "takes 1 to %d characters of printable ASCII", maxText)
	case t.Client == "":
		return fault("client", "is missing")
	case len(t.Client) > maxID || !visible(t.Client):
		return fault("client", "takes 1 to %d characters of printable ASCII", maxID)
	case t.UserID == "":
		return fault("user_id", "is missing")
	case len(t.UserID) > maxID || !visible(t.UserID):
		return fault("user_id", "takes 1 to %d characters of printable ASCII", maxID)
	case len(t.UserName) > maxText || !plain(t.UserName):
		return fault("user_name", "takes at most %d bytes of UTF-8 without control characters", maxText)
	}
	return cmp.Or(checkScopes(t.Scopes), checkMoment("created", t.Created), checkMoment("expires", t.Expires))
}

func checkMoment(field, text string) error {
	if _, err := parseMoment(text); err != nil {
		return fault(field, "takes epoch seconds, or a date or time such as 2013-09-24T12:00:00Z (RFC 3339)")
	}
	return nil
}

// parseMoment reads epoch seconds, or else as parseSunset.
func parseMoment(text string) (time.Time, error) {
	const lastYear = 253_402_300_799 // the end of 9999: what is later was meant in another unit
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		if seconds < 1 || seconds > lastYear {
			return time.Time{}, errSunset
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	return parseSunset(text)
}

// Session is the session of a checked token of client, its secret sealed; now is
// when it began if the token does not say. A *FieldError when the client may not
// have the token's scope, or the token is over.
func (t *Token) Session(client *oauth.Client, keys *seal.Keyring, now time.Time) (oauth.Session, error) {
	created, errCreated := parseMoment(t.Created)
	expires, errExpires := parseMoment(t.Expires)
	if err := cmp.Or(errCreated, errExpires); err != nil {
		return oauth.Session{}, err
	}
	if created.IsZero() {
		created = now
	}
	scope := t.Scopes
	if len(scope) == 0 {
		scope = client.Scopes
	}
	switch {
	case client.Public:
		return oauth.Session{}, fault("client", "%q is a public client, which has no OAuth 1.0 tokens", t.Client)
	case !oauth.Covers(client.Scopes, scope):
		return oauth.Session{}, fault("scopes", "client %q may not have all of them", t.Client)
	case oauth.Expired(expires, now):
		return oauth.Session{}, fault("expires", "has come: the token is over")
	}
	token, _ := seal.Imported(t.Token)
	sealed, err := keys.SealTokenSecret(token.Session, oauth.NewSecret(t.Secret))
	return oauth.Session{ID: token.Session, Protocol: oauth.OAuth1, Client: t.Client, User: t.UserID, UserName: cmp.Or(t.UserName, t.UserID),
		Scope: scope, AccessScope: scope, Created: created, Renewed: created, Expires: expires, SealedSecret: sealed}, err
}

// SameToken finds what is different between an imported token and the session
// stored in its place: a *FieldError, or nil. When it began is not compared.
func (t *Token) SameToken(stored *oauth.Session, keys *seal.Keyring) error {
	secret, err := keys.ImportedSecret(stored)
	switch {
	case errors.Is(err, seal.ErrUnknownKey):
		return fault("token", "is there, with a secret that a retired key sealed")
	case err != nil:
		return err
	case !secret.Equal(oauth.NewSecret(t.Secret)):
		return fault("secret", "is another than the one that the token has here")
	case stored.Client != t.Client:
		return fault("client", "is another than the one that the token has here, %q", stored.Client)
	case stored.User != t.UserID:
		return fault("user_id", "is another than the one that the token has here, %q", stored.User)
	case len(t.Scopes) > 0 && !slices.Equal(stored.Scope, oauth.Session{Scope: t.Scopes}.Kept().Scope):
		return fault("scopes", "are others than the token has here")
	}
	return nil
}

// putToken stores the session of a checked token, unless the same is there. The
// client must be.
func (s *Seeder) putToken(ctx context.Context, t *Token) (there bool, err error) {
	client, err := s.Registry.Client(ctx, t.Client)
	if err != nil {
		return false, fmt.Errorf("find client %q: %w", t.Client, err)
	}
	session, err := t.Session(&client, s.Keys, s.Now)
	if err != nil {
		return false, err
	}
	err = s.Sessions.Create(ctx, session)
	if errors.Is(err, oauth.ErrExists) {
		return s.sameToken(ctx, t)
	}
	return err == nil, err
}

// sameToken reports whether the session of a token is there, and live. A
// *FieldError when it is another's.
func (s *Seeder) sameToken(ctx context.Context, t *Token) (there bool, err error) {
	token, _ := seal.Imported(t.Token)
	stored, err := s.Sessions.Find(ctx, token.Session, s.Now, oauth.Strong)
	switch {
	case errors.Is(err, oauth.ErrNotFound), errors.Is(err, oauth.ErrExpired):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("find the token's session: %w", err)
	}
	return true, t.SameToken(&stored, s.Keys)
}
