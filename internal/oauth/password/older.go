package password

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Users may come from an older provider with the hashes that it made. They sign
// in as before, and the first right password is hashed anew; see renew. Each
// kind has a bound on its work, of a few seconds of a function's at most: a hash
// that asks for more is refused when it is imported, and when it is there.

// comparison reports whether a password is the one that a hash was made of, in a
// time that tells nothing of either.
type comparison func(password []byte) bool

// kind is one way to write a hash, told by how it begins.
type kind struct {
	prefix string
	read   func(hash string) (comparison, error)
}

// kinds are all of them; of two that fit the first one counts.
func kinds() []kind {
	return []kind{
		{"$argon2id$", readArgon2id},
		{"$argon2i$", readArgon2i},
		{"argon2$argon2i", func(hash string) (comparison, error) { return read(strings.TrimPrefix(hash, "argon2")) }}, // Django
		{"$2a$", readBcrypt},
		{"$2b$", readBcrypt},
		{"$2y$", readBcrypt}, // PHP's, the same as $2b$
		{"bcrypt$$", func(hash string) (comparison, error) { return readBcrypt(strings.TrimPrefix(hash, "bcrypt$")) }}, // Django
		{"bcrypt_sha256$", readDjangoBcrypt},
		{"$scrypt$", readScryptPHC},
		{"scrypt:", readWerkzeugScrypt},
		{"scrypt$", readDjangoScrypt},
		{scryptFile, readScryptFile},
		{"$pbkdf2", readPBKDF2PHC},
		{"pbkdf2:", readWerkzeugPBKDF2},
		{"pbkdf2_", readDjangoPBKDF2},
		{"", readSimpleScrypt},
	}
}

// Check returns nil for a hash that sign-in can compare passwords with, and
// ErrFormat for another, with the reason and nothing of the hash itself.
func Check(hash string) error {
	_, err := read(hash)
	return err
}

const maxHash = 512 // bytes of text

func read(hash string) (comparison, error) {
	if len(hash) > maxHash || strings.ContainsFunc(hash, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, unreadable("it is longer than %d bytes, or not printable", maxHash)
	}
	for _, k := range kinds() {
		if !strings.HasPrefix(hash, k.prefix) {
			continue
		}
		is, err := k.read(hash)
		if err != nil {
			return nil, err
		}
		return is, nil
	}
	return nil, unknown()
}

func unreadable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

func unknown() error {
	return unreadable("it is of no known kind: argon2id, argon2i, bcrypt, scrypt or PBKDF2")
}

func misshapen(kind string) error { return unreadable("it is not written as a hash of %s is", kind) }

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// readArgon2i reads argon2i, which is written as argon2id is. Nothing in Go's
// own libraries makes argon2d, or version 1.0 of any.
func readArgon2i(phc string) (comparison, error) {
	s, err := parse(strings.Replace(phc, "$argon2i$", "$argon2id$", 1))
	return func(password []byte) bool {
		return equal(argon2.Key(password, s.salt, s.cost.Passes, s.cost.Memory, s.cost.Threads, s.size()), s.hash)
	}, err
}

// whole reads a number from 1 to most that is written in one way only.
func whole(text string, most int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= most && strconv.Itoa(n) == text
}

// sizeable reports whether salt and hash are as long as those of any real hash.
func sizeable(salt, hash []byte) bool {
	return len(salt) >= 1 && len(hash) >= 16 && len(hash) <= 128
}

// phcBase64 is what PHC strings have; passlib has a full stop for the plus sign.
func phcBase64(text string) ([]byte, error) {
	return base64.RawStdEncoding.Strict().DecodeString(strings.ReplaceAll(text, ".", "+"))
}
