package dpop

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/internal/oauth"
)

var (
	instant = time.Date(2035, 1, 2, 3, 4, 5, 600_000_000, time.UTC)
	window  = Window{instant, 5 * time.Minute}
)

const accessToken = "gtha_token"

// keys are one of each kind that is supported. RSA ones take long to make.
var keys = sync.OnceValues(func() (map[jose.SignatureAlgorithm]any, error) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	return map[jose.SignatureAlgorithm]any{jose.ES256: ec, jose.EdDSA: ed, jose.RS256: rsaKey, jose.PS256: rsaKey}, err
})

func key(t testing.TB, algorithm jose.SignatureAlgorithm) any {
	t.Helper()
	all, err := keys()
	if err != nil {
		t.Fatal(err)
	}
	return all[algorithm]
}

// object is a JSON object to change before it is signed.
type object map[string]any

// said are the claims of a proof that holds for request().
func said() object {
	return object{"jti": "an id", "htm": "GET", "htu": "https://api.example.com/prod/x", "iat": instant.Unix(), "ath": digest(accessToken)}
}

// with is o with one member more, or another, or one less where value is nil.
func (o object) with(name string, value any) object {
	if value == nil {
		delete(o, name)
	} else {
		o[name] = value
	}
	return o
}

// sign makes a proof of claims, any JSON, by algorithm; head has what differs
// in the JOSE header.
func sign(t testing.TB, algorithm jose.SignatureAlgorithm, claims any, head object) string {
	t.Helper()
	private := key(t, algorithm)
	options := &jose.SignerOptions{EmbedJWK: true, ExtraHeaders: map[jose.HeaderKey]any{jose.HeaderType: proofType}}
	for name, value := range head {
		options.ExtraHeaders[jose.HeaderKey(name)] = value
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: private}, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, ok := claims.(string)
	if !ok {
		text, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		payload = string(text)
	}
	signed, err := signer.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	proof, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return proof
}

// request is one that proofs come with.
func request(proofs ...string) *oauth.Request {
	return &oauth.Request{Method: http.MethodGet, Scheme: "https", Host: "api.example.com", Path: "/prod/x",
		Header: http.Header{http.CanonicalHeaderKey(Header): proofs}}
}

// wantRefused fails the test unless the proof of r is refused with a
// description that has says.
func wantRefused(t *testing.T, name string, r *oauth.Request, says string) {
	t.Helper()
	proof, refusal := ForResource(r, accessToken, window)
	if refusal == nil || proof != (Proof{}) {
		t.Errorf("%s is let through: %+v", name, proof)
		return
	}
	if refusal.Code != oauth.InvalidDPoPProof || refusal.Status != http.StatusUnauthorized || !strings.Contains(refusal.Description, says) {
		t.Errorf("%s: %+v, want invalid_dpop_proof that says %q", name, *refusal, says)
	}
}

// wantAccepted fails the test unless the proof of r holds.
func wantAccepted(t *testing.T, name string, r *oauth.Request) Proof {
	t.Helper()
	proof, refusal := ForResource(r, accessToken, window)
	if refusal != nil {
		t.Errorf("%s: %+v, want it to hold", name, *refusal)
	}
	return proof
}
