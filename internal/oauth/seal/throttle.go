package seal

import (
	"encoding/base64"

	"gatehouse/internal/oauth/mac"
)

// ThrottleKey returns the key of a counter about text, such as an address: who
// reads the table can't try out which it is. Counters begin again when the
// current key changes.
func (k *Keyring) ThrottleKey(text string) string {
	keys := k.held.Load()
	sum := mac.SHA256(keys.keys[keys.current][forThrottle], []byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
