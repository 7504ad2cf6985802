package grants

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/access"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

// requestToken answers POST /oauth/request_token (RFC 5849 §2.1). Temporary
// credentials are sealed values: nothing is written but the nonce.
func (e *Endpoint) requestToken(ctx context.Context, r *oauth.Request, now time.Time) (oauth.Response, error) {
	signed, refusal := parseSigned(r)
	if refusal == nil && signed.Token != "" {
		refusal = oauth.BadRequest(oauth.ParameterRejected, "temporary credentials are asked for without an oauth_token")
	}
	if refusal != nil {
		return e.refused(refusal, nil)
	}
	client, refusal, err := e.Auth.Signed(ctx, signed, oauth.Secret{}, now)
	if err != nil || refusal != nil {
		return e.refused(refusal, err)
	}
	callback := signed.Params().Get("oauth_callback")
	refusal = callbackRefusal(&client, callback)
	if refusal == nil {
		spending, spends := signed.Spending(now, e.Auth.Window, oauth.NewAttempt(ctx))
		err = access.SpendNonce(ctx, e.Replay, spending, spends)
	}
	switch request := (&tokenRequest{client: &client}); {
	case refusal != nil:
		return e.refused(request.refused(refusal, oauth.OAuth1), nil)
	case errors.Is(err, oauth.ErrSpent):
		return e.refused(request.refused(access.NonceUsed(), oauth.OAuth1), nil)
	case err != nil:
		return oauth.Response{}, err
	}
	return e.temporaryCredentials(seal.Temporary{Client: client.ID, Callback: callback}, now)
}

// callbackRefusal wants a callback that is registered, since the user is sent
// there with the verifier (RFC 5849 §4.7).
func callbackRefusal(client *oauth.Client, callback string) *oauth.Error {
	switch {
	case !client.Allows(oauth.GrantOAuth1):
		return threeLeggedDenied()
	case callback == "":
		return oauth1.Absent("oauth_callback")
	case callback == oauth.OutOfBand:
		return nil
	}
	if _, ok := client.Redirect(callback); !ok {
		refusal := oauth.BadRequest(oauth.ParameterRejected, "oauth_callback is oob or a redirect URI that is registered for this client")
		refusal.Details = oauth.Params{{Name: "oauth_parameters_rejected", Value: "oauth_callback"}}
		return refusal
	}
	return nil
}

func threeLeggedDenied() *oauth.Error {
	return oauth.Unauthorized(oauth.PermissionDenied, "this client may not use three-legged OAuth 1.0")
}

func (e *Endpoint) temporaryCredentials(t seal.Temporary, now time.Time) (oauth.Response, error) {
	identifier, secret, err := e.Keys.SealTemporary(t, now.Add(seal.TemporaryLifetime))
	if err != nil {
		return oauth.Response{}, fmt.Errorf("temporary credentials: %w", err)
	}
	return oauth1.Answer(oauth.Params{
		{Name: "oauth_token", Value: identifier.Reveal()}, {Name: "oauth_token_secret", Value: secret.Reveal()},
		{Name: "oauth_callback_confirmed", Value: "true"},
	}), nil
}
