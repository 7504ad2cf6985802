package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"gatehouse/internal/oauth"
)

// A sealed value is base64url of: key id (4 bytes), expiry in epoch seconds
// (8, zero: never), then nonce, ciphertext and tag of AES-256-GCM.
const boxHeader = 4 + 8

// Seal encrypts plain with the current key, to be opened only for the same
// purpose and before expires; the zero time never ends.
func (k *Keyring) Seal(purpose string, plain []byte, expires time.Time) (string, error) {
	current := k.Current()
	aead, err := k.aead(current)
	if err != nil {
		return "", err
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(current))
	header = binary.BigEndian.AppendUint64(header, epoch(expires))
	box := aead.Seal(header, nil, plain, additional(purpose, header)) // #nosec G407 -- this AEAD makes its own random nonce and takes none
	return base64.RawURLEncoding.EncodeToString(box), nil
}

// Unseal opens what Seal closed for purpose. ErrMalformed, ErrUnknownKey,
// ErrForged for another purpose or another maker, or ErrExpired at now.
func (k *Keyring) Unseal(purpose, sealed string, now time.Time) ([]byte, error) {
	box, err := decodeBox(sealed)
	if err != nil {
		return nil, err
	}
	header := box[:boxHeader]
	aead, err := k.aead(keyOfBox(box))
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, box[boxHeader:], additional(purpose, header))
	if err != nil {
		return nil, ErrForged
	}
	if expires := binary.BigEndian.Uint64(header[4:]); expires != 0 && oauth.Expired(time.Unix(int64(expires), 0), now) { // #nosec G115 -- what Seal wrote of an int64
		return nil, ErrExpired
	}
	return plain, nil
}

// decodeBox decodes a sealed value, which may be anybody's, or ErrMalformed.
func decodeBox(sealed string) ([]byte, error) {
	box, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	onlyText := base64.RawURLEncoding.EncodedLen(len(box)) == len(sealed) // the decoder passes over line breaks
	if err != nil || !onlyText || len(box) < boxHeader {
		return nil, fmt.Errorf("%w: a sealed value", ErrMalformed)
	}
	return box, nil
}

func keyOfBox(box []byte) KeyID { return KeyID(binary.BigEndian.Uint32(box)) }

func (k *Keyring) aead(id KeyID) (cipher.AEAD, error) {
	subkey, err := k.subkey(id, forBox)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(subkey.bytes)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func additional(purpose string, header []byte) []byte {
	return append(append([]byte(nil), header...), purpose...)
}

// epoch takes the second that would say never for the one before it: what is to
// end must end.
func epoch(t time.Time) uint64 {
	switch {
	case t.IsZero():
		return 0
	case t.Unix() == 0:
		return math.MaxUint64 // -1
	}
	return uint64(t.Unix()) // #nosec G115 -- read as an int64 again
}
