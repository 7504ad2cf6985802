// Package dpop checks proofs of possession (RFC 9449): signed statements that
// the sender of this very request has the key that tokens are bound to.
//
// It is pure: no clock, no store, no network.
package dpop

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4/json"

	"gatehouse/internal/oauth"
)

// The header fields of a proof and of a nonce (RFC 9449 §4.1, §8.1), and the
// authentication scheme of tokens that need a proof (§7.1).
const (
	Header      = "DPoP"
	NonceHeader = "DPoP-Nonce"
	Scheme      = "DPoP"
)

// Window says which times a proof may be of.
type Window struct {
	Now    time.Time
	Leeway time.Duration // either way
}

// Proof is what a proof says once everything about it holds that needs neither
// store nor keyring: its jti and its nonce are for the caller to check.
type Proof struct {
	Thumbprint string    // of the key (RFC 7638), as sessions are bound to it
	ID         string    // jti
	IssuedAt   time.Time // within the window
	Nonce      string    // empty: none
}

// claims are RFC 9449 §4.2. A pointer tells what is missing from what is empty.
type claims struct {
	ID       *string  `json:"jti"`
	Method   *string  `json:"htm"`
	URI      *string  `json:"htu"`
	IssuedAt *float64 `json:"iat"` // seconds, of which RFC 7519 §2 allows fractions
	Token    string   `json:"ath"`
	Nonce    string   `json:"nonce"`
}

// maxID is the longest jti in bytes. RFC 9449 §4.2 thinks of 96 bits or a UUID.
const maxID = 256

// ForTokens checks the proof of a request for tokens (RFC 9449 §5): all of §4.3
// but nonce and jti. Refusals have status 400.
func ForTokens(r *oauth.Request, w Window) (Proof, *oauth.Error) {
	proof, _, refusal := check(r, w)
	return proof, refusal
}

// ForResource checks the proof that comes with an access token (RFC 9449 §7):
// as ForTokens, and that it is about this token. Whether the token is bound to
// the proof's key is for the caller to compare. Refusals have status 401.
func ForResource(r *oauth.Request, token string, w Window) (Proof, *oauth.Error) {
	proof, said, refusal := check(r, w)
	if refusal == nil && subtle.ConstantTimeCompare([]byte(said.Token), []byte(digest(token))) != 1 {
		refusal = invalid("ath is not the SHA-256 of the access token") // §4.3 step 12
	}
	if refusal != nil {
		refusal.Status = http.StatusUnauthorized
		return Proof{}, refusal
	}
	return proof, nil
}

// check is RFC 9449 §4.3, in the order of its steps as far as one can be taken
// before another.
func check(r *oauth.Request, w Window) (Proof, claims, *oauth.Error) {
	// 1. One header.
	header, refusal := one(r.Header.Values(Header))
	if refusal != nil {
		return Proof{}, claims{}, refusal
	}
	// 2, 4 to 7. One JWT, signed with the public key that is in it.
	payload, thumbprint, refusal := open(header)
	if refusal != nil {
		return Proof{}, claims{}, refusal
	}
	// 3. All that it has to say.
	var said claims
	if err := json.Unmarshal(payload, &said); err != nil {
		return Proof{}, claims{}, invalid("the claims are not one JSON object with jti, htm, htu, ath and nonce as strings and iat as a number")
	}
	if refusal := said.complete(); refusal != nil {
		return Proof{}, claims{}, refusal
	}
	// 8, 9 and 11. About this request, of now.
	if refusal := said.refusal(r, w); refusal != nil {
		return Proof{}, claims{}, refusal
	}
	return Proof{Thumbprint: thumbprint, ID: *said.ID, IssuedAt: moment(*said.IssuedAt), Nonce: said.Nonce}, said, nil
}

func one(values []string) (string, *oauth.Error) {
	switch {
	case len(values) == 0 || values[0] == "":
		return "", invalid("the DPoP header is missing")
	case len(values) > 1:
		return "", invalid("more than one DPoP header")
	case len(values[0]) > oauth.MaxHeader:
		return "", invalid(fmt.Sprintf("the DPoP header is longer than %d bytes", oauth.MaxHeader))
	}
	return values[0], nil
}

func (c *claims) complete() *oauth.Error {
	switch {
	case c.ID == nil || c.Method == nil || c.URI == nil || c.IssuedAt == nil:
		return invalid("jti, htm, htu or iat is missing")
	case *c.ID == "" || len(*c.ID) > maxID:
		return invalid(fmt.Sprintf("jti has 1 to %d bytes", maxID))
	}
	return nil
}

func (c *claims) refusal(r *oauth.Request, w Window) *oauth.Error {
	here := r.Scheme + "://" + r.Host + r.Path
	switch {
	case *c.Method != r.Method:
		return invalid("htm is not the method of the request")
	case *c.URI != here && normal(*c.URI) != normal(here): // most clients write it as they send it
		refusal := invalid("htu is not the URL of the request without its query, which is " + here)
		refusal.Quotes = true
		return refusal
	case !w.covers(*c.IssuedAt):
		return invalid(fmt.Sprintf("iat is off by more than %d seconds: it is %d by this server's clock", w.Leeway/time.Second, w.Now.Unix()))
	}
	return nil
}

// covers compares as numbers: what is far off need not be a time at all.
func (w Window) covers(seconds float64) bool {
	now := float64(w.Now.UnixMilli()) / 1000
	return math.Abs(seconds-now) <= w.Leeway.Seconds() // false for what is no number
}

func moment(seconds float64) time.Time { return time.UnixMilli(int64(seconds * 1000)).UTC() }

// Spending returns how the proof's jti is spent: once for each key, which is
// more than once for each URI (RFC 9449 §11.1), and remembered until the proof
// itself is refused, and a minute longer for clocks that differ between servers.
func (p *Proof) Spending(w Window, attempt oauth.Attempt) oauth.Spending {
	return oauth.Spending{
		Key:     oauth.SpendKey{Kind: oauth.SpentProof, Sum: sha256.Sum256([]byte(p.Thumbprint + " " + p.ID))},
		Attempt: attempt,
		Now:     w.Now,
		Expires: p.IssuedAt.Add(w.Leeway + time.Minute),
	}
}

// digest is the base64url of the SHA-256 of text, as of ath (RFC 9449 §4.2).
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func invalid(description string) *oauth.Error {
	return oauth.BadRequest(oauth.InvalidDPoPProof, description)
}
