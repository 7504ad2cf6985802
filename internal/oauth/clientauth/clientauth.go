// Package clientauth answers who the client of a request is: by the signature
// of OAuth 1.0 (RFC 5849 §3.2) or by the client authentication of OAuth 2
// (RFC 6749 §2.3). An unknown client takes as long as a known one.
package clientauth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

// Authenticator authenticates clients.
type Authenticator struct {
	Clients oauth.Clients
	Keys    *seal.Keyring
	Window  time.Duration // how far an OAuth 1.0 timestamp may be from now, either way
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

func (a *Authenticator) find(ctx context.Context, id string) (c candidate, err error) {
	c.Client, err = a.lookUp(ctx, id)
	c.known = err == nil && !c.Disabled
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		c.Client = a.nobody(id)
	case err != nil:
		return c, fmt.Errorf("find client: %w", err)
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

func (a *Authenticator) lookUp(ctx context.Context, id string) (oauth.Client, error) {
	if id == "" || len(id) > maxID {
		return oauth.Client{}, oauth.ErrNotFound
	}
	return a.Clients.Client(ctx, id)
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
	client, err := a.find(ctx, s.ConsumerKey)
	if err != nil {
		return oauth.Client{}, nil, err
	}
	key := oauth1.Key{ClientSecret: client.secret, TokenSecret: tokenSecret, RSAPublicKey: client.RSAPublicKey}
	refusal := s.Check(&client.Client, key, now, a.Window)
	switch {
	case !client.known:
		refusal = client.refuse(oauth.ConsumerKeyUnknown, "no such oauth_consumer_key")
	case client.Public:
		refusal = client.refuse(oauth.ConsumerKeyRefused, "a public client has no secret to sign with")
	}
	return client.Client, refusal, nil
}

// Form authenticates the client of a request to an OAuth 2 endpoint: by
// client_secret_basic, by client_secret_post, or a public client by its
// client_id alone; exactly one of them (RFC 6749 §2.3).
func (a *Authenticator) Form(ctx context.Context, r *oauth.Request, form oauth.Params) (oauth.Client, *oauth.Error, error) {
	id, presented, refusal := presentedBy(r, form)
	if refusal != nil {
		return oauth.Client{}, refusal, nil
	}
	client, err := a.find(ctx, id)
	if err != nil {
		return oauth.Client{}, nil, err
	}
	right := client.secret.Equal(presented) && !client.secret.Empty()
	if client.Public {
		right = presented.Empty()
	}
	if !client.known || !right {
		return oauth.Client{}, client.refuse(oauth.InvalidClient, "unknown client or wrong secret"), nil
	}
	return client.Client, nil, nil
}

// presentedBy returns the id and secret that the request presents.
func presentedBy(r *oauth.Request, form oauth.Params) (string, oauth.Secret, *oauth.Error) {
	values := r.Header.Values("Authorization")
	if len(values) > 1 {
		return "", oauth.Secret{}, oauth.BadRequest(oauth.InvalidRequest, "more than one Authorization header")
	}
	scheme, _ := r.Authorization()
	switch {
	case len(values) == 0 && form.Get("client_id") == "":
		return "", oauth.Secret{}, oauth.Unauthorized(oauth.InvalidClient, "client_id missing: authenticate the client by HTTP Basic or by client_id and client_secret")
	case len(values) == 0:
		return form.Get("client_id"), oauth.NewSecret(form.Get("client_secret")), nil
	case !strings.EqualFold(scheme, "Basic"):
		return "", oauth.Secret{}, oauth.Unauthorized(oauth.InvalidClient, "the Authorization scheme for clients is Basic")
	case form.Get("client_secret") != "":
		return "", oauth.Secret{}, oauth.BadRequest(oauth.InvalidRequest, "client_secret is sent in two places")
	}
	return basic(r, form)
}
