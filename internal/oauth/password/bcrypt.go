package password

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// maxBcrypt is the highest cost of bcrypt: two or three seconds.
const maxBcrypt = 15

// bcryptSize is the length of every hash of bcrypt.
const bcryptSize = 60

// readBcrypt reads $2b$12$ and 53 characters of salt and hash. As with every
// bcrypt, only the first 72 bytes of a password count until it is hashed anew.
func readBcrypt(hash string) (comparison, error) {
	cost, err := bcrypt.Cost([]byte(hash))
	switch {
	case err != nil || len(hash) != bcryptSize || strings.Trim(hash[7:], bcryptAlphabet) != "" || hash[6] != '$':
		return nil, misshapen("bcrypt")
	case cost > maxBcrypt:
		return nil, unreadable("bcrypt of cost %d, and %d is the highest", cost, maxBcrypt)
	}
	return func(password []byte) bool { return bcrypt.CompareHashAndPassword([]byte(hash), password) == nil }, nil
}

const bcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// readDjangoBcrypt reads bcrypt_sha256$ and a bcrypt of the password's SHA-256
// in hexadecimal digits.
func readDjangoBcrypt(hash string) (comparison, error) {
	is, err := readBcrypt(strings.TrimPrefix(hash, "bcrypt_sha256$"))
	return func(password []byte) bool {
		sum := sha256.Sum256(password)
		return is(hex.AppendEncode(nil, sum[:]))
	}, err
}
