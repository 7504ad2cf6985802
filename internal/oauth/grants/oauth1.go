package grants

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

// oauth1 answers POST /oauth/access_token: the request taken apart once, then
// one of the ways to token credentials. A token that it is signed with stands
// for temporary credentials (RFC 5849 §2.3); without one it is xAuth.
func (e *Endpoint) oauth1(ctx context.Context, r *oauth.Request, now time.Time) (oauth.Response, error) {
	signed, refusal := parseSigned(r)
	if refusal == nil {
		refusal = wayRefusal(signed)
	}
	switch {
	case refusal != nil:
		return e.refused(refusal, nil)
	case signed.Token != "":
		return e.exchangeTemporary(ctx, r, signed, now)
	}
	return e.xauth(ctx, r, signed, now)
}

// refused is the answer in OAuth 1.0 to a request that was refused; where
// something broke there is none.
func (e *Endpoint) refused(refusal *oauth.Error, err error) (oauth.Response, error) {
	if err != nil {
		return oauth.Response{}, err
	}
	return oauth1.Refuse(e.Terms.Realm, refusal), nil
}

func parseSigned(r *oauth.Request) (*oauth1.Signed, *oauth.Error) {
	if r.Method != http.MethodPost {
		return nil, &oauth.Error{Status: http.StatusMethodNotAllowed, Code: oauth.ParameterRejected,
			Description: "the method is POST", Allow: http.MethodPost}
	}
	if len(r.Body) > oauth.MaxBody {
		return nil, oauth.BadRequest(oauth.ParameterRejected, fmt.Sprintf("the body is longer than %d bytes", oauth.MaxBody))
	}
	signed, refusal := oauth1.Parse(r)
	return &signed, refusal
}

// wayRefusal refuses a request that goes no way to token credentials, or two.
func wayRefusal(signed *oauth1.Signed) *oauth.Error {
	params := signed.Params()
	xauth := params.Has("x_auth_mode") || params.Has("x_auth_username") || params.Has("x_auth_password")
	switch {
	case signed.Token != "" && xauth:
		return oauth.BadRequest(oauth.ParameterRejected, "xAuth is signed without an oauth_token")
	case signed.Token != "" || params.Get("x_auth_mode") != "":
		return nil
	case params.Has("oauth_verifier"):
		return oauth1.Absent("oauth_token")
	}
	absent := oauth1.Absent("x_auth_mode")
	if !xauth {
		absent.Description += ", and so is the oauth_token of temporary credentials"
	}
	return absent
}

// tokenCredentials begins an OAuth 1.0 session and answers as existing xAuth
// clients expect; x_auth_expires is 0 for a token that does not end, else the
// epoch second at which it does.
func (e *Endpoint) tokenCredentials(ctx context.Context, r *tokenRequest, user *oauth.User, scope []string) (oauth.Response, error) {
	id, err := e.newID()
	if err != nil {
		return oauth.Response{}, err
	}
	session := e.newSession(r, id, oauth.OAuth1, scope)
	session.User, session.UserName = user.ID, user.Name
	expires := "0"
	var end time.Time
	if e.Terms.OAuth1 > 0 {
		end = session.Created.Add(e.Terms.OAuth1)
		expires = fmt.Sprint(end.Unix())
	}
	e.endAt(&session, end)
	token, secret, err := e.mintOAuth1(&session)
	if err != nil {
		return oauth.Response{}, err
	}
	if err := e.create(ctx, session); err != nil {
		return oauth.Response{}, err
	}
	answer := oauth1.Answer(oauth.Params{
		{Name: "oauth_token", Value: token.Reveal()}, {Name: "oauth_token_secret", Value: secret.Reveal()},
		{Name: "user_id", Value: user.ID}, {Name: "screen_name", Value: user.Name},
		{Name: "x_auth_expires", Value: expires},
	})
	answer.Session, answer.Act, answer.Grant = &session, oauth.ActTokenIssued, r.grant
	return answer, nil
}

// mintOAuth1 derives the secret of the very token: the keyring's current key
// may be another by now than the one that made it.
func (e *Endpoint) mintOAuth1(session *oauth.Session) (token, secret oauth.Secret, err error) {
	token = e.Keys.Mint(seal.OAuth1Token, session.ID, session.Generation)
	opened, err := e.Keys.Open(seal.OAuth1Token, token.Reveal())
	if err == nil {
		secret, err = e.Keys.TokenSecret(opened)
	}
	if err != nil {
		return oauth.Secret{}, oauth.Secret{}, fmt.Errorf("token secret: %w", err)
	}
	return token, secret, nil
}
