package seal

import (
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/mac"
)

// WebhookSecret is what an operator's webhook verifies Gatehouse's questions
// with, of one key. ErrUnknownKey when the keyring does not have it.
func (k *Keyring) WebhookSecret(id KeyID) (oauth.Secret, error) {
	subkey, err := k.subkey(id, forWebhook)
	if err != nil {
		return oauth.Secret{}, err
	}
	return oauth.NewSecret(webhookSecret(subkey.bytes)), nil
}

// SignForWebhook is the HMAC-SHA-256 of message in hexadecimal, by the secret of
// each key: "1=…,2=…". A webhook that knows one of the secrets can verify it, so
// that keys may be rotated before and after it has learnt the new one.
func (k *Keyring) SignForWebhook(message []byte) string {
	held := k.held.Load()
	signatures := make([]string, 0, len(held.keys))
	for _, id := range slices.Sorted(maps.Keys(held.keys)) {
		key := mac.NewKey(crypto.SHA256, []byte(webhookSecret(held.keys[id][forWebhook].bytes)))
		signatures = append(signatures, id.String()+"="+hex.EncodeToString(key.Append(nil, message)))
	}
	return strings.Join(signatures, ",")
}

// webhookSecret is text, which is easier to hand over than bytes.
func webhookSecret(subkey []byte) string { return base64.RawURLEncoding.EncodeToString(subkey) }
