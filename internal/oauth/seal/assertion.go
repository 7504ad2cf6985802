package seal

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"math/big"
	"slices"
)

// AssertionKey signs what this server says to backends. Each key of the
// keyring has its own, always the same.
type AssertionKey struct {
	ID      string // its RFC 7638 thumbprint
	Private *ecdsa.PrivateKey
}

// AssertionKey returns the key of the current one, which signs.
func (k *Keyring) AssertionKey() *AssertionKey {
	held := k.held.Load()
	return held.assertions[held.current]()
}

// AssertionKeys returns those of all keys, in the order of their ids: what was
// signed before a rotation can still be verified.
func (k *Keyring) AssertionKeys() []*AssertionKey {
	held := k.held.Load()
	keys := make([]*AssertionKey, 0, len(held.assertions))
	for _, id := range slices.Sorted(maps.Keys(held.assertions)) {
		keys = append(keys, held.assertions[id]())
	}
	return keys
}

// newAssertionKey derives a P-256 key: 128 bits more than the order has, so
// that what remains of the division is even (FIPS 186-5 A.2.1).
func newAssertionKey(subkey []byte) *AssertionKey {
	const size = 32 + 16
	wide, err := hkdf.Expand(sha256.New, subkey, "P-256", size)
	if err != nil {
		panic(err) // of what is longer than 255 hashes
	}
	one := big.NewInt(1)
	scalar := new(big.Int).Mod(new(big.Int).SetBytes(wide), new(big.Int).Sub(elliptic.P256().Params().N, one))
	scalar.Add(scalar, one)
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar.FillBytes(make([]byte, 32)))
	if err != nil {
		panic(err) // of a scalar that is zero or not below the order
	}
	return &AssertionKey{thumbprint(&private.PublicKey), private}
}

// thumbprint is RFC 7638 §3 of an EC key.
func thumbprint(key *ecdsa.PublicKey) string {
	point, err := key.Bytes() // 4, x, y
	if err != nil {
		panic(err) // of a point that is not on the curve
	}
	encode := base64.RawURLEncoding.EncodeToString
	sum := sha256.Sum256([]byte(`{"crv":"P-256","kty":"EC","x":"` + encode(point[1:33]) + `","y":"` + encode(point[33:]) + `"}`))
	return encode(sum[:])
}
