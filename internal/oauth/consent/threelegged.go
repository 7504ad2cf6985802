package consent

import (
	"context"
	"errors"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// askThreeLegged judges the request of OAuth 1.0 (RFC 5849 §2.2). Whatever is
// wrong with it, the user is told and nobody is redirected.
func (e *Endpoint) askThreeLegged(ctx context.Context, query oauth.Params, now time.Time) (authorization, *refusal, error) {
	// 1. The temporary credentials.
	token := query.Get("oauth_token")
	temporary, refused := e.openTemporary(query, now)
	if refused != nil {
		return authorization{}, refused, nil
	}
	// 2. The client that they were issued to, as it is by now.
	client, known, err := e.find(ctx, temporary.Client, now)
	switch {
	case err != nil:
		return authorization{}, nil, err
	case !known:
		return authorization{}, &refusal{oauth.BadRequest(oauth.ConsumerKeyUnknown, "the client of the oauth_token is not there any more"), unknownApp}, nil
	case !client.Allows(oauth.GrantOAuth1):
		return authorization{client: client}, &refusal{oauth.BadRequest(oauth.PermissionDenied, "this client may not use three-legged OAuth 1.0"), notOffered}, nil
	case oauth.Expired(client.Sunset, now):
		return authorization{client: client}, &refusal{oauth.BadRequest(oauth.ConsumerKeyRefused, "the client's OAuth 1.0 has ended"), notOffered}, nil
	}
	// 3. Its callback.
	if _, registered := client.Redirect(temporary.Callback); !registered && temporary.Callback != oauth.OutOfBand {
		return authorization{client: client}, &refusal{oauth.BadRequest(oauth.ParameterRejected, "the callback is not one of the client's any more"), wrongAddress}, nil
	}
	return authorization{client: client, redirect: temporary.Callback, scope: client.Scopes, token: token,
		query: keep(query, "oauth_token")}, nil, nil
}

func (e *Endpoint) openTemporary(query oauth.Params, now time.Time) (seal.Temporary, *refusal) {
	if query.Count("oauth_token") > 1 {
		return seal.Temporary{}, &refusal{oauth.BadRequest(oauth.ParameterRejected, "oauth_token is there more than once"), requestOver}
	}
	temporary, _, err := e.Keys.OpenTemporary(query.Get("oauth_token"), now)
	switch {
	case errors.Is(err, seal.ErrExpired):
		return seal.Temporary{}, &refusal{oauth.BadRequest(oauth.TokenExpired, "the oauth_token has expired"), requestOver}
	case err != nil:
		return seal.Temporary{}, &refusal{&oauth.Error{Status: http.StatusBadRequest, Code: oauth.TokenRejected,
			Description: "the oauth_token is not one of temporary credentials", UnknownKey: errors.Is(err, seal.ErrUnknownKey)}, requestOver}
	}
	return temporary, nil
}

// sendVerifier answers with the verifier (RFC 5849 §2.2), which the user
// carries where the client can't be called back.
func (e *Endpoint) sendVerifier(v *visit, a *authorization) (oauth.Response, error) {
	verifier, err := e.Keys.SealVerifier(a.token, seal.Verifier{User: v.browser.User, UserName: v.browser.Name, Scope: a.scope},
		v.now.Add(seal.VerifierLifetime))
	switch {
	case err != nil:
		return oauth.Response{}, err
	case a.redirect == oauth.OutOfBand:
		return e.verifierPage(a, verifier)
	}
	return a.answer(oauth.Params{{Name: "oauth_token", Value: a.token}, {Name: "oauth_verifier", Value: verifier.Reveal()}}), nil
}

// refuseThreeLegged tells the client that the user denied, by the callback in
// the words of the Problem Reporting extension.
func (e *Endpoint) refuseThreeLegged(a *authorization) (oauth.Response, error) {
	reason := &oauth.Error{Code: oauth.UserRefused, Description: "the user denied"}
	if a.redirect == oauth.OutOfBand {
		return e.deniedPage(a, reason)
	}
	response := a.answer(oauth.Params{{Name: "oauth_token", Value: a.token}, {Name: "oauth_problem", Value: reason.Code}})
	response.Refusal = reason
	return response, nil
}
