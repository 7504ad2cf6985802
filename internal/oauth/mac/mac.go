// Package mac is HMAC (RFC 2104 §2) of one message. crypto/hmac keeps state for
// messages to come, which costs seven allocations and half the time where a key
// is met once in a request. This has none for messages up to a kilobyte.
package mac

import (
	"crypto/sha1" // #nosec G505 -- HMAC-SHA1 of RFC 5849 §3.4.2
	"crypto/sha256"
	"crypto/sha512"
)

// room holds a block and a message without being allocated.
const room = 1152

const (
	inner = 0x36
	outer = 0x5c
)

// SHA1 is HMAC-SHA1 of message by key.
func SHA1(key, message []byte) [sha1.Size]byte {
	var buffer [room]byte
	if len(key) > sha1.BlockSize {
		short := sha1.Sum(key) // #nosec G401 -- as above
		key = short[:]
	}
	sum := sha1.Sum(append(block(buffer[:sha1.BlockSize], key, inner), message...)) // #nosec G401 -- as above
	return sha1.Sum(append(block(buffer[:sha1.BlockSize], key, outer), sum[:]...))  // #nosec G401 -- as above
}

// SHA256 is HMAC-SHA256 of message by key.
func SHA256(key, message []byte) [sha256.Size]byte {
	var buffer [room]byte
	if len(key) > sha256.BlockSize {
		short := sha256.Sum256(key)
		key = short[:]
	}
	sum := sha256.Sum256(append(block(buffer[:sha256.BlockSize], key, inner), message...))
	return sha256.Sum256(append(block(buffer[:sha256.BlockSize], key, outer), sum[:]...))
}

// SHA512 is HMAC-SHA512 of message by key.
func SHA512(key, message []byte) [sha512.Size]byte {
	var buffer [room]byte
	if len(key) > sha512.BlockSize {
		short := sha512.Sum512(key)
		key = short[:]
	}
	sum := sha512.Sum512(append(block(buffer[:sha512.BlockSize], key, inner), message...))
	return sha512.Sum512(append(block(buffer[:sha512.BlockSize], key, outer), sum[:]...))
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
