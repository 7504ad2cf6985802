package oauth2

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"gatehouse/internal/oauth"
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

// Empty is an answer without a body.
func Empty(status int) oauth.Response {
	answer := oauth.Response{Status: status, Header: header()}
	answer.Header.Del("Content-Type")
	return answer
}

// Refuse puts a refusal in the words of RFC 6749 §5.2. A 401 carries the
// challenge of the scheme that was wanted: Basic for a client at the token
// endpoint, Bearer (RFC 6750 §3) for a token, as has a 403 for its scope.
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
	case refusal.Status == http.StatusUnauthorized, refusal.Code == oauth.InsufficientScope: // RFC 6750 §3.1
		answer.Header.Set("WWW-Authenticate", fmt.Sprintf("Bearer realm=%q, error=%q", realm, refusal.Code))
	}
	if refusal.RetryAfter > 0 {
		answer.Header.Set("Retry-After", strconv.Itoa(int(math.Ceil(refusal.RetryAfter.Seconds()))))
	}
	return answer, nil
}

func header() http.Header {
	return http.Header{
		"Content-Type":           {"application/json"},
		"Cache-Control":          {"no-store"},
		"Pragma":                 {"no-cache"},
		"X-Content-Type-Options": {"nosniff"},
	}
}
