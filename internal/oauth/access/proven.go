package access

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop"
	"gatehouse/internal/oauth/seal"
)

// checkProven checks an access token with the proof of its key (RFC 9449 §7):
// everything that needs no store first, then session and jti side by side in
// one round trip. A proof that does not hold is refused and tells of no theft:
// it may be of anybody's making.
func (c *Checker) checkProven(ctx context.Context, r *oauth.Request, presented string, verdict *oauth.Verdict, now time.Time) (*oauth.Error, error) {
	token, err := c.Keys.Open(seal.AccessToken, presented)
	if err != nil {
		return tokenRefusal(oauth.InvalidToken, err), nil
	}
	window := dpop.Window{Now: now, Leeway: c.Auth.Window}
	proof, refusal := dpop.ForResource(r, presented, window)
	if refusal != nil {
		return refusal, nil
	}
	nonce, refusal := c.nonce(&proof, now)
	if refusal != nil {
		refusal.Status = http.StatusUnauthorized // RFC 9449 §9
		return refusal, nil
	}
	spent := make(chan error, 1)
	go func() { spent <- c.spendProof(ctx, &proof, window) }()
	found, refusal, err := c.findBearer(ctx, token, &verdict.Session, now)
	refusal, err = provenRefusal(&verdict.Session, refusal, err, <-spent)
	switch {
	case err != nil || refusal != nil:
		return refusal, err
	case found.session.Confirmation != proof.Thumbprint:
		return c.mismatch(ctx, found, oauth.ReasonKey, now)
	}
	verdict.Nonce = nonce
	return c.use(ctx, r, found, verdict, now)
}

// provenRefusal puts together what the two side-by-side calls found. A fault
// of either is a fault of the whole.
func provenRefusal(session *oauth.Session, refusal *oauth.Error, found, spent error) (*oauth.Error, error) {
	replayed := errors.Is(spent, oauth.ErrSpent)
	switch {
	case found != nil:
		return nil, found
	case spent != nil && !replayed:
		return nil, spent
	case refusal != nil:
		return refusal, nil
	case replayed:
		used := replayOf(session, proofUsed())
		used.Status = http.StatusUnauthorized
		return used, nil
	case session.Confirmation == "": // RFC 9449 §7.1
		return oauth.Unauthorized(oauth.InvalidToken, "the token is bound to no key: send it as Bearer"), nil
	}
	return nil, nil
}

// Proven is what the proof of a request for tokens gives.
type Proven struct {
	Key   string // thumbprint of the key that the tokens are to be bound to; empty: none
	Nonce string // for the client's next proof; empty: what it has will do
}

// Prove checks the proof that comes with a request for tokens (RFC 9449 §5) and
// spends its jti, in one round trip; without a proof it gives nothing.
func (c *Checker) Prove(ctx context.Context, r *oauth.Request, now time.Time) (Proven, *oauth.Error, error) {
	if len(r.Header.Values(dpop.Header)) == 0 {
		return Proven{}, nil, nil
	}
	window := dpop.Window{Now: now, Leeway: c.Auth.Window}
	proof, refusal := dpop.ForTokens(r, window)
	if refusal != nil {
		return Proven{}, refusal, nil
	}
	nonce, refusal := c.nonce(&proof, now)
	if refusal != nil {
		return Proven{}, refusal, nil
	}
	err := c.spendProof(ctx, &proof, window)
	switch {
	case errors.Is(err, oauth.ErrSpent):
		return Proven{}, proofUsed(), nil
	case err != nil:
		return Proven{}, nil, err
	}
	return Proven{proof.Thumbprint, nonce}, nil, nil
}

// nonce checks the nonce of a proof where it needs one (RFC 9449 §4.3 step 10),
// and returns the next one where it is due.
func (c *Checker) nonce(proof *dpop.Proof, now time.Time) (next string, refusal *oauth.Error) {
	if !c.Nonces {
		return "", nil
	}
	aging, err := c.Keys.CheckNonce(proof.Nonce, now)
	switch {
	case err != nil:
		refusal := oauth.BadRequest(oauth.UseDPoPNonce, "the proof needs the nonce of this answer's "+dpop.NonceHeader+" header")
		refusal.Nonce = c.Keys.Nonce(now)
		refusal.UnknownKey = errors.Is(err, seal.ErrUnknownKey)
		return "", refusal
	case aging:
		return c.Keys.Nonce(now), nil
	}
	return "", nil
}

// spendProof spends the jti of a proof that holds, or says ErrSpent.
func (c *Checker) spendProof(ctx context.Context, proof *dpop.Proof, window dpop.Window) error {
	if err := c.Replay.Spend(ctx, proof.Spending(window, oauth.NewAttempt(ctx))); err != nil {
		return fmt.Errorf("spend proof: %w", err)
	}
	return nil
}

func proofUsed() *oauth.Error {
	refusal := oauth.BadRequest(oauth.InvalidDPoPProof, "this jti was used before: make a new proof for each request")
	refusal.Replayed = true
	return refusal
}
