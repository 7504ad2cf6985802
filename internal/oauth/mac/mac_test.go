package mac

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"strings"
	"testing"
)

// hashes are those that a Key may be of.
var hashes = []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA512}

// same compares a Key of each hash with crypto/hmac.
func same(t *testing.T, key, message []byte) {
	t.Helper()
	for _, hash := range hashes {
		theirs := hmac.New(hash.New, key)
		theirs.Write(message)
		k := NewKey(hash, key)
		for range 2 { // it keeps nothing of a message
			if got := k.Append([]byte("before"), message); !bytes.Equal(got, theirs.Sum([]byte("before"))) {
				t.Errorf("%s, a key of %d bytes and a message of %d: %x", hash, len(key), len(message), got)
			}
		}
	}
}

// Keys and messages around the sizes of blocks.
func TestAsTheStandardLibrary(t *testing.T) {
	text := bytes.Repeat([]byte("0123456789abcdef\x00\xff\x36\x5c"), 100)
	for _, key := range []int{0, 1, 20, 32, 63, 64, 65, 127, 128, 129, 1000} {
		for _, message := range []int{0, 1, 55, 56, 63, 64, 65, 127, 128, 1000, 2000} {
			same(t, text[:key], text[len(text)-message:])
		}
	}
}

func FuzzAsTheStandardLibrary(f *testing.F) {
	f.Add([]byte(nil), []byte(nil))
	f.Add([]byte("Jefe"), []byte("what do ya want for nothing?"))
	f.Add(bytes.Repeat([]byte{0xaa}, 131), bytes.Repeat([]byte("long"), 400))
	f.Fuzz(func(t *testing.T, key, message []byte) { same(t, key, message) })
}

// Vectors of RFC 2202 §3 and RFC 4231 §4, so that the standard library's is not
// the only word on it.
func TestVectors(t *testing.T) {
	long := "Test Using Larger Than Block-Size Key - Hash Key First"
	for _, v := range []struct {
		name, key, message, want string
		hash                     crypto.Hash
	}{
		{"RFC 2202 case 2", "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", crypto.SHA1},
		{"RFC 2202 case 6", strings.Repeat("\xaa", 80), long, "aa4ae5e15272d00e95705637ce8a3b55ed402112", crypto.SHA1},
		{"RFC 4231 case 1", strings.Repeat("\x0b", 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", crypto.SHA256},
		{"RFC 4231 case 6", strings.Repeat("\xaa", 131), long, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", crypto.SHA256},
		{"RFC 4231 case 2", "Jefe", "what do ya want for nothing?", "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737", crypto.SHA512},
	} {
		k := NewKey(v.hash, []byte(v.key))
		if got := hex.EncodeToString(k.Append(nil, []byte(v.message))); got != v.want {
			t.Errorf("%s: %s, want %s", v.name, got, v.want)
		}
	}
}

// The race detector has a hash allocate once where it marshals itself, and so twice
// for a Key. Otherwise that takes none either.
func TestAllocations(t *testing.T) {
	key, message, room := []byte(strings.Repeat("k", 200)), []byte(strings.Repeat("m", 1000)), make([]byte, 0, sha512.Size)
	for _, hash := range hashes {
		if got := testing.AllocsPerRun(100, func() { NewKey(hash, key) }); got > 2 {
			t.Errorf("%s: %v allocations to make a Key", hash, got)
		}
		k := NewKey(hash, key)
		if got := testing.AllocsPerRun(100, func() { k.Append(room, message) }); got != 0 {
			t.Errorf("%s: %v allocations", hash, got)
		}
	}
}

// What was never made of a key authenticates nothing, and no hash does but three.
func TestNoKey(t *testing.T) {
	for name, wrong := range map[string]func(){
		"a zero Key": func() { (&Key{}).Append(nil, []byte("a message")) },
		"no hash":    func() { NewKey(0, []byte("a key")) },
		"SHA-384":    func() { NewKey(crypto.SHA384, []byte("a key")) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: there is a sum", name)
				}
			}()
			wrong()
		}()
	}
}
