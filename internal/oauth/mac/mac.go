// Package mac is HMAC (RFC 2104 §2) on the stack. What crypto/hmac keeps for
// messages to come is seven allocations; a Key keeps as much in none. The functions
// of the three hashes are alike: one for any hash.Hash would have it on the heap.
package mac

import (
	"crypto"
	"crypto/sha1" // #nosec G505 -- HMAC-SHA1 of RFC 5849 §3.4.2
	"crypto/sha256"
	"crypto/sha512"
	"encoding"
)

const (
	inner = 0x36
	outer = 0x5c
)

// Key is a key whose HMAC of messages is wanted. It keeps what the hash is after
// the key, which is half the work where messages are short, and is worth as much
// to a thief as the key.
type Key struct {
	hash         crypto.Hash
	inner, outer state
}

// state is of a hash, as it marshals itself. SHA-512 takes the most bytes.
type state struct {
	bytes  [204]byte
	length int
}

// NewKey returns the Key of the bytes of a key for HMAC by hash, which is SHA-1,
// SHA-256 or SHA-512. Others panic.
func NewKey(hash crypto.Hash, key []byte) Key {
	k := Key{hash: hash}
	switch hash {
	case crypto.SHA1:
		k.set1(key)
	case crypto.SHA256:
		k.set256(key)
	case crypto.SHA512:
		k.set512(key)
	default:
		panic("mac: no HMAC by " + hash.String())
	}
	return k
}

// Append appends the HMAC of message to out. A zero Key panics, as it is none.
func (k *Key) Append(out, message []byte) []byte {
	switch k.hash {
	case crypto.SHA1:
		return k.append1(out, message)
	case crypto.SHA256:
		return k.append256(out, message)
	case crypto.SHA512:
		return k.append512(out, message)
	}
	panic("mac: not made of a key")
}

func (k *Key) set1(key []byte) {
	var room [sha1.BlockSize]byte
	if len(key) > len(room) {
		short := sha1.Sum(key) // #nosec G401 -- as above
		key = short[:]
	}
	h := sha1.New() // #nosec G401 -- as above
	h.Write(block(room[:], key, inner))
	k.inner.keep(h.(encoding.BinaryAppender).AppendBinary(k.inner.bytes[:0]))
	h.Reset()
	h.Write(block(room[:], key, outer))
	k.outer.keep(h.(encoding.BinaryAppender).AppendBinary(k.outer.bytes[:0]))
}

func (k *Key) append1(out, message []byte) []byte {
	var sum [sha1.Size]byte
	h := sha1.New() // #nosec G401 -- as above
	must(h.(encoding.BinaryUnmarshaler).UnmarshalBinary(k.inner.kept()))
	h.Write(message)
	h.Sum(sum[:0])
	must(h.(encoding.BinaryUnmarshaler).UnmarshalBinary(k.outer.kept()))
	h.Write(sum[:])
	return h.Sum(out)
}

func (k *Key) set256(key []byte) {
	var room [sha256.BlockSize]byte
	if len(key) > len(room) {
		short := sha256.Sum256(key)
		key = short[:]
	}
	h := sha256.New()
	h.Write(block(room[:], key, inner))
	k.inner.keep(h.(encoding.BinaryAppender).AppendBinary(k.inner.bytes[:0]))
	h.Reset()
	h.Write(block(room[:], key, outer))
	k.outer.keep(h.(encoding.BinaryAppender).AppendBinary(k.outer.bytes[:0]))
}

func (k *Key) append256(out, message []byte) []byte {
	var sum [sha256.Size]byte
	h := sha256.New()
	must(h.(encoding.BinaryUnmarshaler).UnmarshalBinary(k.inner.kept()))
	h.Write(message)
	h.Sum(sum[:0])
	must(h.(encoding.BinaryUnmarshaler).UnmarshalBinary(k.outer.kept()))
	h.Write(sum[:])
	return h.Sum(out)
}

func (k *Key) set512(key []byte) {
	var room [sha512.BlockSize]byte
	if len(key) > len(room) {
		short := sha512.Sum512(key)
		key = short[:]
	}
	h := sha512.New()
	h.Write(block(room[:], key, inner))
	k.inner.keep(h.(encoding.BinaryAppender).AppendBinary(k.inner.bytes[:0]))
	h.Reset()
	h.Write(block(room[:], key, outer))
	k.outer.keep(h.(encoding.BinaryAppender).AppendBinary(k.outer.bytes[:0]))
}

func (k *Key) append512(out, message []byte) []byte {
	var sum [sha512.Size]byte
	h := sha512.New()
	must(h.(encoding.BinaryUnmarshaler).UnmarshalBinary(k.inner.kept()))
	h.Write(message)
	h.Sum(sum[:0])
	must(h.(encoding.BinaryUnmarshaler).UnmarshalBinary(k.outer.kept()))
	h.Write(sum[:])
	return h.Sum(out)
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

// keep takes note of what was appended to the bytes.
func (s *state) keep(appended []byte, err error) {
	must(err)
	if s.length = len(appended); s.length > len(s.bytes) {
		panic("mac: the state of a hash has become longer")
	}
}

func (s *state) kept() []byte { return s.bytes[:s.length] }

// must panics where a hash fails, for which these have no way.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
