package dpop

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/internal/oauth"
)

// proofType keeps other JWTs of the same key from being taken for proofs
// (RFC 8725 §3.11).
const proofType = "dpop+jwt"

// ed25519Alone is what RFC 9864 §2.2 calls EdDSA with such a key. Clients send
// either name, and go-jose knows the older one.
const ed25519Alone jose.SignatureAlgorithm = "Ed25519"

func allowed() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.ES256, ed25519Alone, jose.EdDSA, jose.RS256, jose.PS256}
}

// Algorithms are the names of the signatures that proofs may have, for metadata
// and challenges (RFC 9449 §5.1, §7.1).
func Algorithms() []string {
	var names []string
	for _, algorithm := range allowed() {
		names = append(names, string(algorithm))
	}
	return names
}

// open returns what a proof says, and the thumbprint of the key that signed it.
func open(header string) (payload []byte, thumbprint string, refusal *oauth.Error) {
	if strings.ContainsAny(header, "\r\n") { // the decoders of base64 pass over them
		return nil, "", invalid("the DPoP header is not one compact JWS")
	}
	signed, err := jose.ParseSignedCompact(header, allowed())
	var other *jose.ErrUnexpectedSignatureAlgorithm
	switch {
	case errors.As(err, &other):
		return nil, "", invalid("alg is one of " + strings.Join(Algorithms(), ", "))
	case err != nil:
		return nil, "", invalid("the DPoP header is not one compact JWS whose jwk is a valid public key and nothing of a private one")
	}
	head := signed.Signatures[0].Protected
	if refusal := headRefusal(&head); refusal != nil {
		return nil, "", refusal
	}
	payload, ok := verify(header, signed, &head)
	if !ok {
		return nil, "", invalid("the signature does not verify with the jwk")
	}
	sum, err := head.JSONWebKey.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, "", invalid("the jwk has no thumbprint")
	}
	return payload, base64.RawURLEncoding.EncodeToString(sum), nil
}

// verify returns the payload where the signature of header, which is signed as it
// was sent, holds.
func verify(header string, signed *jose.JSONWebSignature, head *jose.Header) (payload []byte, ok bool) {
	key, _ := head.JSONWebKey.Key.(ed25519.PublicKey)
	if head.Algorithm == string(ed25519Alone) {
		input := header[:strings.LastIndexByte(header, '.')]
		return signed.UnsafePayloadWithoutVerification(), ed25519.Verify(key, []byte(input), signed.Signatures[0].Signature)
	}
	payload, err := signed.Verify(head.JSONWebKey.Key)
	return payload, err == nil
}

// headRefusal comes before the signature is computed, so that no key makes that
// dear.
func headRefusal(head *jose.Header) *oauth.Error {
	_, critical := head.ExtraHeaders["crit"]
	_, encoded := head.ExtraHeaders["b64"]
	switch {
	case head.ExtraHeaders[jose.HeaderType] != proofType:
		return invalid("typ is " + proofType)
	case head.JSONWebKey == nil:
		return invalid("jwk is missing")
	case critical || encoded: // RFC 7515 §4.1.11, RFC 7797
		return invalid("crit and b64 are not supported")
	case !slices.Contains(fitting(head.JSONWebKey.Key), jose.SignatureAlgorithm(head.Algorithm)):
		return invalid("alg does not fit the jwk: ES256 is for P-256, Ed25519 and EdDSA for Ed25519, RS256 and PS256 for RSA of 2048 to 4096 bits with an exponent of 65537 or more")
	}
	return nil
}

// fitting are the algorithms that a key may be used with: the one that is named
// beside it decides nothing (RFC 8725 §3.1). Exponents are as FIPS 186-5 §5.4
// has them, as far as crypto/rsa goes.
func fitting(key any) []jose.SignatureAlgorithm {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return []jose.SignatureAlgorithm{jose.ES256}
		}
	case ed25519.PublicKey:
		return []jose.SignatureAlgorithm{ed25519Alone, jose.EdDSA}
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); 2048 <= bits && bits <= 4096 && 65537 <= key.E && key.E < 1<<31 {
			return []jose.SignatureAlgorithm{jose.RS256, jose.PS256}
		}
	}
	return nil
}
