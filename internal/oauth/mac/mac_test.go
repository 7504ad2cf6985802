package mac

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"strings"
	"testing"
)

// same compares each function with crypto/hmac.
func same(t *testing.T, key, message []byte) {
	t.Helper()
	one, two, five := hmac.New(sha1.New, key), hmac.New(sha256.New, key), hmac.New(sha512.New, key)
	one.Write(message)
	two.Write(message)
	five.Write(message)
	if got := SHA1(key, message); !bytes.Equal(got[:], one.Sum(nil)) {
		t.Errorf("SHA-1, a key of %d bytes and a message of %d: %x", len(key), len(message), got)
	}
	if got := SHA256(key, message); !bytes.Equal(got[:], two.Sum(nil)) {
		t.Errorf("SHA-256, a key of %d bytes and a message of %d: %x", len(key), len(message), got)
	}
	k := NewKey(key)
	if got := k.Sum(message); !bytes.Equal(got[:], two.Sum(nil)) {
		t.Errorf("SHA-256 of a Key, a key of %d bytes and a message of %d: %x", len(key), len(message), got)
	}
	if got := SHA512(key, message); !bytes.Equal(got[:], five.Sum(nil)) {
		t.Errorf("SHA-512, a key of %d bytes and a message of %d: %x", len(key), len(message), got)
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
	check := func(name string, got []byte, want string) {
		t.Helper()
		if hex.EncodeToString(got) != want {
			t.Errorf("%s: %x, want %s", name, got, want)
		}
	}
	one := SHA1([]byte("Jefe"), []byte("what do ya want for nothing?"))
	check("RFC 2202 case 2", one[:], "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
	one = SHA1(bytes.Repeat([]byte{0xaa}, 80), []byte("Test Using Larger Than Block-Size Key - Hash Key First"))
	check("RFC 2202 case 6", one[:], "aa4ae5e15272d00e95705637ce8a3b55ed402112")
	two := SHA256(bytes.Repeat([]byte{0x0b}, 20), []byte("Hi There"))
	check("RFC 4231 case 1", two[:], "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
	two = SHA256(bytes.Repeat([]byte{0xaa}, 131), []byte("Test Using Larger Than Block-Size Key - Hash Key First"))
	check("RFC 4231 case 6", two[:], "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
	five := SHA512([]byte("Jefe"), []byte("what do ya want for nothing?"))
	check("RFC 4231 case 2", five[:], "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737")
}

func TestAllocations(t *testing.T) {
	key, message := []byte(strings.Repeat("k", 200)), []byte(strings.Repeat("m", 1000))
	kept := NewKey(key)
	if got := testing.AllocsPerRun(100, func() {
		SHA1(key, message)
		SHA256(key, message)
		SHA512(key, message)
		kept.Sum(message)
	}); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

// What was never made of a key authenticates nothing.
func TestZeroKey(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a zero Key has a sum")
		}
	}()
	(&Key{}).Sum([]byte("a message"))
}
