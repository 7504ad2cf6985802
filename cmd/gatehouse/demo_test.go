package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// order posts as the demo page does, and returns the text of the answer.
func order(t *testing.T, url, path string, body map[string]string) string {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+path, strings.NewReader(string(sent)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Origin": {url}, "Content-Type": {"application/json"}}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Text string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", path, response.StatusCode, err)
	}
	return answer.Text
}

// The demo page's diagnoses know what the server knows.
func TestDemoDiagnoses(t *testing.T) {
	s := serve(t, nil)
	curl := order(t, s.url, "/demo/mistake", map[string]string{"mistake": "scheme", "signature_method": "HMAC-SHA1"})
	withToken := order(t, s.url, "/demo/mistake", map[string]string{"mistake": "scheme", "signature_method": "HMAC-SHA1", "token": "forged"})
	for text, want := range map[string]string{
		curl: "signed with https",
		strings.Replace(curl, `"demo"`, `"nobody"`, 1): `There is no client called "nobody"`,
		withToken:              "oauth_token was not issued here",
		"curl " + s.url + "/x": "not signed",
	} {
		if got := order(t, s.url, "/demo/diagnose", map[string]string{"text": text}); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// Neither curl nor a web page makes proofs, and whoever pastes is told before.
func TestDemoWithProofs(t *testing.T) {
	const said = "they get invalid_dpop_proof. OAuth 1.0 works"
	if banner := serve(t, nil).banner; strings.Contains(banner, said) {
		t.Errorf("proofs are spoken of where none is asked for:\n%s", banner)
	}
	s := serve(t, []string{"TOKEN_BINDING=dpop"})
	out, errors := paste(t, s.banner)
	if !strings.Contains(s.banner, said) || !strings.Contains(out, `"error":"invalid_dpop_proof"`) || !strings.Contains(out, `"protocol":"oauth1"`) {
		t.Errorf("%s\n%s\n%s", s.banner, out, errors)
	}
}
