package grants

import (
	"context"

	"gatehouse/internal/oauth"
)

// clientCredentials is the grant of a client that acts for itself (RFC 6749
// §4.4), in one write. There is no refresh token (§4.4.3): it can ask again.
func (e *Endpoint) clientCredentials(ctx context.Context, r *tokenRequest) (oauth.Session, *oauth.Error, error) {
	if r.client.Public {
		return oauth.Session{}, oauth.BadRequest(oauth.UnauthorizedClient, "a client without a secret cannot act for itself"), nil
	}
	scope, refusal := r.client.GrantedScope(r.form.Get("scope"))
	if refusal != nil {
		return oauth.Session{}, refusal, nil
	}
	id, err := e.newID()
	if err != nil {
		return oauth.Session{}, nil, err
	}
	session := e.newSession(r, id, oauth.OAuth2, scope)
	session.AccessExpires = r.now.Add(e.Terms.Access)
	e.endAt(&session, session.AccessExpires)
	return session, nil, e.create(ctx, session)
}
