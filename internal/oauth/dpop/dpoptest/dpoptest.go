// Package dpoptest is a client's side of DPoP (RFC 9449 §4.2) for the tests of
// several packages, made of the standard library alone.
package dpoptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// Key is a client's key, of P-256.
type Key struct {
	private *ecdsa.PrivateKey
	jwk     string // members in the order of RFC 7638 §3.2
}

// NewKey makes a key.
func NewKey(t testing.TB) *Key {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := private.PublicKey.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	return &Key{private, fmt.Sprintf(`{"crv":"P-256","kty":"EC","x":%q,"y":%q}`, encode(point[1:33]), encode(point[33:]))}
}

// Thumbprint is RFC 7638's of the key.
func (k *Key) Thumbprint() string { return digest(k.jwk) }

// Claims are what a proof says. ID is random where it is empty; Token and Nonce
// are left out where they are.
type Claims struct {
	ID, Method, URI string
	IssuedAt        time.Time
	Token           string // whose hash is ath
	Nonce           string
}

// Proof signs a proof by ES256.
func (k *Key) Proof(t testing.TB, c Claims) string {
	t.Helper()
	if c.ID == "" {
		c.ID = rand.Text()
	}
	said := map[string]any{"jti": c.ID, "htm": c.Method, "htu": c.URI, "iat": c.IssuedAt.Unix()}
	if c.Token != "" {
		said["ath"] = digest(c.Token)
	}
	if c.Nonce != "" {
		said["nonce"] = c.Nonce
	}
	claims, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	input := encode([]byte(`{"typ":"dpop+jwt","alg":"ES256","jwk":`+k.jwk+`}`)) + "." + encode(claims)
	sum := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return input + "." + encode(signature)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return encode(sum[:])
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
