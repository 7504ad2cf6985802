package seal

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"gatehouse/internal/oauth"
)

// Kind is what a token is for. A token of one kind is never another's.
type Kind string

// The kinds of tokens, as the prefixes by which people and secret scanners
// know them.
const (
	AccessToken  Kind = "gtha_" // OAuth 2 bearer or DPoP access token
	RefreshToken Kind = "gthr_" // OAuth 2 refresh token
	OAuth1Token  Kind = "gth1_" // OAuth 1.0 token credentials, the identifier
)

func (k Kind) purpose() purpose {
	switch k {
	case AccessToken:
		return forAccess
	case RefreshToken:
		return forRefresh
	case OAuth1Token:
		return forOAuth1
	}
	return forNothing
}

// A token is its kind and base64url of: key id (4 bytes), session id (16),
// generation (4), MAC (24). 48 bytes are 64 characters without padding or
// spare bits, so that a token has one spelling only. 192 bits of MAC are above
// the 160 that RFC 6749 §10.10 wants.
const (
	macSize   = 24
	bodySize  = 4 + 16 + 4
	tokenSize = bodySize + macSize
)

// Token is what a token says once its MAC was checked.
type Token struct {
	Kind       Kind
	Key        KeyID
	Session    oauth.SessionID
	Generation uint32
}

// Mint makes the token of kind for a session's generation with the current
// key. The same arguments give the same token.
func (k *Keyring) Mint(kind Kind, session oauth.SessionID, generation uint32) oauth.Secret {
	keys := k.held.Load()
	raw := make([]byte, 0, tokenSize)
	raw = binary.BigEndian.AppendUint32(raw, uint32(keys.current))
	raw = append(raw, session[:]...)
	raw = binary.BigEndian.AppendUint32(raw, generation)
	raw = append(raw, tokenMAC(&keys.keys[keys.current][kind.purpose()], raw)...)
	return oauth.NewSecret(string(kind) + base64.RawURLEncoding.EncodeToString(raw))
}

// Open checks that this keyring made token as one of kind, in constant time,
// and returns what it says. ErrMalformed, ErrUnknownKey or ErrForged
// otherwise. Nothing is read: junk costs nothing.
func (k *Keyring) Open(kind Kind, token string) (Token, error) {
	var raw [tokenSize]byte
	if err := decodeToken(kind, token, &raw); err != nil {
		return Token{}, err
	}
	claim := claimOf(kind, &raw)
	subkey, err := k.subkey(claim.Key, kind.purpose())
	if err != nil {
		return Token{}, err
	}
	if !hmac.Equal(tokenMAC(subkey, raw[:bodySize]), raw[bodySize:]) {
		return Token{}, ErrForged
	}
	return claim, nil
}

// Claim returns what token says without checking its MAC, for people who want to
// know why it does not open: anybody can make one that says the same.
// ErrMalformed where it says nothing.
func Claim(token string) (Token, error) {
	kind, _ := KindOf(token)
	var raw [tokenSize]byte
	if err := decodeToken(kind, token, &raw); err != nil {
		return Token{}, err
	}
	return claimOf(kind, &raw), nil
}

// strict refuses spare bits, so that a token has one spelling only.
var strict = base64.RawURLEncoding.Strict()

func decodeToken(kind Kind, token string, raw *[tokenSize]byte) error {
	text, ok := strings.CutPrefix(token, string(kind))
	if !ok || kind.purpose() == forNothing || len(text) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return fmt.Errorf("%w: %s…", ErrMalformed, kind)
	}
	if n, err := strict.Decode(raw[:], []byte(text)); err != nil || n != tokenSize {
		return fmt.Errorf("%w: %s…", ErrMalformed, kind)
	}
	return nil
}

func claimOf(kind Kind, raw *[tokenSize]byte) Token {
	return Token{kind, KeyID(binary.BigEndian.Uint32(raw[:])), oauth.SessionID(raw[4:20]), binary.BigEndian.Uint32(raw[20:])}
}

// KindOf tells by its prefix what token claims to be.
func KindOf(token string) (Kind, bool) {
	for _, kind := range []Kind{AccessToken, RefreshToken, OAuth1Token} {
		if strings.HasPrefix(token, string(kind)) {
			return kind, true
		}
	}
	return "", false
}

func tokenMAC(key *subkey, body []byte) []byte {
	sum := key.sum(body)
	return sum[:macSize]
}
