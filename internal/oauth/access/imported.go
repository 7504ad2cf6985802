package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

// checkImported checks a request by a token that may be an older provider's.
// Such a token does not prove itself, and what its secret is only its session
// knows: the session is read first, and the nonce is spent once the signature
// holds, in a second round trip. For a client without imported tokens it is junk
// and costs nothing, as any other.
func (c *Checker) checkImported(ctx context.Context, r *oauth.Request, signed *oauth1.Signed, token seal.Token, now time.Time) (oauth.Verdict, error) {
	may, err := c.Auth.HasImported(ctx, signed.ConsumerKey)
	switch {
	case err != nil:
		return oauth.Verdict{}, err
	case !may:
		return oauth.Refuse(tokenRefusal(oauth.TokenRejected, nil)), nil
	}
	session, secret, refusal, err := c.importedSession(ctx, signed.ConsumerKey, token, now)
	if err != nil || refusal != nil {
		return oauth.Refuse(refusal), err
	}
	client, refusal, err := c.Auth.Signed(ctx, signed, secret, now)
	if err != nil || refusal != nil {
		return oauth.Refuse(refusal), err
	}
	spent := SpendNonce(ctx, c.Replay, signed, now, c.Auth.Window, c.Rand)
	refusal, err = signedRefusal(&session, nil, spent, &client, token)
	if err != nil || refusal != nil {
		return oauth.Refuse(refusal), err
	}
	return c.use(ctx, r, bearing{session, client, token.Generation}, now)
}

// importedSession finds the session of an imported token of a client, and the
// token's secret. Whether a token that is not there was made up, was revoked, has
// ended or is another client's is not said: nothing has been proven yet.
func (c *Checker) importedSession(ctx context.Context, client string, token seal.Token, now time.Time) (oauth.Session, oauth.Secret, *oauth.Error, error) {
	session, err := c.session(ctx, token, now)
	switch {
	case errors.Is(err, oauth.ErrNotFound), errors.Is(err, oauth.ErrExpired),
		err == nil && (session.Client != client || session.SealedSecret == ""):
		return oauth.Session{}, oauth.Secret{}, tokenRefusal(oauth.TokenRejected, nil), nil
	case err != nil:
		return oauth.Session{}, oauth.Secret{}, nil, sessionFault(err)
	}
	secret, err := c.Keys.ImportedSecret(&session)
	switch {
	case errors.Is(err, seal.ErrUnknownKey):
		return oauth.Session{}, oauth.Secret{}, tokenRefusal(oauth.TokenRejected, err), nil
	case err != nil:
		return oauth.Session{}, oauth.Secret{}, nil, fmt.Errorf("secret of an imported token: %w", err)
	}
	return session, secret, nil, nil
}
