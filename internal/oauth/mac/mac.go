// Package mac is HMAC (RFC 2104 §2) on the stack. What crypto/hmac keeps for
// messages to come is seven allocations and half the time where a key is met once
// in a request; a Key keeps less, for one that is met in each. The functions are
// alike, and not one for any hash.Hash, which would not stay on the stack.
package mac

import (
	"crypto/sha1" // #nosec G505 -- HMAC-SHA1 of RFC 5849 §3.4.2
	"crypto/sha256"
	"crypto/sha512"
	"encoding"
)

const (
	inner = 0x36
	outer = 0x5c
)

// SHA1 is HMAC-SHA1 of message by key.
func SHA1(key, message []byte) (sum [sha1.Size]byte) {
	var room [sha1.BlockSize]byte
	if len(key) > sha1.BlockSize {
		short := sha1.Sum(key) // #nosec G401 -- as above
		key = short[:]
	}
	h := sha1.New() // #nosec G401 -- as above
	h.Write(block(room[:], key, inner))
	h.Write(message)
	h.Sum(sum[:0])
	h.Reset()
	h.Write(block(room[:], key, outer))
	h.Write(sum[:])
	h.Sum(sum[:0])
	return sum
}

// SHA256 is HMAC-SHA256 of message by key.
func SHA256(key, message []byte) (sum [sha256.Size]byte) {
	var room [sha256.BlockSize]byte
	if len(key) > sha256.BlockSize {
		short := sha256.Sum256(key)
		key = short[:]
	}
	h := sha256.New()
	h.Write(block(room[:], key, inner))
	h.Write(message)
	h.Sum(sum[:0])
	h.Reset()
	h.Write(block(room[:], key, outer))
	h.Write(sum[:])
	h.Sum(sum[:0])
	return sum
}

// SHA512 is HMAC-SHA512 of message by key.
func SHA512(key, message []byte) (sum [sha512.Size]byte) {
	var room [sha512.BlockSize]byte
	if len(key) > sha512.BlockSize {
		short := sha512.Sum512(key)
		key = short[:]
	}
	h := sha512.New()
	h.Write(block(room[:], key, inner))
	h.Write(message)
	h.Sum(sum[:0])
	h.Reset()
	h.Write(block(room[:], key, outer))
	h.Write(sum[:])
	h.Sum(sum[:0])
	return sum
}

// block fills to with the key, no longer than it, and zeros, each byte xored
// with pad.
func block(to, key []byte, pad byte) []byte {
	clear(to[copy(to, key):])
	for i := range to {
		to[i] ^= pad
	}
	return to
}

// Key is a key whose HMAC-SHA256 of many messages is wanted. It keeps what the
// hash is after the key, which is half the work where messages are short.
type Key struct{ inner, outer []byte }

// NewKey returns the Key of the bytes of a key.
func NewKey(key []byte) Key {
	var room [sha256.BlockSize]byte
	if len(key) > sha256.BlockSize {
		short := sha256.Sum256(key)
		key = short[:]
	}
	return Key{after(block(room[:], key, inner)), after(block(room[:], key, outer))}
}

// after is the state of SHA-256 after block.
func after(block []byte) []byte {
	h := sha256.New()
	h.Write(block)
	state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		panic(err) // SHA-256 has no way to fail
	}
	return state
}

// Sum is HMAC-SHA256 of message. A zero Key panics, as it is none.
func (k *Key) Sum(message []byte) [sha256.Size]byte {
	sum := goOn(k.inner, message)
	return goOn(k.outer, sum[:])
}

// goOn hashes message after what state is of.
func goOn(state, message []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		panic(err) // of a zero Key
	}
	h.Write(message)
	h.Sum(sum[:0])
	return sum
}
