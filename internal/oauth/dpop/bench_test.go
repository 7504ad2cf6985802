package dpop

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/internal/oauth"
)

// BenchmarkForResource is what a proof costs of the processor, and what the
// dearest junk does.
func BenchmarkForResource(b *testing.B) {
	large, err := rsa.GenerateKey(rand.Reader, 4096)
	if err != nil {
		b.Fatal(err)
	}
	dear := object{"typ": proofType, "alg": "RS256", "jwk": members(b, &large.PublicKey)}
	junk := map[string]string{
		"RS256 of 4096 bits, forged": forge(b, dear, func(string) []byte { return make([]byte, 512) }),
		"junk of 8 KiB":              strings.Repeat("e", oauth.MaxHeader-2) + "..",
	}
	proofs := maps.Clone(junk)
	for _, algorithm := range []jose.SignatureAlgorithm{jose.ES256, jose.EdDSA, jose.RS256, jose.PS256} {
		proofs[string(algorithm)] = sign(b, algorithm, said(), nil)
	}
	for name, proof := range proofs {
		r := request(proof)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, refusal := ForResource(r, accessToken, window); (refusal != nil) != (junk[name] != "") {
					b.Fatalf("%+v", refusal)
				}
			}
		})
	}
}
