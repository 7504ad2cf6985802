package apigateway_test

import (
	"errors"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
)

// Where answers are kept, one to a signed request or a proof would let in what
// has neither.
func TestBearerOnly(t *testing.T) {
	signed := oauth.Verdict{Allowed: true, Session: oauth.Session{Protocol: oauth.OAuth1, Client: "mobile"}}
	refused := oauth.Refuse(oauth.Unauthorized(oauth.InvalidToken, "no"))
	for _, test := range []struct {
		name, variable, authorization string
		verdict                       oauth.Verdict
		effect                        string
		err                           error
	}{
		{"bearer", "true", "Bearer abc", allowed, "Allow", nil},
		{"bearer in lower case", "true", "bearer abc", allowed, "Allow", nil},
		{"refused bearer", "true", "Bearer abc", refused, "", apigateway.ErrUnauthorized},
		{"signed", "true", "OAuth oauth_nonce=1", signed, "Deny", nil},
		{"signed in the query, with a bearer for show", "true", "Bearer abc", signed, "Deny", nil},
		{"DPoP", "true", "DPoP abc", allowed, "Deny", nil},
		{"no header", "true", "", allowed, "Deny", nil},
		{"refused signature", "true", "OAuth oauth_nonce=1", refused, "", apigateway.ErrUnauthorized},
		{"signed where nothing is kept", "false", "OAuth oauth_nonce=1", signed, "Allow", nil},
		{"DPoP where nothing is said", "", "DPoP abc", allowed, "Allow", nil},
	} {
		for _, name := range []string{"rest-authorizer", "http-authorizer"} {
			event := editEvent(t, name, func(event map[string]any) {
				event["stageVariables"] = map[string]any{"BEARER_ONLY": test.variable}
				event["headers"] = map[string]any{"authorization": test.authorization}
				event["multiValueHeaders"] = map[string]any{"Authorization": []any{test.authorization}}
			})
			answer, err := authorize(t, event, answering(test.verdict))
			if !errors.Is(err, test.err) {
				t.Errorf("%s, %s: %v, want %v", test.name, name, err, test.err)
			}
			if err == nil && answer.PolicyDocument.Statement[0].Effect != test.effect {
				t.Errorf("%s, %s: %+v, want %s", test.name, name, answer, test.effect)
			}
		}
	}
}

// A wrong one is the owner's to mend, and lets nobody in.
func TestWrongBearerOnly(t *testing.T) {
	event := editEvent(t, "rest-authorizer", func(event map[string]any) {
		event["stageVariables"] = map[string]any{"BEARER_ONLY": "yes", "PUBLIC_BASE_URL": "https://cdn.example.com"}
	})
	if answer, err := authorize(t, event, answering(allowed)); err == nil || errors.Is(err, apigateway.ErrUnauthorized) {
		t.Errorf("%+v, %v", answer, err)
	}
}
