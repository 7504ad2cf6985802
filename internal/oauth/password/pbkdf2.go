package password

import (
	"crypto/pbkdf2"
	"crypto/sha1" // #nosec G505 -- of hashes that others made; HMAC-SHA-1 still holds
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"
)

// maxRounds bounds the rounds of PBKDF2 (RFC 8018 §5.2) over all blocks of the
// hash: two or three seconds.
const maxRounds = 4 << 20

// digest returns the hash function of a name such as sha256, and its size; nil
// for another.
func digest(name string) (func() hash.Hash, int) {
	switch name {
	case "sha1":
		return sha1.New, sha1.Size
	case "sha256":
		return sha256.New, sha256.Size
	case "sha512":
		return sha512.New, sha512.Size
	}
	return nil, 0
}

func pbkdf2Comparison(name, rounds string, salt, sum []byte) (comparison, error) {
	function, size := digest(name)
	if function == nil {
		return nil, unreadable("PBKDF2 with another hash function than SHA-1, SHA-256 and SHA-512")
	}
	count, ok := whole(rounds, 1<<31-1)
	if !ok || !sizeable(salt, sum) {
		return nil, misshapen("PBKDF2")
	}
	if blocks := (len(sum) + size - 1) / size; count > maxRounds/blocks {
		return nil, unreadable("PBKDF2 of %d rounds for each of %d blocks, and %d in all is the most", count, blocks, maxRounds)
	}
	return func(password []byte) bool {
		key, err := pbkdf2.Key(function, string(password), salt, count, len(sum))
		return err == nil && equal(key, sum)
	}, nil
}

// readPBKDF2PHC reads $pbkdf2-sha256$i=600000,l=32$salt$hash, the PHC format,
// and passlib's, which has only the rounds there. SHA-1 may go without a name.
func readPBKDF2PHC(hash string) (comparison, error) {
	fields := strings.Split(hash, "$")
	if len(fields) != 5 {
		return nil, misshapen("PBKDF2")
	}
	name, named := strings.CutPrefix(fields[1], "pbkdf2-")
	if !named {
		name = "sha1"
	}
	salt, errSalt := phcBase64(fields[3])
	sum, errSum := phcBase64(fields[4])
	rounds, length, bounded := strings.Cut(strings.TrimPrefix(fields[2], "i="), ",")
	said, ok := whole(strings.TrimPrefix(length, "l="), 128)
	if errSalt != nil || errSum != nil || bounded && (!ok || said != len(sum)) || !named && fields[1] != "pbkdf2" {
		return nil, misshapen("PBKDF2")
	}
	return pbkdf2Comparison(name, rounds, salt, sum)
}

// readWerkzeugPBKDF2 reads pbkdf2:sha256:600000$salt$hash, the hash in
// hexadecimal.
func readWerkzeugPBKDF2(hash string) (comparison, error) {
	fields := strings.Split(hash, "$")
	method := strings.Split(fields[0], ":")
	if len(fields) != 3 || len(method) != 3 {
		return nil, misshapen("PBKDF2")
	}
	sum, err := hex.DecodeString(fields[2])
	if err != nil {
		return nil, misshapen("PBKDF2")
	}
	return pbkdf2Comparison(method[1], method[2], []byte(fields[1]), sum)
}

// readDjangoPBKDF2 reads pbkdf2_sha256$600000$salt$hash.
func readDjangoPBKDF2(hash string) (comparison, error) {
	fields := strings.Split(strings.TrimPrefix(hash, "pbkdf2_"), "$")
	if len(fields) != 4 {
		return nil, misshapen("PBKDF2")
	}
	sum, err := base64.StdEncoding.Strict().DecodeString(fields[3])
	if err != nil {
		return nil, misshapen("PBKDF2")
	}
	return pbkdf2Comparison(fields[0], fields[1], []byte(fields[2]), sum)
}
