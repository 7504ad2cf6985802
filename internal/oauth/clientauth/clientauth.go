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

// find returns the client called id with its secret; known is false when it
// does not exist, is disabled, or its secret went with a retired key.
func (a *Authenticator) find(ctx context.Context, id string) (client oauth.Client, secret oauth.Secret, known bool, err error) {
	client, err = a.Clients.Client(ctx, id)
	known = err == nil && !client.Disabled
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		client = a.nobody(id)
	case err != nil:
		return client, secret, false, fmt.Errorf("find client: %w", err)
	}
	secret, err = a.Keys.ClientSecret(&client)
	if errors.Is(err, seal.ErrUnknownKey) {
		return client, oauth.Secret{}, false, nil
	}
	if err != nil {
		return client, secret, false, fmt.Errorf("secret of client %q: %w", id, err)
	}
	return client, secret, known, nil
}

// Signed authenticates the client of an OAuth 1.0 request whose token has
// tokenSecret, empty when it has none. It reads the client and nothing else;
// the nonce is for the caller to spend once this has not refused.
func (a *Authenticator) Signed(ctx context.Context, s *oauth1.Signed, tokenSecret oauth.Secret, now time.Time) (oauth.Client, *oauth.Error, error) {
	client, secret, known, err := a.find(ctx, s.ConsumerKey)
	if err != nil {
		return oauth.Client{}, nil, err
	}
	key := oauth1.Key{ClientSecret: secret, TokenSecret: tokenSecret, RSAPublicKey: client.RSAPublicKey}
	refusal := s.Check(&client, key, now, a.Window)
	switch {
	case !known:
		refusal = oauth.Unauthorized(oauth.ConsumerKeyUnknown, "no such oauth_consumer_key")
	case client.Public:
		refusal = oauth.Unauthorized(oauth.ConsumerKeyRefused, "a public client has no secret to sign with")
	}
	return client, refusal, nil
}

// Form authenticates the client of a request to an OAuth 2 endpoint: by
// client_secret_basic, by client_secret_post, or a public client by its
// client_id alone; exactly one of them (RFC 6749 §2.3).
func (a *Authenticator) Form(ctx context.Context, r *oauth.Request, form oauth.Params) (oauth.Client, *oauth.Error, error) {
	id, presented, refusal := presentedBy(r, form)
	if refusal != nil {
		return oauth.Client{}, refusal, nil
	}
	client, secret, known, err := a.find(ctx, id)
	if err != nil {
		return oauth.Client{}, nil, err
	}
	right := secret.Equal(presented) && !secret.Empty()
	if client.Public {
		right = presented.Empty()
	}
	if !known || !right {
		return oauth.Client{}, oauth.Unauthorized(oauth.InvalidClient, "unknown client or wrong secret"), nil
	}
	return client, nil, nil
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
