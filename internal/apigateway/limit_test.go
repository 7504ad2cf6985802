package apigateway

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"gatehouse/internal/oauth"
)

// BenchmarkLimit does only what no authorizer can do without: it decodes the
// event of BenchmarkRESTAuthorizer and encodes a policy.
func BenchmarkLimit(b *testing.B) {
	payload, err := os.ReadFile(filepath.Join("testdata", "rest-authorizer.json"))
	if err != nil {
		b.Fatal(err)
	}
	session := oauth.Session{Protocol: oauth.OAuth2, Client: "mobile", User: "u-alice", UserName: "alice", Scope: []string{"read", "write"}}
	answer := newPolicy("u-alice", "Allow", "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/*/*", newCallerContext(&session))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeAuthorizer(payload); err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(answer); err != nil {
			b.Fatal(err)
		}
	}
}
