package password

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strconv"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// Bounds on scrypt (RFC 7914 §2), as for argon2: memory at once, and work.
const (
	maxScryptMemory = maxMemory << 10 / 128 // of N times r, each 128 bytes
	maxScryptWork   = 2 * maxScryptMemory   // of N times r times p: some two seconds
)

// scryptCost is N, r and p, as RFC 7914 has them.
type scryptCost struct{ n, r, p int }

func (c scryptCost) check() error {
	if c.n < 2 || bits.OnesCount(uint(c.n)) != 1 || c.r < 1 || c.p < 1 {
		return misshapen("scrypt")
	}
	if c.n > maxScryptMemory || c.r > maxScryptMemory || c.p > maxScryptWork || c.n*c.r > maxScryptMemory || c.r*c.p > maxScryptMemory || c.n*c.r*c.p > maxScryptWork {
		return unreadable("scrypt of N=%d, r=%d, p=%d, which is more than %d MiB or more than twice as much work", c.n, c.r, c.p, maxMemory>>10)
	}
	return nil
}

// key is nil for a cost that was not checked, which is no hash's.
func (c scryptCost) key(password, salt []byte, size int) []byte {
	key, err := scrypt.Key(password, salt, c.n, c.r, c.p, size)
	if err != nil {
		return nil
	}
	return key
}

func (c scryptCost) comparison(salt, hash []byte) (comparison, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if !sizeable(salt, hash) {
		return nil, misshapen("scrypt")
	}
	return func(password []byte) bool { return equal(c.key(password, salt, len(hash)), hash) }, nil
}

// scryptNumbers reads N, r and p; what is no number is zero, which check finds.
func scryptNumbers(n, r, p string) (c scryptCost) {
	const most = 1<<31 - 1
	for _, number := range []struct {
		text string
		into *int
	}{{n, &c.n}, {r, &c.r}, {p, &c.p}} {
		if value, ok := whole(number.text, most); ok {
			*number.into = value
		}
	}
	return c
}

// readScryptPHC reads $scrypt$ln=15,r=8,p=1$salt$hash, where ln is the binary
// logarithm of N: the PHC format, and passlib's.
func readScryptPHC(hash string) (comparison, error) {
	fields := strings.Split(hash, "$")
	if len(fields) != 5 {
		return nil, misshapen("scrypt")
	}
	params := strings.Split(fields[2], ",")
	if len(params) != 3 {
		return nil, misshapen("scrypt")
	}
	var values [3]string
	for i, name := range []string{"ln=", "r=", "p="} {
		value, ok := strings.CutPrefix(params[i], name)
		if !ok {
			return nil, misshapen("scrypt")
		}
		values[i] = value
	}
	log, ok := whole(values[0], 30)
	salt, errSalt := phcBase64(fields[3])
	sum, errSum := phcBase64(fields[4])
	if !ok || errSalt != nil || errSum != nil {
		return nil, misshapen("scrypt")
	}
	return scryptNumbers(strconv.Itoa(1<<log), values[1], values[2]).comparison(salt, sum)
}

// readWerkzeugScrypt reads scrypt:N:r:p$salt$hash, the hash in hexadecimal.
func readWerkzeugScrypt(hash string) (comparison, error) {
	fields := strings.Split(hash, "$")
	method := strings.Split(fields[0], ":")
	if len(fields) != 3 || len(method) != 4 {
		return nil, misshapen("scrypt")
	}
	sum, err := hex.DecodeString(fields[2])
	if err != nil {
		return nil, misshapen("scrypt")
	}
	return scryptNumbers(method[1], method[2], method[3]).comparison([]byte(fields[1]), sum)
}

// readDjangoScrypt reads scrypt$N$salt$r$p$hash.
func readDjangoScrypt(hash string) (comparison, error) {
	fields := strings.Split(hash, "$")
	if len(fields) != 6 {
		return nil, misshapen("scrypt")
	}
	sum, err := base64.StdEncoding.Strict().DecodeString(fields[5])
	if err != nil {
		return nil, misshapen("scrypt")
	}
	return scryptNumbers(fields[1], fields[3], fields[4]).comparison([]byte(fields[2]), sum)
}

// readSimpleScrypt reads N$r$p$salt$hash, both in hexadecimal, as simple-scrypt
// of Go writes it. It begins with nothing of its own.
func readSimpleScrypt(hash string) (comparison, error) {
	fields := strings.Split(hash, "$")
	if _, ok := whole(fields[0], 1<<31-1); !ok || len(fields) != 5 {
		return nil, unknown()
	}
	salt, errSalt := hex.DecodeString(fields[3])
	sum, errSum := hex.DecodeString(fields[4])
	if errSalt != nil || errSum != nil {
		return nil, misshapen("scrypt")
	}
	return scryptNumbers(fields[0], fields[1], fields[2]).comparison(salt, sum)
}

// scryptFile is how the header of an scrypt-encrypted file begins, which
// scrypt-kdf of Node and others store, in base64 of "scrypt" and two zero bits.
const scryptFile = "c2NyeXB0"

// readScryptFile reads base64 of: "scrypt", 0, log2 N, r and p (4 bytes each),
// salt (32), the first half of the SHA-256 of all that, and the HMAC-SHA-256 of
// all that by the second half of a key of 64 bytes.
func readScryptFile(hash string) (comparison, error) {
	const head, checked, all = 48, 64, 96
	raw, err := base64.StdEncoding.Strict().DecodeString(hash)
	if err != nil || len(raw) != all || raw[6] != 0 || raw[7] < 1 || raw[7] > 30 {
		return nil, misshapen("scrypt")
	}
	if sum := sha256.Sum256(raw[:head]); !equal(sum[:checked-head], raw[head:checked]) {
		return nil, misshapen("scrypt")
	}
	r, p := binary.BigEndian.Uint32(raw[8:]), binary.BigEndian.Uint32(raw[12:])
	cost := scryptCost{1 << raw[7], int(r), int(p)}
	return func(password []byte) bool {
		key := cost.key(password, raw[16:head], 64)
		if len(key) != 64 {
			return false
		}
		mac := hmac.New(sha256.New, key[32:])
		mac.Write(raw[:checked])
		return equal(mac.Sum(nil), raw[checked:])
	}, cost.check()
}
