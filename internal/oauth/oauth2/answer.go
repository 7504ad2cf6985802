package oauth2

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop"
)

// Answer is a JSON answer that nobody may keep (RFC 6749 §5.1). value is one
// of this project's own structs, made of strings, numbers and lists.
func Answer(status int, value any) (oauth.Response, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return oauth.Response{}, fmt.Errorf("oauth2: encode the answer: %w", err)
	}
	return oauth.Response{Status: status, Header: header(), Body: append(body, '\n')}, nil
}

// TokenType is what the access tokens of a session are (RFC 6749 §7.1, RFC 9449
// §5).
func TokenType(s *oauth.Session) string {
	if s.Confirmation != "" {
		return dpop.Scheme
	}
	return Bearer
}

// Empty is an answer without a body.
func Empty(status int) oauth.Response {
	answer := oauth.Response{Status: status, Header: header()}
	answer.Header.Del("Content-Type")
	return answer
}

// Refuse puts a refusal in the words of RFC 6749 §5.2. A 401 carries the
// challenge of the scheme that was wanted: Basic for a client at the token
// endpoint, Bearer (RFC 6750 §3) for a token, as has a 403 for its scope, DPoP
// for a proof. A nonce goes along (RFC 9449 §8).
func Refuse(realm string, refusal *oauth.Error) (oauth.Response, error) {
	answer, err := Answer(refusal.Status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
	}{refusal.Code, oauth.Describable(refusal.Description)})
	if err != nil {
		return answer, err
	}
	answer.Refusal = refusal
	switch {
	case refusal.Status == http.StatusMethodNotAllowed:
		answer.Header.Set("Allow", refusal.Allow)
	case refusal.Status == http.StatusUnauthorized && refusal.Code == oauth.InvalidClient:
		answer.Header.Set("WWW-Authenticate", fmt.Sprintf("Basic realm=%q", realm))
	case refusal.Status == http.StatusUnauthorized && (refusal.Code == oauth.InvalidDPoPProof || refusal.Code == oauth.UseDPoPNonce):
		answer.Header.Set("WWW-Authenticate", DPoPChallenge(refusal.Code))
	case refusal.Status == http.StatusUnauthorized, refusal.Code == oauth.InsufficientScope: // RFC 6750 §3.1
		answer.Header.Set("WWW-Authenticate", fmt.Sprintf("Bearer realm=%q, error=%q", realm, refusal.Code))
	}
	if refusal.RetryAfter > 0 {
		answer.Header.Set("Retry-After", strconv.Itoa(int(math.Ceil(refusal.RetryAfter.Seconds()))))
	}
	SetNonce(&answer, refusal.Nonce)
	return answer, nil
}

// DPoPChallenge is the challenge for a token with a proof (RFC 9449 §7.1). Code
// is why there is one, empty where nothing was tried.
func DPoPChallenge(code string) string {
	algorithms := fmt.Sprintf("algs=%q", strings.Join(dpop.Algorithms(), " "))
	if code == "" {
		return "DPoP " + algorithms
	}
	return fmt.Sprintf("DPoP error=%q, %s", code, algorithms)
}

// SetNonce gives the client a nonce for its next proof (RFC 9449 §8.2), unless
// it is empty.
func SetNonce(answer *oauth.Response, nonce string) {
	if nonce != "" {
		answer.Header.Set(dpop.NonceHeader, nonce)
	}
}

func header() http.Header {
	return http.Header{
		"Content-Type":           {"application/json"},
		"Cache-Control":          {"no-store"},
		"Pragma":                 {"no-cache"},
		"X-Content-Type-Options": {"nosniff"},
	}
}
