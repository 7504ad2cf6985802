package clientauth

import (
	"context"
	"strings"
	"time"

	"gatehouse/internal/oauth"
)

// Form authenticates the client of a request to an OAuth 2 endpoint: by
// client_secret_basic, by client_secret_post, or a public client by its
// client_id alone; exactly one of them (RFC 6749 §2.3). A web page must be of
// an origin that the client allows.
func (a *Authenticator) Form(ctx context.Context, r *oauth.Request, form oauth.Params, now time.Time) (oauth.Client, *oauth.Error, error) {
	id, presented, refusal := presentedBy(r, form)
	if refusal != nil {
		return oauth.Client{}, refusal, nil
	}
	return a.authenticate(ctx, r, id, presented, now)
}

// FormAlone is Form for a request whose Authorization header is about
// something else, such as an OAuth 1.0 signature: client_id and client_secret
// come from the form, and the header is not looked at.
func (a *Authenticator) FormAlone(ctx context.Context, r *oauth.Request, form oauth.Params, now time.Time) (oauth.Client, *oauth.Error, error) {
	id, presented, refusal := presentedIn(form)
	if refusal != nil {
		return oauth.Client{}, refusal, nil
	}
	return a.authenticate(ctx, r, id, presented, now)
}

// authenticate compares what is presented with the secret of the client
// called id, and then the page's origin with the client's.
func (a *Authenticator) authenticate(ctx context.Context, r *oauth.Request, id string, presented oauth.Secret, now time.Time) (oauth.Client, *oauth.Error, error) {
	client, err := a.find(ctx, id, now)
	if err != nil {
		return oauth.Client{}, nil, err
	}
	right := client.secret.Equal(presented) && !client.secret.Empty()
	if client.Public {
		right = presented.Empty()
	}
	switch {
	case !client.known || !right:
		return oauth.Client{}, client.refuse(oauth.InvalidClient, "unknown client or wrong secret"), nil
	case !pageAllowed(&client.Client, r):
		return oauth.Client{}, oauth.BadRequest(oauth.UnauthorizedClient, "web pages of this origin may not use this client"), nil
	}
	return client.Client, nil, nil
}

// pageAllowed reports whether the client may be used from where the request
// says it comes from. Apps and servers send no Origin; a browser sends one
// with every POST (RFC 6454 §7.3).
func pageAllowed(client *oauth.Client, r *oauth.Request) bool {
	origins := r.Header.Values("Origin")
	switch len(origins) {
	case 0:
		return true
	case 1:
		return client.AllowsOrigin(origins[0])
	}
	return len(client.Origins) == 0
}

// presentedBy returns the id and secret that the request presents.
func presentedBy(r *oauth.Request, form oauth.Params) (string, oauth.Secret, *oauth.Error) {
	values := r.Header.Values("Authorization")
	scheme, _ := r.Authorization()
	switch {
	case len(values) > 1:
		return "", oauth.Secret{}, oauth.BadRequest(oauth.InvalidRequest, "more than one Authorization header")
	case len(values) == 0:
		return presentedIn(form)
	case !strings.EqualFold(scheme, "Basic"):
		return "", oauth.Secret{}, oauth.Unauthorized(oauth.InvalidClient, "the Authorization scheme for clients is Basic")
	case form.Get("client_secret") != "":
		return "", oauth.Secret{}, oauth.BadRequest(oauth.InvalidRequest, "client_secret is sent in two places")
	}
	return basic(r, form)
}

// presentedIn reads client_secret_post, or a public client's id.
func presentedIn(form oauth.Params) (string, oauth.Secret, *oauth.Error) {
	id := form.Get("client_id")
	if id == "" {
		return "", oauth.Secret{}, oauth.Unauthorized(oauth.InvalidClient, "client_id missing: authenticate the client by HTTP Basic or by client_id and client_secret")
	}
	return id, oauth.NewSecret(form.Get("client_secret")), nil
}
