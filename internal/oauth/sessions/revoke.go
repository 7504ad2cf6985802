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
	client, refusal, err := e.Auth.Form(ctx, r, form, e.Clock())
	if err == nil && refusal == nil && form.Get("token") == "" {
		refusal = oauth.BadRequest(oauth.InvalidRequest, "token missing")
	}
	return client, form.Get("token"), refusal, err
}

// revokeToken ends the session of a token in one write. A token that is not
// known is as good as revoked (RFC 7009 §2.2), and costs nothing; one of another
// client is refused (§2.1). The hint is not needed: a token tells its kind, and
// what has none may be an imported one. Such a one proves nothing, so that whether
// there is one, at another client, is not said, and none is said to have ended.
func (e *Endpoint) revokeToken(ctx context.Context, client *oauth.Client, presented string) (oauth.Response, error) {
	token, err := e.Keys.OpenFor(client, presented)
	if err != nil {
		return nothing(errors.Is(err, seal.ErrUnknownKey)), nil
	}
	revocation := e.revocation(client, token)
	_, revocation.Imported = seal.Imported(presented)
	err = e.Sessions.Revoke(ctx, revocation)
	switch {
	case errors.Is(err, oauth.ErrNotFound), errors.Is(err, oauth.ErrNotLive), errors.Is(err, oauth.ErrNotOwner) && revocation.Imported:
		return nothing(false), nil
	case errors.Is(err, oauth.ErrNotOwner):
		return e.refuse(oauth.BadRequest(oauth.InvalidGrant, "the token was issued to another client"))
	case err != nil:
		return oauth.Response{}, fmt.Errorf("revoke: %w", err)
	}
	return ended(&oauth.Session{ID: token.Session, Client: client.ID}), nil
}

// revocation is what a token of a client asks for. Anyone can say to be a public
// client, so that a token which goes with every request and is over must not end
// a session that goes on. A refresh token may: to use an old one ends it too.
func (e *Endpoint) revocation(client *oauth.Client, token seal.Token) oauth.Revocation {
	r := oauth.Revocation{ID: token.Session, Owner: oauth.Owner{Client: client.ID}}
	if client.Public && token.Kind != seal.RefreshToken {
		r.ByToken = &oauth.Presented{Generation: token.Generation, Now: e.Clock(), Grace: e.Access.Grace}
	}
	return r
}

// nothing is the answer where there is nothing left to revoke (RFC 7009 §2.2).
func nothing(unknownKey bool) oauth.Response {
	answer := oauth2.Empty(http.StatusOK)
	answer.Refusal = &oauth.Error{Code: oauth.InvalidToken, Description: "nothing to revoke", UnknownKey: unknownKey}
	return answer
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
	err = e.Sessions.Revoke(ctx, oauth.Revocation{ID: session.ID, Owner: oauth.Owner{Client: session.Client}})
	if err != nil && !errors.Is(err, oauth.ErrNotLive) {
		return oauth.Response{}, fmt.Errorf("revoke: %w", err)
	}
	answer := ended(&session)
	answer.Fault = verdict.Fault
	return answer, nil
}

func ended(session *oauth.Session) oauth.Response {
	answer := oauth2.Empty(http.StatusOK)
	answer.Session, answer.Act = session, oauth.ActTokenRevoked
	return answer
}
