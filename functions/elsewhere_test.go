package functions_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/flowtest"
)

// TestUsersFromElsewhere signs users of somebody else in at the compiled
// function: those of a Lambda function, by Lambda's own API, and of a webhook.
func TestUsersFromElsewhere(t *testing.T) {
	target, tables := registered(t)
	asked := httptest.NewServer(http.HandlerFunc(checkPassword))
	defer asked.Close()
	binary, env := build(t, "token"), environment(t, tables, "https://api.example.com")
	for name, variables := range map[string][]string{
		"a function": {"AUTHENTICATOR_FUNCTION_ARN=arn:aws:lambda:us-east-1:123456789012:function:check", "AWS_ENDPOINT_URL_LAMBDA=" + asked.URL},
		"a webhook":  {"AUTHENTICATOR_URL=" + asked.URL + "/check"},
	} {
		t.Run(name, func(t *testing.T) {
			token := startFunction(t, binary, append(env[:len(env):len(env)], variables...)...)
			for user, want := range map[string]int{"bob": http.StatusOK, target.User: http.StatusBadRequest, "broken": http.StatusServiceUnavailable} {
				if status, body := passwordGrant(t, token, target.Client, user, target.Password); status != want {
					t.Errorf("%s: %d, %s, want %d", user, status, body, want)
				}
			}
		})
	}
}

// checkPassword knows bob, and not the user whom the Registry knows.
func checkPassword(w http.ResponseWriter, r *http.Request) {
	var question struct{ Username, Password string }
	if json.NewDecoder(r.Body).Decode(&question) != nil || question.Username == "broken" {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	answer := `{"user":null}`
	if question.Username == "bob" && question.Password == "correct horse" {
		answer = `{"user":{"id":"42"}}`
	}
	_, _ = io.WriteString(w, answer)
}

func passwordGrant(t *testing.T, token apigateway.Handler, client flowtest.Client, user, password string) (status int, body string) {
	t.Helper()
	form := url.Values{"grant_type": {"password"}, "client_id": {client.ID}, "client_secret": {client.Secret}, "username": {user}, "password": {password}}
	event, err := json.Marshal(map[string]any{"path": "/oauth/token", "httpMethod": "POST", "body": form.Encode(),
		"multiValueHeaders": map[string][]string{"Content-Type": {"application/x-www-form-urlencoded"}},
		"requestContext": map[string]any{"requestId": "r", "stage": "prod", "path": "/prod/oauth/token", "domainName": "api.example.com",
			"identity": map[string]any{"sourceIp": "192.0.2.1"}}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := token.Invoke(t.Context(), event)
	var answer struct {
		StatusCode int
		Body       string
	}
	if err != nil || json.Unmarshal(out, &answer) != nil || strings.Contains(answer.Body, password) {
		t.Fatalf("%s, %v", out, err)
	}
	return answer.StatusCode, answer.Body
}
