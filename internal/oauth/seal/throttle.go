package seal

import (
	"encoding/base64"
)

// ThrottleKey returns the key of a counter about text, such as an address: who
// reads the table can't try out which it is. Counters begin again when the
// current key changes.
func (k *Keyring) ThrottleKey(text string) string {
	keys := k.held.Load()
	sum := keys.keys[keys.current][forThrottle].sum([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
