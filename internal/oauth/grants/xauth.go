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
)

// xauth exchanges a name and password for token credentials.
func (e *Endpoint) xauth(ctx context.Context, r *oauth.Request, signed *oauth1.Signed, now time.Time) (oauth.Response, error) {
	client, refusal, err := e.Auth.Signed(ctx, signed, oauth.Secret{}, now)
	if err != nil || refusal != nil {
		return e.refused(refusal, err)
	}
	request := &tokenRequest{Request: r, client: &client, now: now, grant: oauth.GrantXAuth}
	if refusal := xauthRefusal(&client, signed); refusal != nil {
		return e.refused(request.refused(refusal, oauth.OAuth1), nil)
	}
	user, refusal, err := e.xauthUser(ctx, r, signed, now)
	switch {
	case err != nil:
		return oauth.Response{}, err
	case refusal != nil:
		return e.refused(request.refused(refusal, oauth.OAuth1), nil)
	}
	return e.tokenCredentials(ctx, request, &user, client.Scopes)
}

// xauthRefusal checks what was signed against what xAuth wants.
func xauthRefusal(client *oauth.Client, signed *oauth1.Signed) *oauth.Error {
	params := signed.Params()
	switch {
	case !client.Allows(oauth.GrantXAuth):
		return oauth.Unauthorized(oauth.PermissionDenied, "this client may not use xAuth")
	case params.Get("x_auth_mode") != "client_auth":
		return oauth.BadRequest(oauth.ParameterRejected, "x_auth_mode is client_auth")
	case signed.FromQuery("x_auth_password"):
		return oauth.BadRequest(oauth.ParameterRejected, "x_auth_password goes in the body or the header, never in the query")
	}
	for _, name := range []string{"x_auth_mode", "x_auth_username", "x_auth_password"} {
		if params.Count(name) > 1 {
			return oauth.BadRequest(oauth.ParameterRejected, name+" is there more than once")
		}
	}
	return checkSignIn(xauthSignIn(signed), "x_auth_username", "x_auth_password")
}

func xauthSignIn(signed *oauth1.Signed) oauth.SignIn {
	params := signed.Params()
	return oauth.SignIn{Name: params.Get("x_auth_username"), Password: oauth.NewSecret(params.Get("x_auth_password"))}
}

// xauthUser signs the user in and spends the nonce: nonce, user and counter
// take one round trip together.
func (e *Endpoint) xauthUser(ctx context.Context, r *oauth.Request, signed *oauth1.Signed, now time.Time) (oauth.User, *oauth.Error, error) {
	spending, spends := signed.Spending(now, e.Auth.Window, oauth.NewAttempt(ctx))
	spent := make(chan error, 1)
	go func() { spent <- access.SpendNonce(ctx, e.Replay, spending, spends) }()
	signIn := xauthSignIn(signed)
	signIn.Source, signIn.Client, signIn.Now = r.Source, signed.ConsumerKey, now
	user, refusal, err := e.Users.Authenticate(ctx, signIn)
	spendErr := <-spent
	switch {
	case err != nil:
		return oauth.User{}, nil, fmt.Errorf("authenticate: %w", err)
	case errors.Is(spendErr, oauth.ErrSpent):
		return oauth.User{}, access.NonceUsed(), nil
	case spendErr != nil:
		return oauth.User{}, nil, spendErr
	case refusal != nil:
		return oauth.User{}, asXAuthProblem(refusal), nil
	}
	return user, nil, nil
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
