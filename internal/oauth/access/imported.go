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
func (c *Checker) checkImported(ctx context.Context, r *oauth.Request, signed *oauth1.Signed, token seal.Token, verdict *oauth.Verdict, now time.Time) (*oauth.Error, error) {
	may, err := c.Auth.HasImported(ctx, signed.ConsumerKey, now)
	switch {
	case err != nil:
		return nil, err
	case !may:
		return tokenRefusal(oauth.TokenRejected, nil), nil
	}
	client, refusal, err := c.proveImported(ctx, signed, token, &verdict.Session, now, c.Consistency)
	if refusal != nil && refusal.Code == oauth.TokenRejected && c.Consistency == oauth.Eventual {
		client, refusal, err = c.proveImported(ctx, signed, token, &verdict.Session, now, oauth.Strong)
	}
	if err != nil || refusal != nil {
		return refusal, err
	}
	spending, spends := signed.Spending(now, c.Auth.Window, oauth.NewAttempt(ctx))
	spent := SpendNonce(ctx, c.Replay, spending, spends)
	refusal, err = signedRefusal(&verdict.Session, nil, spent, &client, token)
	if err != nil || refusal != nil {
		return refusal, err
	}
	return c.use(ctx, r, bearing{&verdict.Session, &client, token.Generation}, verdict, now)
}

// proveImported reads the session of an imported token, and checks the signature
// by the token's secret. Whether a token was made up, was revoked, has ended, is
// another client's, or only its secret is not known to the caller is not said, nor
// shown by the reads that it costs: nothing has been proven yet. So the signature
// is checked for a token that is not there too, whatever comes of it.
func (c *Checker) proveImported(ctx context.Context, signed *oauth1.Signed, token seal.Token, session *oauth.Session, now time.Time, consistency oauth.Consistency) (oauth.Client, *oauth.Error, error) {
	secret, unknown, err := c.importedSession(ctx, signed.ConsumerKey, token, session, now, consistency)
	if err != nil {
		return oauth.Client{}, nil, err
	}
	client, refusal, err := c.Auth.Signed(ctx, signed, secret, now)
	switch {
	case err != nil:
		return oauth.Client{}, nil, err
	case refusal == nil && unknown != nil, refusal != nil && refusal.Code == oauth.SignatureInvalid:
		return oauth.Client{}, neitherNor(refusal, unknown), nil
	}
	return client, refusal, nil
}

// importedSession finds the session of an imported token of a client, and the
// token's secret. unknown says why there are none.
func (c *Checker) importedSession(ctx context.Context, client string, token seal.Token, session *oauth.Session, now time.Time, consistency oauth.Consistency) (secret oauth.Secret, unknown, err error) {
	*session, err = c.Sessions.Find(ctx, token.Session, now, consistency)
	switch {
	case errors.Is(err, oauth.ErrNotFound), errors.Is(err, oauth.ErrExpired):
		return oauth.Secret{}, err, nil
	case err != nil:
		return oauth.Secret{}, nil, sessionFault(err)
	case session.Client != client, session.SealedSecret == "":
		return oauth.Secret{}, oauth.ErrNotOwner, nil
	}
	secret, err = c.Keys.ImportedSecret(session)
	switch {
	case errors.Is(err, seal.ErrUnknownKey):
		return oauth.Secret{}, err, nil
	case err != nil:
		return oauth.Secret{}, nil, fmt.Errorf("secret of an imported token: %w", err)
	}
	return secret, nil, nil
}

// neitherNor refuses a token that is unknown and a signature that does not hold
// alike. The log is told what is wrong with a signature where there is a token.
func neitherNor(wrong *oauth.Error, unknown error) *oauth.Error {
	refusal := oauth.Unauthorized(oauth.TokenRejected, "there is no such token here, or the signature does not match the request")
	refusal.UnknownKey = errors.Is(unknown, seal.ErrUnknownKey) || wrong != nil && wrong.UnknownKey
	if unknown == nil {
		refusal.Diagnosis = wrong.Diagnosis
	}
	return refusal
}
