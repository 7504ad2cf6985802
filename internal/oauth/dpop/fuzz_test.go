package dpop

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/internal/oauth"
)

// FuzzProof holds that nothing but a proof of a key is one: what is accepted
// says in plain JSON what it was accepted for, and names a key's thumbprint. Its
// seeds are the published proofs, and one of each algorithm.
func FuzzProof(f *testing.F) {
	for _, vector := range published() {
		f.Add(vector.proof, vector.method, vector.host, vector.path, vector.want.IssuedAt.Unix())
	}
	for _, algorithm := range []jose.SignatureAlgorithm{jose.ES256, jose.EdDSA, jose.RS256, jose.PS256} {
		f.Add(sign(f, algorithm, said(), nil), "GET", "api.example.com", "/prod/x", instant.Unix())
	}
	f.Add(ed25519Proof(f), "GET", "api.example.com", "/prod/x", instant.Unix())
	f.Add("e30.e30.", "", "", "", int64(0))
	f.Fuzz(func(t *testing.T, header, method, host, path string, now int64) {
		r := request(header)
		r.Method, r.Host, r.Path = method, host, path
		proof, refusal := ForTokens(r, Window{time.Unix(now, 0), time.Minute})
		if refusal != nil {
			if proof != (Proof{}) || refusal.Code != oauth.InvalidDPoPProof {
				t.Errorf("%+v, %+v", proof, refusal)
			}
			return
		}
		var payload struct{ JTI, HTM, HTU string }
		parts := strings.Split(header, ".")
		text, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err != nil || json.Unmarshal(text, &payload) != nil || payload.HTM != method || payload.JTI != proof.ID {
			t.Errorf("%q is accepted as %+v", header, proof)
		}
		if _, err := jose.ParseSignedCompact(header, allowed()); err != nil || len(proof.Thumbprint) != 43 {
			t.Errorf("%q is accepted as %+v, %v", header, proof, err)
		}
	})
}

// FuzzURI holds that a normal URI stays as it is, and has no query.
func FuzzURI(f *testing.F) {
	for _, uri := range []string{"https://api.example.com/a/%2e%2E/x?y#z", "HTTP://H:80", "://", "a://b/../..//./%zz%", "\xff://\xff/\xff"} {
		f.Add(uri)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		once := normal(uri)
		if normal(once) != once || strings.ContainsAny(once, "?#") {
			t.Errorf("%q is %q and then %q", uri, once, normal(once))
		}
	})
}
