package grants

import (
	"context"
	"fmt"
	"net/http"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
)

// password is the resource owner password credentials grant (RFC 6749 §4.3):
// user and counter in one round trip, the session in a second.
func (e *Endpoint) password(ctx context.Context, r *tokenRequest) (oauth.Session, *oauth.Error, error) {
	signIn := oauth.SignIn{Name: r.form.Get("username"), Password: oauth.NewSecret(r.form.Get("password")),
		Source: r.Source, Client: r.client.ID, Now: r.now}
	if refusal := checkSignIn(signIn, "username", "password"); refusal != nil {
		return oauth.Session{}, oauth.BadRequest(oauth.InvalidRequest, refusal.Description), nil
	}
	scope, refusal := r.client.GrantedScope(r.form.Get("scope"))
	if refusal != nil {
		return oauth.Session{}, refusal, nil
	}
	user, refusal, err := e.Users.Authenticate(ctx, signIn)
	if err != nil {
		return oauth.Session{}, nil, fmt.Errorf("authenticate: %w", err)
	}
	if refusal != nil {
		return oauth.Session{}, asGrantError(refusal), nil
	}
	id, err := e.newID()
	if err != nil {
		return oauth.Session{}, nil, err
	}
	session := e.userSession(r, id, &user, scope)
	return session, nil, e.create(ctx, session)
}

// checkSignIn refuses what cannot be a name and password, in the words of
// OAuth 1.0; the fields are called as the protocol calls them.
func checkSignIn(s oauth.SignIn, name, secret string) *oauth.Error {
	const maxName = 256
	switch {
	case s.Name == "":
		return oauth.BadRequest(oauth.ParameterAbsent, name+" missing or empty")
	case s.Password.Empty():
		return oauth.BadRequest(oauth.ParameterAbsent, secret+" missing or empty")
	case len(s.Name) > maxName:
		return oauth.BadRequest(oauth.ParameterRejected, fmt.Sprintf("%s is longer than %d bytes", name, maxName))
	case len(s.Password.Reveal()) > password.MaxLength:
		return oauth.BadRequest(oauth.ParameterRejected, fmt.Sprintf("%s is longer than %d bytes", secret, password.MaxLength))
	}
	return nil
}

// asGrantError words a refused sign-in for OAuth 2 (RFC 6749 §5.2).
func asGrantError(refusal *oauth.Error) *oauth.Error {
	if refusal.Status == http.StatusTooManyRequests {
		return refusal
	}
	worded := *refusal
	worded.Status, worded.Code = http.StatusBadRequest, oauth.InvalidGrant
	return &worded
}
