package examples_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"gatehouse/internal/apigateway"
)

// question is what an HTTP API asks its authorizer.
func question(t *testing.T, method, token string) []byte {
	t.Helper()
	return encode(t, map[string]any{"version": "2.0", "type": "REQUEST", "routeKey": method + " /notes", "rawPath": "/notes",
		"routeArn": "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/$default/" + method + "/notes",
		"headers":  map[string]string{"authorization": "Bearer " + token, "user-agent": phone.agent},
		"requestContext": map[string]any{"stage": "$default", "domainName": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
			"http": map[string]string{"method": method, "path": "/notes", "sourceIp": phone.address, "userAgent": phone.agent}}})
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The local gateway serves no HTTP API. What the authorizer answers to its events
// reaches the example's function as an HTTP API carries it.
func TestHTTPAPI(t *testing.T) {
	e := read(t, "http-api")
	s := newGatehouse(t, e)
	if _, err := s.Invoke(t.Context(), question(t, "GET", "junk")); !errors.Is(err, apigateway.ErrUnauthorized) {
		t.Errorf("junk: %v", err)
	}
	token := s.signIn(s.target.Client, "read")
	for _, method := range []string{"GET", "POST"} {
		out, err := s.Invoke(t.Context(), question(t, method, token))
		var answer struct{ Context map[string]any }
		const denial = `"Effect":"Deny","Resource":["arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/$default/POST/notes*"`
		if err != nil || json.Unmarshal(out, &answer) != nil || !bytes.Contains(out, []byte(denial)) {
			t.Fatalf("%s: %s, %v", method, out, err)
		}
		event := encode(t, map[string]any{"requestContext": map[string]any{"authorizer": map[string]any{"lambda": answer.Context}}})
		got, err := e.functions(t)["NotesFunction"].Invoke(t.Context(), event)
		var reply struct{ Body string }
		if err != nil || json.Unmarshal(got, &reply) != nil || reply.Body != alice+`read","protocol":"oauth2"}` {
			t.Errorf("%s: %s, %v", method, got, err)
		}
	}
}
