package grants

import (
	"context"
	"errors"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

// exchangeTemporary gives token credentials for temporary ones that a user
// authorized (RFC 5849 §2.3), in two round trips. All checks come before
// anything is spent: who lacks secret or verifier cannot use them up.
func (e *Endpoint) exchangeTemporary(ctx context.Context, r *oauth.Request, signed *oauth1.Signed, now time.Time) (oauth.Response, error) {
	temporary, secret, err := e.Keys.OpenTemporary(signed.Token, now)
	if err != nil {
		return e.refused(notOpened(err, oauth.Unauthorized(oauth.TokenExpired, "the temporary credentials have expired"),
			oauth.Unauthorized(oauth.TokenRejected, "these temporary credentials were not issued here")), nil)
	}
	client, refusal, err := e.Auth.Signed(ctx, signed, secret, now)
	if err != nil || refusal != nil {
		return e.refused(refusal, err)
	}
	request := &tokenRequest{Request: r, client: &client, now: now, grant: oauth.GrantOAuth1}
	verifier, refusal := e.openVerifier(&client, &temporary, signed, now)
	if refusal == nil {
		refusal, err = e.spendTemporary(ctx, signed, now)
	}
	switch {
	case err != nil:
		return oauth.Response{}, err
	case refusal != nil:
		return e.refused(request.refused(refusal, oauth.OAuth1), nil)
	}
	user := oauth.User{ID: verifier.User, Name: verifier.UserName}
	return e.tokenCredentials(ctx, request, &user, inBoth(verifier.Scope, client.Scopes))
}

// openVerifier returns who authorized the temporary credentials, and for what.
func (e *Endpoint) openVerifier(client *oauth.Client, temporary *seal.Temporary, signed *oauth1.Signed, now time.Time) (seal.Verifier, *oauth.Error) {
	presented := signed.Params().Get("oauth_verifier")
	switch {
	case temporary.Client != client.ID:
		return seal.Verifier{}, oauth.Unauthorized(oauth.TokenRejected, "the temporary credentials were issued to another client")
	case !client.Allows(oauth.GrantOAuth1):
		return seal.Verifier{}, threeLeggedDenied()
	case presented == "":
		return seal.Verifier{}, oauth1.Absent("oauth_verifier")
	}
	verifier, err := e.Keys.OpenVerifier(signed.Token, presented, now)
	if err != nil {
		return seal.Verifier{}, notOpened(err, oauth.Unauthorized(oauth.VerifierInvalid, "the oauth_verifier has expired"),
			oauth.Unauthorized(oauth.VerifierInvalid, "the oauth_verifier is not that of these temporary credentials"))
	}
	return verifier, nil
}

// spendTemporary spends the temporary credentials, and with them the nonce of
// every request that is signed by them. Spent on its own, the nonce of a
// request that is sent twice at once could be one copy's and the credentials
// the other's, so that both would be refused.
func (e *Endpoint) spendTemporary(ctx context.Context, signed *oauth1.Signed, now time.Time) (*oauth.Error, error) {
	err := e.spend(ctx, signed.Token, seal.TemporaryLifetime, now)
	if errors.Is(err, oauth.ErrSpent) {
		refusal := oauth.Unauthorized(oauth.TokenUsed, "the temporary credentials were used before")
		refusal.Replayed = true
		return refusal, nil
	}
	return nil, err
}
