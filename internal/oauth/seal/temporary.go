package seal

import (
	"encoding/base64"
	"time"

	"gatehouse/internal/oauth"
)

// Temporary is what OAuth 1.0 temporary credentials stand for (RFC 5849 §2.1).
type Temporary struct {
	Client   string `json:"c"`
	Callback string `json:"b"` // a redirect URI of the client, or oauth.OutOfBand
}

// SealTemporary makes temporary credentials that end at expires: identifier
// and shared secret.
func (k *Keyring) SealTemporary(t Temporary, expires time.Time) (identifier, secret oauth.Secret, err error) {
	identifier, err = k.sealValue(temporaryPrefix, temporaryPrefix, t, expires)
	if err != nil {
		return oauth.Secret{}, oauth.Secret{}, err
	}
	secret, err = k.temporarySecret(identifier.Reveal())
	return identifier, secret, err
}

// OpenTemporary returns what an identifier stands for, and its shared secret.
// Errors are those of Unseal.
func (k *Keyring) OpenTemporary(identifier string, now time.Time) (t Temporary, secret oauth.Secret, err error) {
	if err := k.openValue(temporaryPrefix, temporaryPrefix, identifier, now, &t); err != nil {
		return Temporary{}, oauth.Secret{}, err
	}
	secret, err = k.temporarySecret(identifier)
	return t, secret, err
}

func (k *Keyring) temporarySecret(identifier string) (oauth.Secret, error) {
	mac, err := k.macOfValue(forTemporarySecret, temporaryPrefix, identifier)
	return oauth.NewSecret(base64.RawURLEncoding.EncodeToString(mac)), err
}

// Verifier says who authorized temporary credentials (RFC 5849 §2.2), and for
// what.
type Verifier struct {
	User     string   `json:"u"`
	UserName string   `json:"n"`
	Scope    []string `json:"s,omitempty"`
}

// SealVerifier makes the verifier of the temporary credentials called
// identifier. It is good for no others.
func (k *Keyring) SealVerifier(identifier string, v Verifier, expires time.Time) (oauth.Secret, error) {
	return k.sealValue(verifierPrefix, verifierPrefix+identifier, v, expires)
}

// OpenVerifier returns what the verifier of the temporary credentials called
// identifier says. Errors are those of Unseal; ErrForged for the verifier of
// others.
func (k *Keyring) OpenVerifier(identifier, presented string, now time.Time) (v Verifier, err error) {
	err = k.openValue(verifierPrefix, verifierPrefix+identifier, presented, now, &v)
	return v, err
}
