package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/oauth2"
	"gatehouse/internal/oauth/seal"
)

// revoke answers POST /oauth/revoke: RFC 7009, or an OAuth 1.0 signed request
// that revokes the token it is signed with. Either ends the whole session.
func (e *Endpoint) revoke(ctx context.Context, r *oauth.Request) (oauth.Response, error) {
	if r.Method == http.MethodPost && len(r.Body) <= oauth.MaxBody && oauth1.IsSigned(r) {
		return e.revokeSigned(ctx, r)
	}
	client, token, refusal, err := e.tokenOf(ctx, r)
	if err != nil {
		return oauth.Response{}, err
	}
	if refusal != nil {
		return e.refuse(refusal)
	}
	return e.revokeToken(ctx, &client, token)
}

// tokenOf reads a form whose token parameter a client asks about, and
// authenticates the client.
func (e *Endpoint) tokenOf(ctx context.Context, r *oauth.Request) (oauth.Client, string, *oauth.Error, error) {
	form, refusal := oauth2.ParseForm(r)
	if refusal != nil {
		return oauth.Client{}, "", refusal, nil
	}
	client, refusal, err := e.Auth.Form(ctx, r, form)
	if err == nil && refusal == nil && form.Get("token") == "" {
		refusal = oauth.BadRequest(oauth.InvalidRequest, "token missing")
	}
	return client, form.Get("token"), refusal, err
}

// revokeToken ends the session of a token in one write. A token that is not
// or no longer known is as good as revoked (RFC 7009 §2.2), and costs nothing;
// one of another client is refused (§2.1). The hint is not needed: a token
// tells its kind.
func (e *Endpoint) revokeToken(ctx context.Context, client *oauth.Client, presented string) (oauth.Response, error) {
	kind, _ := seal.KindOf(presented)
	token, err := e.Keys.Open(kind, presented)
	if err != nil {
		answer := oauth2.Empty(http.StatusOK)
		answer.Refusal = &oauth.Error{Code: oauth.InvalidToken, Description: "nothing to revoke",
			UnknownKey: errors.Is(err, seal.ErrUnknownKey)}
		return answer, nil
	}
	err = e.Sessions.Revoke(ctx, token.Session, oauth.Owner{Client: client.ID})
	if errors.Is(err, oauth.ErrNotOwner) {
		return e.refuse(oauth.BadRequest(oauth.InvalidGrant, "the token was issued to another client"))
	}
	if err != nil {
		return oauth.Response{}, fmt.Errorf("revoke: %w", err)
	}
	return ended(&oauth.Session{ID: token.Session, Client: client.ID}), nil
}

func (e *Endpoint) revokeSigned(ctx context.Context, r *oauth.Request) (oauth.Response, error) {
	verdict, err := e.Access.Check(ctx, r)
	if err != nil {
		return oauth.Response{}, err
	}
	if !verdict.Allowed {
		return oauth1.Refuse(e.Realm, verdict.Refusal), nil
	}
	session := verdict.Session
	if err := e.Sessions.Revoke(ctx, session.ID, oauth.Owner{Client: session.Client}); err != nil {
		return oauth.Response{}, fmt.Errorf("revoke: %w", err)
	}
	answer := ended(&session)
	answer.Fault = verdict.Fault
	return answer, nil
}

func ended(session *oauth.Session) oauth.Response {
	answer := oauth2.Empty(http.StatusOK)
	answer.Session = session
	return answer
}
