package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gatehouse/internal/oauth"
)

// The prefixes by which people and secret scanners know sealed values that
// travel as credentials.
const (
	codePrefix      = "gthc_" // authorization code (RFC 6749 §1.3.1)
	temporaryPrefix = "gtht_" // OAuth 1.0 temporary credentials, the identifier
	verifierPrefix  = "gthv_" // oauth_verifier (RFC 5849 §2.2)
)

// How long sealed credentials last: whoever spends one remembers it as long.
const (
	CodeLifetime      = time.Minute // RFC 6749 §4.1.2 wants ten minutes at most
	VerifierLifetime  = 10 * time.Minute
	TemporaryLifetime = 30 * time.Minute
)

// Code is what an authorization code stands for: what a user granted to a
// client (RFC 6749 §4.1).
type Code struct {
	Client    string   `json:"c"`
	Redirect  string   `json:"r"`           // where the code was sent
	Named     bool     `json:"m,omitempty"` // the client named Redirect, and must name it again (§4.1.3)
	Scope     []string `json:"s,omitempty"`
	User      string   `json:"u"`
	UserName  string   `json:"n"`
	Challenge string   `json:"k,omitempty"` // S256 code_challenge (RFC 7636 §4.2); empty: none
	Key       string   `json:"j,omitempty"` // dpop_jkt (RFC 9449 §10); empty: none
}

// SealCode makes an authorization code that ends at expires.
func (k *Keyring) SealCode(code Code, expires time.Time) (oauth.Secret, error) {
	return k.sealValue(codePrefix, codePrefix, code, expires)
}

// OpenCode returns what presented stands for and the id of the session that
// it makes, the same each time. Errors are those of Unseal.
func (k *Keyring) OpenCode(presented string, now time.Time) (Code, oauth.SessionID, error) {
	var code Code
	if err := k.openValue(codePrefix, codePrefix, presented, now, &code); err != nil {
		return Code{}, oauth.SessionID{}, err
	}
	mac, err := k.macOfValue(forCodeSession, codePrefix, presented)
	if err != nil {
		return Code{}, oauth.SessionID{}, err
	}
	return code, oauth.SessionID(mac[:16]), nil
}

// CodeEnd returns when a code that was opened ends, in whole seconds.
func CodeEnd(opened string) time.Time {
	return time.Unix(int64(binary.BigEndian.Uint64(headOfValue(codePrefix, opened)[4:])), 0).UTC() // #nosec G115 -- what Seal wrote of an int64
}

// SpendKey names a sealed value where it is spent. It tells nothing of it.
func SpendKey(sealed string) oauth.SpendKey {
	return oauth.SpendKey{Kind: oauth.SpentSealed, Sum: sha256.Sum256([]byte(sealed))}
}

// sealValue is value as JSON, sealed for purpose, behind its prefix.
func (k *Keyring) sealValue(prefix, purpose string, value any, expires time.Time) (oauth.Secret, error) {
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false) // an & would be six bytes, in what goes into a URL
	if err := encoder.Encode(value); err != nil {
		return oauth.Secret{}, fmt.Errorf("seal: %w", err)
	}
	sealed, err := k.Seal(purpose, plain.Bytes(), expires)
	if err != nil {
		return oauth.Secret{}, err
	}
	return oauth.NewSecret(prefix + sealed), nil
}

// openValue is the inverse of sealValue.
func (k *Keyring) openValue(prefix, purpose, presented string, now time.Time, value any) error {
	sealed, ok := strings.CutPrefix(presented, prefix)
	if !ok {
		return fmt.Errorf("%w: %s…", ErrMalformed, prefix)
	}
	plain, err := k.Unseal(purpose, sealed, now)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, value); err != nil {
		return fmt.Errorf("%w: %s…", ErrMalformed, prefix)
	}
	return nil
}

// macOfValue authenticates a sealed value that was opened, with the subkey p
// of the key that sealed it: the current key may be another by now.
func (k *Keyring) macOfValue(p purpose, prefix, presented string) ([]byte, error) {
	subkey, err := k.subkey(KeyID(binary.BigEndian.Uint32(headOfValue(prefix, presented))), p)
	if err != nil {
		return nil, err
	}
	sum := subkey.sum([]byte(presented))
	return sum[:], nil
}

// headOfValue is the header of a sealed value that was opened, which is known
// to be base64url by then.
func headOfValue(prefix, presented string) []byte {
	head, _ := base64.RawURLEncoding.DecodeString(presented[len(prefix):][:boxHeader/3*4])
	return head
}
