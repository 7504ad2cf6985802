package grants

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/access"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

// oauth1 answers POST /oauth/access_token (RFC 5849 §2.3): the request taken
// apart once, the client's signature checked, then one way to get a token.
func (e *Endpoint) oauth1(ctx context.Context, r *oauth.Request, now time.Time) (oauth.Response, error) {
	signed, refusal := parseSigned(r)
	if refusal != nil {
		return oauth1.Refuse(e.Terms.Realm, refusal), nil
	}
	if signed.Params.Get("x_auth_mode") == "" {
		return oauth1.Refuse(e.Terms.Realm, threeLegged(signed)), nil
	}
	client, refusal, err := e.Auth.Signed(ctx, signed, oauth.Secret{}, now)
	if err != nil {
		return oauth.Response{}, err
	}
	if refusal == nil {
		refusal = xauthRefusal(&client, signed)
	}
	if refusal != nil {
		return oauth1.Refuse(e.Terms.Realm, refusal), nil
	}
	return e.xauth(ctx, r, signed, &client, now)
}

func parseSigned(r *oauth.Request) (*oauth1.Signed, *oauth.Error) {
	if r.Method != http.MethodPost {
		return nil, &oauth.Error{Status: http.StatusMethodNotAllowed, Code: oauth.ParameterRejected,
			Description: "the method is POST", Allow: http.MethodPost}
	}
	if len(r.Body) > oauth.MaxBody {
		return nil, oauth.BadRequest(oauth.ParameterRejected, fmt.Sprintf("the body is longer than %d bytes", oauth.MaxBody))
	}
	return oauth1.Parse(r)
}

func threeLegged(signed *oauth1.Signed) *oauth.Error {
	if signed.Params.Has("oauth_verifier") {
		return notOffered("three-legged OAuth 1.0")
	}
	return oauth1.Absent("x_auth_mode")
}

// xauthRefusal checks what was signed against what xAuth wants.
func xauthRefusal(client *oauth.Client, signed *oauth1.Signed) *oauth.Error {
	switch {
	case !client.Allows(oauth.GrantXAuth):
		return oauth.Unauthorized(oauth.PermissionDenied, "this client may not use xAuth")
	case signed.Params.Get("x_auth_mode") != "client_auth":
		return oauth.BadRequest(oauth.ParameterRejected, "x_auth_mode is client_auth")
	case signed.Token != "":
		return oauth.BadRequest(oauth.ParameterRejected, "xAuth is signed without an oauth_token")
	}
	if signed.FromQuery("x_auth_password") {
		return oauth.BadRequest(oauth.ParameterRejected, "x_auth_password goes in the body or the header, never in the query")
	}
	for _, name := range []string{"x_auth_mode", "x_auth_username", "x_auth_password"} {
		if signed.Params.Count(name) > 1 {
			return oauth.BadRequest(oauth.ParameterRejected, name+" is there more than once")
		}
	}
	return checkSignIn(xauthSignIn(signed), "x_auth_username", "x_auth_password")
}

func xauthSignIn(signed *oauth1.Signed) oauth.SignIn {
	return oauth.SignIn{Name: signed.Params.Get("x_auth_username"), Password: oauth.NewSecret(signed.Params.Get("x_auth_password"))}
}

// xauth exchanges a name and password for token credentials. Nonce, user and
// counter take one round trip together, the session a second.
func (e *Endpoint) xauth(ctx context.Context, r *oauth.Request, signed *oauth1.Signed, client *oauth.Client, now time.Time) (oauth.Response, error) {
	spent := make(chan error, 1)
	go func() { spent <- access.SpendNonce(ctx, e.Replay, signed, now, e.Auth.Window, e.Rand) }()
	signIn := xauthSignIn(signed)
	signIn.Source, signIn.Now = r.Source, now
	user, refusal, err := e.Users.Authenticate(ctx, signIn)
	spendErr := <-spent
	switch {
	case err != nil:
		return oauth.Response{}, fmt.Errorf("authenticate: %w", err)
	case errors.Is(spendErr, oauth.ErrSpent):
		return oauth1.Refuse(e.Terms.Realm, access.NonceUsed()), nil
	case spendErr != nil:
		return oauth.Response{}, spendErr
	case refusal != nil:
		return oauth1.Refuse(e.Terms.Realm, asXAuthProblem(refusal)), nil
	}
	return e.tokenCredentials(ctx, client, &user, now)
}

// asXAuthProblem words a refused sign-in for OAuth 1.0: 401, as xAuth clients
// expect.
func asXAuthProblem(refusal *oauth.Error) *oauth.Error {
	problem := *refusal
	problem.Code = oauth.PermissionDenied
	if problem.Status != http.StatusTooManyRequests {
		problem.Status = http.StatusUnauthorized
	}
	return &problem
}

// tokenCredentials begins an OAuth 1.0 session and answers as existing xAuth
// clients expect; x_auth_expires is 0 for a token that does not end, else the
// epoch second at which it does.
func (e *Endpoint) tokenCredentials(ctx context.Context, client *oauth.Client, user *oauth.User, now time.Time) (oauth.Response, error) {
	session, err := e.newSession(oauth.OAuth1, client, client.Scopes, now)
	if err != nil {
		return oauth.Response{}, err
	}
	session.User, session.UserName = user.ID, user.Name
	expires := "0"
	if e.Terms.OAuth1 > 0 {
		session.Expires = session.Created.Add(e.Terms.OAuth1)
		expires = fmt.Sprint(session.Expires.Unix())
	}
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
	answer.Session = &session
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
