// Package password signs users of the Registry in: argon2id, the hashes that
// older providers left, and counters that slow guessing down.
package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"

	"gatehouse/internal/oauth"
)

// Cost is how much work one guess is.
type Cost struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// What a deployment may choose. All of it is sane.
const (
	LeastMemory, MostMemory = 8 << 10, 128 << 10 // KiB
	LeastPasses, MostPasses = 1, 8
)

// OWASP is the first of the OWASP Password Storage Cheat Sheet's argon2id
// settings of equal strength with one thread: 19 MiB, two passes.
func OWASP() Cost { return Cost{Memory: 19 * 1024, Passes: 2, Threads: 1} }

// MaxLength is the longest password in bytes. Passwords are bytes: what a
// person's keyboard sends is hashed as it came, without normalisation.
const MaxLength = 1024

const (
	saltSize = 16
	hashSize = 32
)

// ErrFormat means that a stored hash is of no kind that is known, or asks for
// more work than is sane.
var ErrFormat = errors.New("password: the stored hash cannot be used")

// Hash returns the PHC string of password: $argon2id$v=19$m=…,t=…,p=…$salt$hash.
// random gives the salt.
func Hash(password oauth.Secret, cost Cost, random io.Reader) (string, error) {
	if len(password.Reveal()) > MaxLength || password.Empty() {
		return "", fmt.Errorf("password: a password has 1 to %d bytes", MaxLength)
	}
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("password: salt: %w", err)
	}
	return stored{cost, salt, cost.sum(password, salt, hashSize)}.String(), nil
}

// Matches reports whether password is the one that hash was made of, in the
// time of one hash. ErrFormat as Check has it. No empty password matches, since
// none can be hashed anew.
func Matches(password oauth.Secret, hash string) (bool, error) {
	is, err := read(hash)
	if err != nil {
		return false, err
	}
	return is([]byte(password.Reveal())) && !password.Empty(), nil
}

// readArgon2id reads what Hash writes, and what others write that way.
func readArgon2id(phc string) (comparison, error) {
	s, err := parse(phc)
	return func(password []byte) bool {
		return equal(argon2.IDKey(password, s.salt, s.cost.Passes, s.cost.Memory, s.cost.Threads, s.size()), s.hash)
	}, err
}

func (c Cost) sum(password oauth.Secret, salt []byte, size uint32) []byte {
	return argon2.IDKey([]byte(password.Reveal()), salt, c.Passes, c.Memory, c.Threads, size)
}

type stored struct {
	cost       Cost
	salt, hash []byte
}

// String writes the PHC string format.
func (s stored) String() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		s.cost.Memory, s.cost.Passes, s.cost.Threads, encode(s.salt), encode(s.hash))
}

// size is how many bytes the hash has.
func (s stored) size() uint32 { return uint32(len(s.hash)) } // #nosec G115 -- sane holds it to 64

func parse(phc string) (stored, error) {
	fields := strings.Split(phc, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != "v=19" {
		return stored{}, ErrFormat
	}
	var s stored
	if n, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &s.cost.Memory, &s.cost.Passes, &s.cost.Threads); err != nil || n != 3 {
		return stored{}, ErrFormat
	}
	var errSalt, errHash error
	s.salt, errSalt = base64.RawStdEncoding.Strict().DecodeString(fields[4])
	s.hash, errHash = base64.RawStdEncoding.Strict().DecodeString(fields[5])
	if errSalt != nil || errHash != nil || !s.sane() || s.String() != phc {
		return stored{}, ErrFormat
	}
	return s, nil
}

const (
	maxMemory = 256 << 10 // KiB at once: a quarter of the function's
	maxWork   = 1 << 20   // KiB over all passes: a few of its seconds
)

// sane keeps a corrupt or foreign hash from taking the function down.
func (s stored) sane() bool {
	work := uint64(s.cost.Memory) * uint64(s.cost.Passes)
	return s.cost.Memory >= 8*uint32(s.cost.Threads) && s.cost.Memory <= maxMemory &&
		s.cost.Passes >= 1 && work <= maxWork && s.cost.Threads >= 1 &&
		len(s.salt) >= 8 && len(s.hash) >= 16 && len(s.hash) <= 64
}
