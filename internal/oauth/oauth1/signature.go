package oauth1

import (
	"crypto"
	"crypto/rsa"
	_ "crypto/sha1" // #nosec G505 -- HMAC-SHA1 and RSA-SHA1 of RFC 5849 §3.4
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/mac"
)

// Key is what a caller's signature is checked against: the shared secrets, or
// the client's public key for the RSA methods.
type Key struct {
	ClientSecret oauth.Secret
	TokenSecret  oauth.Secret
	RSAPublicKey string // PEM, as registered

	hash crypto.Hash // of hmac; zero: there is none
	hmac **mac.Key   // worth as much as the secrets: behind two pointers, since fmt may follow one
}

// Prepared returns the key for many signatures by method: it keeps the state of
// the HMAC, which each Verify goes on from. Signatures by other methods it verifies
// as before. The secrets may not be changed from then on.
func (k Key) Prepared(method oauth.SignatureMethod) Key {
	hash, isRSA, err := hashOf(method)
	if err != nil || isRSA {
		return k
	}
	made := k.hmacOf(hash)
	state := &made
	k.hash, k.hmac = hash, &state
	return k
}

// hmacOf is what the HMAC methods sign with (RFC 5849 §3.4.2).
func (k *Key) hmacOf(hash crypto.Hash) mac.Key {
	return mac.NewKey(hash, appendSecretPair(make([]byte, 0, secretsRoom), k.ClientSecret, k.TokenSecret))
}

// serves reports whether the key holds what method is checked against. The
// empty secret that RFC 5849 §3.4.2 can sign with proves nothing.
func (k *Key) serves(method oauth.SignatureMethod) bool {
	if _, isRSA, _ := hashOf(method); isRSA {
		return k.RSAPublicKey != ""
	}
	return !k.ClientSecret.Empty()
}

// ErrMethod means that a signature method is not known.
var ErrMethod = errors.New("oauth1: unknown signature method")

// hashOf returns the hash of a method and whether it is an RSA method.
func hashOf(method oauth.SignatureMethod) (hash crypto.Hash, isRSA bool, err error) {
	switch method {
	case oauth.HMACSHA1:
		return crypto.SHA1, false, nil
	case oauth.HMACSHA256:
		return crypto.SHA256, false, nil
	case oauth.HMACSHA512:
		return crypto.SHA512, false, nil
	case oauth.RSASHA1:
		return crypto.SHA1, true, nil
	case oauth.RSASHA256:
		return crypto.SHA256, true, nil
	case oauth.RSASHA512:
		return crypto.SHA512, true, nil
	}
	return 0, false, fmt.Errorf("%w: %q", ErrMethod, method)
}

// Verify reports whether the request was signed with key, comparing in
// constant time and the encoded forms, of which each signature has one.
func (s *Signed) Verify(key Key) bool {
	if s.Method == oauth.Plaintext {
		return equal(secretPair(key.ClientSecret, key.TokenSecret), s.Signature)
	}
	hash, isRSA, err := hashOf(s.Method)
	if err != nil {
		return false
	}
	if isRSA {
		return verifyRSA(hash, key.RSAPublicKey, s.appendBase(nil), s.Signature)
	}
	base := s.appendBase(make([]byte, 0, baseRoom))
	return equal(key.appendHMAC(make([]byte, 0, signatureRoom), hash, base), s.Signature)
}

func equal(want []byte, got string) bool {
	return subtle.ConstantTimeCompare(want, []byte(got)) == 1
}

// secretPair is the key of the HMAC methods and the whole of PLAINTEXT
// (RFC 5849 §3.4.2, §3.4.4).
func secretPair(client, token oauth.Secret) []byte { return appendSecretPair(nil, client, token) }

func appendSecretPair(out []byte, client, token oauth.Secret) []byte {
	out = append(appendEscaped(out, client.Reveal(), "%"), '&')
	return appendEscaped(out, token.Reveal(), "%")
}

// Room for a base64 signature and for the secrets of most callers, which are so
// not allocated.
const (
	sumRoom       = 64
	signatureRoom = 88
	secretsRoom   = 256
)

// appendHMAC appends the signature of base (RFC 5849 §3.4.2).
func (k *Key) appendHMAC(out []byte, hash crypto.Hash, base []byte) []byte {
	if k.hash == hash {
		return base64.StdEncoding.AppendEncode(out, (*k.hmac).Append(make([]byte, 0, sumRoom), base))
	}
	made := k.hmacOf(hash)
	return base64.StdEncoding.AppendEncode(out, made.Append(make([]byte, 0, sumRoom), base))
}

// RFC 5849 §3.4.3
func verifyRSA(hash crypto.Hash, publicKey string, base []byte, signature string) bool {
	key, err := ParseRSAPublicKey(publicKey)
	if err != nil {
		return false
	}
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil || base64.StdEncoding.EncodeToString(raw) != signature {
		return false
	}
	return rsa.VerifyPKCS1v15(key, hash, digest(hash, base), raw) == nil
}

func digest(hash crypto.Hash, text []byte) []byte {
	h := hash.New()
	h.Write(text)
	return h.Sum(nil)
}

// ParseRSAPublicKey reads a client's public key: PEM of a PKIX or PKCS #1
// public key or of a certificate, at least 1024 bits.
func ParseRSAPublicKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("oauth1: the RSA public key is not PEM")
	}
	key, err := parsePublicKey(block)
	if err != nil {
		return nil, fmt.Errorf("oauth1: the RSA public key: %w", err)
	}
	if key.N.BitLen() < 1024 {
		return nil, errors.New("oauth1: the RSA public key has fewer than 1024 bits")
	}
	return key, nil
}

func parsePublicKey(block *pem.Block) (*rsa.PublicKey, error) {
	var key any
	var err error
	switch block.Type {
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = certificate.PublicKey
		}
	default:
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	}
	if err != nil {
		return nil, err
	}
	if rsaKey, ok := key.(*rsa.PublicKey); ok {
		return rsaKey, nil
	}
	return nil, errors.New("is of another algorithm")
}

// Signer makes signatures, as a client does.
type Signer struct {
	Method        oauth.SignatureMethod
	ClientSecret  oauth.Secret
	TokenSecret   oauth.Secret
	RSAPrivateKey *rsa.PrivateKey // for the RSA methods
}

// Sign returns the oauth_signature of a request to uri, a base string URI,
// with all its parameters. ErrMethod for an unknown method.
func (s Signer) Sign(method, uri string, params oauth.Params) (string, error) {
	if s.Method == oauth.Plaintext {
		return string(secretPair(s.ClientSecret, s.TokenSecret)), nil
	}
	hash, isRSA, err := hashOf(s.Method)
	if err != nil {
		return "", err
	}
	var signed normalized
	for _, param := range params {
		signed = signed.add(param.Name, param.Value)
	}
	scheme, rest, _ := strings.Cut(uri, "://")
	base := appendBaseString(nil, method, scheme, rest, "", signed)
	if !isRSA {
		key := Key{ClientSecret: s.ClientSecret, TokenSecret: s.TokenSecret}
		return string(key.appendHMAC(nil, hash, base)), nil
	}
	if s.RSAPrivateKey == nil {
		return "", errors.New("oauth1: the RSA methods need a private key")
	}
	raw, err := rsa.SignPKCS1v15(nil, s.RSAPrivateKey, hash, digest(hash, base))
	if err != nil {
		return "", fmt.Errorf("oauth1: sign: %w", err)
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}
