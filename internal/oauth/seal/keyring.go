// Package seal makes everything secret out of one keyring: tokens that prove
// themselves, secrets that are derived instead of stored, and sealed values.
//
// It is pure: no clock, no store, no network.
package seal

import (
	"crypto"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/internal/oauth/mac"
)

// KeyID names a key of the keyring. It is public: part of every token.
type KeyID uint32

// String is the id as the keyring has it.
func (id KeyID) String() string { return strconv.FormatUint(uint64(id), 10) }

// ParseKeyID reads an id as the keyring has it.
func ParseKeyID(s string) (KeyID, error) {
	id, err := strconv.ParseUint(s, 10, 32)
	if err != nil || id == 0 || KeyID(id).String() != s {
		return 0, errors.New("seal: not a key id, a number from 1 to 4294967295")
	}
	return KeyID(id), nil
}

// MinKeyLength is the fewest characters a key's text may have. CloudFormation
// makes 64 of [0-9A-Za-z], which is 381 bits.
const MinKeyLength = 32

// The sentinels of this package.
var (
	ErrUnknownKey = errors.New("seal: made with a key that the keyring does not have")
	ErrForged     = errors.New("seal: not made by this keyring")
	ErrMalformed  = errors.New("seal: not in the format of its kind")
	ErrExpired    = errors.New("seal: expired")
)

// purpose separates the subkeys: what was made for one is nothing for another.
type purpose int

const (
	forNothing purpose = iota // has no key
	forAccess
	forRefresh
	forOAuth1
	forTokenSecret
	forClientSecret
	forBox
	forCodeSession
	forTemporarySecret
	forAssertion
	forBinding
	forNonce
	forWebhook
	forThrottle
	purposes // how many there are
)

// String is what the subkey is derived by.
func (p purpose) String() string {
	return [purposes]string{ // #nosec G101 -- names
		forAccess:          "access token",
		forRefresh:         "refresh token",
		forOAuth1:          "oauth1 token",
		forTokenSecret:     "oauth1 token secret",
		forClientSecret:    "client secret",
		forBox:             "sealed value",
		forCodeSession:     "session of an authorization code",
		forTemporarySecret: "oauth1 temporary credential secret",
		forAssertion:       "assertion to a backend",
		forBinding:         "binding of a session",
		forNonce:           "dpop nonce",
		forWebhook:         "question to a webhook",
		forThrottle:        "key of a counter of tries",
	}[p]
}

// subkey is the key of one purpose.
type subkey struct {
	bytes []byte
	mac   mac.Key
}

// sum is the HMAC-SHA256 of message.
func (s *subkey) sum(message []byte) (sum [sha256.Size]byte) {
	s.mac.Append(sum[:0], message)
	return sum
}

// Keyring holds every key that is honoured; the current one makes new tokens
// and secrets. It is safe for concurrent use.
type Keyring struct{ held atomic.Pointer[ring] }

type ring struct {
	current    KeyID
	next       KeyID // is the current one from nextFrom on; zero: none
	nextFrom   time.Time
	keys       map[KeyID]*[purposes]subkey
	assertions map[KeyID]func() *AssertionKey // made when first needed
}

// Replace makes k hold the keys of newer instead of its own, for everybody who
// uses it.
func (k *Keyring) Replace(newer *Keyring) { k.held.Store(newer.held.Load()) }

// Ring stands for what a Keyring holds at a time, to be compared. What was derived
// from one is of no use with another.
type Ring struct{ held *ring }

// Ring returns what k holds now.
func (k *Keyring) Ring() Ring { return Ring{k.held.Load()} }

// ParseKeyring reads {"current":"2","1":"…","2":"…"}: the text of each key by
// its id, a number from 1 to 4294967295. With "next":"3" and "next_from", epoch
// seconds, beside them key 3 takes over then; see Activate. Errors name the
// field at fault and never show a key.
func ParseKeyring(text []byte) (*Keyring, error) {
	fields, err := readFields(text)
	if err != nil {
		return nil, err
	}
	ring := &ring{keys: map[KeyID]*[purposes]subkey{}, assertions: map[KeyID]func() *AssertionKey{}}
	owners := map[string]string{}
	for name, value := range fields {
		if isMark(name) {
			continue
		}
		if err := ring.add(name, value); err != nil {
			return nil, err
		}
		if other, taken := owners[value]; taken {
			return nil, fmt.Errorf("seal: keys %s and %s of the keyring are the same", min(name, other), max(name, other))
		}
		owners[value] = name
	}
	current, err := ParseKeyID(fields[markCurrent])
	if err != nil || ring.keys[current] == nil {
		return nil, errors.New(`seal: field "current" of the keyring does not name one of its keys`)
	}
	ring.current = current
	if err := ring.readNext(fields); err != nil {
		return nil, err
	}
	keyring := &Keyring{}
	keyring.held.Store(ring)
	return keyring, nil
}

func (r *ring) add(name, text string) error {
	id, err := ParseKeyID(name)
	switch {
	case err != nil && len(name) >= MinKeyLength: // id and key the wrong way round
		return errors.New("seal: a field of the keyring has a name as long as a key; the name is the key's id")
	case err != nil:
		return fmt.Errorf("seal: field %q of the keyring is not a key id, a number from 1 to 4294967295", name)
	}
	if len(text) < MinKeyLength {
		return fmt.Errorf("seal: key %d of the keyring is shorter than %d characters", id, MinKeyLength)
	}
	extracted, err := hkdf.Extract(sha256.New, []byte(text), nil)
	if err != nil {
		return fmt.Errorf("seal: derive the subkeys of key %d: %w", id, err)
	}
	subkeys := &[purposes]subkey{}
	for p := forNothing + 1; p < purposes; p++ {
		bytes, err := hkdf.Expand(sha256.New, extracted, "gatehouse "+p.String(), sha256.Size)
		if err != nil {
			return fmt.Errorf("seal: derive a subkey of key %d: %w", id, err)
		}
		subkeys[p] = subkey{bytes, mac.NewKey(crypto.SHA256, bytes)}
	}
	r.keys[id] = subkeys
	r.assertions[id] = sync.OnceValue(func() *AssertionKey { return newAssertionKey(subkeys[forAssertion].bytes) })
	return nil
}

// Current returns the id of the key that makes new tokens and secrets.
func (k *Keyring) Current() KeyID { return k.held.Load().current }

// subkey returns the key of one purpose, or ErrUnknownKey.
func (k *Keyring) subkey(id KeyID, p purpose) (*subkey, error) {
	subkeys, ok := k.held.Load().keys[id]
	if !ok {
		return nil, fmt.Errorf("%w: %d", ErrUnknownKey, id)
	}
	return &subkeys[p], nil
}
