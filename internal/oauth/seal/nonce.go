package seal

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
)

// NonceLifetime is how long a DPoP nonce is taken (RFC 9449 §8). Nothing is
// stored: whoever has the keyring knows which ones it made, and when.
const NonceLifetime = 5 * time.Minute

// A nonce is base64url of: key id (4 bytes), when it was made in epoch seconds
// (8), MAC (18). 30 bytes are 40 characters without padding or spare bits.
const (
	nonceMACSize = 18
	nonceBody    = 4 + 8
	nonceSize    = nonceBody + nonceMACSize
)

// Nonce makes the DPoP nonce of now with the current key. It is the same for
// all clients within a second: it proves when a proof was made, and no more.
func (k *Keyring) Nonce(now time.Time) string {
	keys := k.held.Load()
	raw := make([]byte, 0, nonceSize)
	raw = binary.BigEndian.AppendUint32(raw, uint32(keys.current))
	raw = binary.BigEndian.AppendUint64(raw, epoch(now))
	raw = append(raw, nonceMAC(&keys.keys[keys.current][forNonce], raw)...)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// CheckNonce checks that this keyring made nonce less than NonceLifetime before
// now; aging reports that half of that is over, and that the client should have
// a new one. ErrMalformed, ErrUnknownKey, ErrForged or ErrExpired otherwise.
func (k *Keyring) CheckNonce(nonce string, now time.Time) (aging bool, err error) {
	if len(nonce) != base64.RawURLEncoding.EncodedLen(nonceSize) {
		return false, fmt.Errorf("%w: a nonce", ErrMalformed)
	}
	raw, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(raw) != nonceSize {
		return false, fmt.Errorf("%w: a nonce", ErrMalformed)
	}
	subkey, err := k.subkey(KeyID(binary.BigEndian.Uint32(raw)), forNonce)
	if err != nil {
		return false, err
	}
	if !hmac.Equal(nonceMAC(subkey, raw[:nonceBody]), raw[nonceBody:]) {
		return false, ErrForged
	}
	made := time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0) // #nosec G115 -- from epoch, as the MAC tells
	if oauth.Expired(made.Add(NonceLifetime), now) {
		return false, ErrExpired
	}
	return oauth.Expired(made.Add(NonceLifetime/2), now), nil
}

func nonceMAC(key *subkey, body []byte) []byte {
	sum := key.sum(body)
	return sum[:nonceMACSize]
}
