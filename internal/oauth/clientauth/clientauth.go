// Package clientauth answers who the client of a request is: by the signature
// of OAuth 1.0 (RFC 5849 §3.2) or by the client authentication of OAuth 2
// (RFC 6749 §2.3). An unknown client takes as long as a known one.
package clientauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

// Authenticator authenticates clients.
type Authenticator struct {
	Clients oauth.ClientsAt
	Keys    *seal.Keyring
	Window  time.Duration // how far an OAuth 1.0 timestamp may be from now, either way

	// Diagnose says for the log what is wrong with a request that was signed with
	// key or should have been, and never a secret; nil: nothing is said. It is
	// asked about clients that want it.
	Diagnose func(r *oauth.Request, client *oauth.Client, key oauth1.Key, now time.Time) string

	kept keptKeys
}

// nobody stands in for a client that does not exist, so that its check costs
// what a real one's does.
func (a *Authenticator) nobody(id string) oauth.Client {
	return oauth.Client{ID: id, SecretKey: uint32(a.Keys.Current())}
}

// candidate is who a request says its client is.
type candidate struct {
	oauth.Client
	secret oauth.Secret
	known  bool // exists and is not disabled
	stale  bool // its secret is of a key that the keyring lacks
}

func (a *Authenticator) find(ctx context.Context, id string, now time.Time) (candidate, error) {
	client, err := a.lookUp(ctx, id, now)
	return a.candidate(id, client, err)
}

// candidate is who was looked up by id, which may have failed.
func (a *Authenticator) candidate(id string, client *oauth.Client, err error) (c candidate, _ error) {
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		c.Client = a.nobody(id)
	case err != nil:
		return c, fmt.Errorf("find client: %w", err)
	default:
		c.Client, c.known = *client, !client.Disabled
	}
	c.secret, err = a.Keys.ClientSecret(&c.Client)
	if errors.Is(err, seal.ErrUnknownKey) {
		c.known, c.stale = false, true
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("secret of client %q: %w", id, err)
	}
	return c, nil
}

// maxID is the longest id in bytes that is looked for. A longer one would be
// too long for the store's key, and fill the memory of a cache.
const maxID = 256

func (a *Authenticator) lookUp(ctx context.Context, id string, now time.Time) (*oauth.Client, error) {
	if id == "" || len(id) > maxID {
		return nil, oauth.ErrNotFound
	}
	return a.Clients.Client(ctx, id, now)
}

// HasImported reports whether there is a client called id that may have tokens of
// an older provider. It reads the client and nothing else.
func (a *Authenticator) HasImported(ctx context.Context, id string, now time.Time) (bool, error) {
	client, err := a.lookUp(ctx, id, now)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("find client: %w", err)
	}
	return client.Imported && !client.Disabled, nil
}

// refuse words a refusal of the candidate.
func (c *candidate) refuse(code, description string) *oauth.Error {
	refusal := oauth.Unauthorized(code, description)
	refusal.UnknownKey = c.stale
	return refusal
}

// Signed authenticates the client of an OAuth 1.0 request whose token has
// tokenSecret, empty when it has none. It reads the client and nothing else;
// the nonce is for the caller to spend once this has not refused.
func (a *Authenticator) Signed(ctx context.Context, s *oauth1.Signed, tokenSecret oauth.Secret, now time.Time) (oauth.Client, *oauth.Error, error) {
	client, err := a.find(ctx, s.ConsumerKey, now)
	if err != nil {
		return oauth.Client{}, nil, err
	}
	refusal := a.refusal(s, &client, client.key(tokenSecret), now)
	return client.Client, refusal, nil
}

// key is what the candidate signs with for a token.
func (c *candidate) key(tokenSecret oauth.Secret) oauth1.Key {
	return oauth1.Key{ClientSecret: c.secret, TokenSecret: tokenSecret, RSAPublicKey: c.RSAPublicKey}
}

// refusal says why the client that signed with key is not let in, or should have
// signed with it; nil: it is.
func (a *Authenticator) refusal(s *oauth1.Signed, client *candidate, key oauth1.Key, now time.Time) *oauth.Error {
	refusal := s.Check(&client.Client, key, now, a.Window)
	switch {
	case !client.known:
		refusal = client.refuse(oauth.ConsumerKeyUnknown, "no such oauth_consumer_key")
	case client.Public:
		refusal = client.refuse(oauth.ConsumerKeyRefused, "a public client has no secret to sign with")
	case refusal == nil && oauth.Expired(client.Sunset, now): // strangers need not know
		refusal = client.refuse(oauth.ConsumerKeyRefused, "this client's OAuth 1.0 has ended: use OAuth 2")
	}
	if refusal != nil && client.known && client.Client.Diagnose && a.Diagnose != nil {
		refusal.Diagnosis = a.Diagnose(s.Request(), &client.Client, key, now)
	}
	return refusal
}
