package grants

import (
	"context"
	"time"

	"gatehouse/internal/oauth"
)

// clientCredentials is the grant of a client that acts for itself (RFC 6749
// §4.4), in one write. There is no refresh token (§4.4.3): it can ask again.
func (e *Endpoint) clientCredentials(ctx context.Context, form oauth.Params, client *oauth.Client, now time.Time) (oauth.Session, *oauth.Error, error) {
	if client.Public {
		return oauth.Session{}, oauth.BadRequest(oauth.UnauthorizedClient, "a client without a secret cannot act for itself"), nil
	}
	scope, refusal := client.GrantedScope(form.Get("scope"))
	if refusal != nil {
		return oauth.Session{}, refusal, nil
	}
	id, err := e.newID()
	if err != nil {
		return oauth.Session{}, nil, err
	}
	session := newSession(id, oauth.OAuth2, client, scope, now)
	session.AccessExpires = now.Add(e.Terms.Access)
	session.Expires = session.AccessExpires
	return session, nil, e.create(ctx, session)
}
