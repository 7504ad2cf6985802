package oauth2

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

func TestNobodyMayKeepAnAnswer(t *testing.T) {
	ok, err := Answer(http.StatusOK, map[string]string{"a": "<&>\u2028"})
	if err != nil {
		t.Fatal(err)
	}
	refused, err := Refuse("r", oauth.BadRequest(oauth.InvalidGrant, "x"))
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]oauth.Response{"answer": ok, "refusal": refused, "empty": Empty(http.StatusNoContent)} {
		if answer.Header.Get("Cache-Control") != "no-store" || answer.Header.Get("Pragma") != "no-cache" {
			t.Errorf("%s: headers %v", name, answer.Header)
		}
		if typed := answer.Header.Get("Content-Type") == "application/json"; typed != (len(answer.Body) > 0) {
			t.Errorf("%s: Content-Type %q of %d bytes", name, answer.Header.Get("Content-Type"), len(answer.Body))
		}
	}
	ok.Header.Set("Cache-Control", "public")
	if Empty(http.StatusOK).Header.Get("Cache-Control") != "no-store" {
		t.Error("answers share their headers")
	}
}

func TestAnswerThatCannotBeEncoded(t *testing.T) {
	if _, err := Answer(http.StatusOK, func() {}); err == nil {
		t.Error("no error")
	}
}

// RFC 6749 §5.2, RFC 6750 §3
func TestRefuse(t *testing.T) {
	for _, test := range []struct {
		name    string
		refusal oauth.Error
		headers map[string]string
	}{
		{"wrong client", oauth.Error{Status: 401, Code: oauth.InvalidClient}, map[string]string{"WWW-Authenticate": `Basic realm="r"`}},
		{"wrong token", oauth.Error{Status: 401, Code: oauth.InvalidToken}, map[string]string{"WWW-Authenticate": `Bearer realm="r", error="invalid_token"`}},
		{"broken proof", oauth.Error{Status: 401, Code: oauth.InvalidDPoPProof}, map[string]string{"WWW-Authenticate": `DPoP error="invalid_dpop_proof", algs="ES256 Ed25519 EdDSA RS256 PS256"`}},
		{"broken proof of a token request", oauth.Error{Status: 400, Code: oauth.InvalidDPoPProof}, nil},
		{"proof without a nonce", oauth.Error{Status: 401, Code: oauth.UseDPoPNonce, Nonce: "n"}, map[string]string{"WWW-Authenticate": `DPoP error="use_dpop_nonce", algs="ES256 Ed25519 EdDSA RS256 PS256"`, "DPoP-Nonce": "n"}},
		{"token request without a nonce", oauth.Error{Status: 400, Code: oauth.UseDPoPNonce, Nonce: "n"}, map[string]string{"DPoP-Nonce": "n"}},
		{"bad request", oauth.Error{Status: 400, Code: oauth.InvalidRequest}, nil},
		{"scope", oauth.Error{Status: 403, Code: oauth.InsufficientScope}, map[string]string{"WWW-Authenticate": `Bearer realm="r", error="insufficient_scope"`}},
		{"forbidden", oauth.Error{Status: 403, Code: oauth.PermissionDenied}, nil},
		{"method", oauth.Error{Status: 405, Code: oauth.InvalidRequest, Allow: "GET, DELETE"}, map[string]string{"Allow": "GET, DELETE"}},
		{"slow down", oauth.Error{Status: 429, Code: oauth.SlowDown, RetryAfter: 89500 * time.Millisecond}, map[string]string{"Retry-After": "90"}},
	} {
		answer, err := Refuse("r", &test.refusal)
		if err != nil || answer.Status != test.refusal.Status || answer.Refusal == nil {
			t.Errorf("%s: %+v, %v", test.name, answer, err)
		}
		for _, name := range []string{"WWW-Authenticate", "Allow", "Retry-After", "DPoP-Nonce"} {
			if got := answer.Header.Get(name); got != test.headers[name] {
				t.Errorf("%s: %s is %q, want %q", test.name, name, got, test.headers[name])
			}
		}
	}
}

func TestDescriptionKeepsToItsCharacters(t *testing.T) {
	description := "a \"b\" \\c\r\nX-Header: d ü€\x00\x7f"
	answer, err := Refuse("r", oauth.BadRequest(oauth.InvalidRequest, description))
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]string
	if err := json.Unmarshal(answer.Body, &body); err != nil {
		t.Fatal(err)
	}
	if want := "a 'b' 'c??X-Header: d ????"; body["error_description"] != want || body["error"] != oauth.InvalidRequest {
		t.Errorf("body %v, want the description %q", body, want)
	}
	bare, err := Refuse("r", &oauth.Error{Status: 400, Code: oauth.InvalidRequest})
	if err != nil || strings.Contains(string(bare.Body), "error_description") {
		t.Errorf("no description: %s, %v", bare.Body, err)
	}
}
