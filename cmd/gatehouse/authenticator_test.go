package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gatehouse/internal/oauth/seal"
)

func TestAuthenticatorSecret(t *testing.T) {
	keys, err := seal.ParseKeyring([]byte(someKeys))
	if err != nil {
		t.Fatal(err)
	}
	want := "key  state "
	out := mustRun(t, "authenticator", "secret", "--keys", keysFileOf(t, someKeys))
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], want) {
		t.Fatalf("printed %s", out)
	}
	for i, id := range keys.IDs() {
		secret, err := keys.WebhookSecret(id)
		if fields := strings.Fields(lines[i+1]); err != nil || fields[0] != id.String() || fields[len(fields)-1] != secret.Reveal() {
			t.Errorf("%q, %v, want key %s and its secret", lines[i+1], err, id)
		}
	}
	mustFail(t, "which deployment?", "authenticator", "secret")
	mustFail(t, "usage: gatehouse authenticator secret", "authenticator", "secret", "now")
}

// What is printed for a deployment is what its webhook is asked with.
func TestWebhookOfServe(t *testing.T) {
	var body, signature string
	webhook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		body, signature = r.Header.Get("Gatehouse-Timestamp")+"."+string(text), r.Header.Get("Gatehouse-Signature")
		fmt.Fprint(w, `{"user":{"id":"42","name":"Bob"}}`)
	}))
	defer webhook.Close()
	const seed = `{"clients":[{"id":"app","public":true,"grants":["password"]}]}`
	file := keysFileOf(t, seed)
	s := serve(t, []string{"AUTHENTICATOR_FUNCTION_ARN="}, "--seed", file, "--keys", keysFileOf(t, testKeys), "--authenticator-url", webhook.URL)
	answer, err := http.PostForm(s.url+"/oauth/token", url.Values{"grant_type": {"password"}, "client_id": {"app"}, "username": {"bob"}, "password": {"his"}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || !strings.HasSuffix(body, `.{"username":"bob","password":"his","address":"127.0.0.1","client":"app"}`) {
		t.Errorf("%s, after asking %s", answer.Status, body)
	}
	keys, err := seal.ParseKeyring([]byte(testKeys))
	if err != nil || signature != keys.SignForWebhook([]byte(body)) {
		t.Errorf("signed %s, %v", signature, err)
	}
}
