package seed

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
)

// User is a user as people write one down.
type User struct {
	Name         string `json:"name"`
	Password     string `json:"password"`
	PasswordHash string `json:"password_hash"` // of an older provider, in place of the password
	ID           string `json:"id"`            // empty: random
}

// Check finds the first field that is wrong, as a *FieldError.
func (u *User) Check() error {
	switch {
	case u.Name == "":
		return fault("name", "is missing")
	case len(u.Name) > maxText || !plain(u.Name):
		return fault("name", "takes 1 to %d bytes of UTF-8 without control characters", maxText)
	case u.PasswordHash != "" && u.Password != "":
		return fault("password", "is there beside password_hash: give one of them")
	case u.Password == "" && u.PasswordHash == "":
		return fault("password", "is missing")
	case len(u.Password) > password.MaxLength || !utf8.ValidString(u.Password):
		return fault("password", "takes 1 to %d bytes of UTF-8", password.MaxLength)
	case len(u.ID) > maxID || !visible(u.ID):
		return fault("id", "takes 1 to %d characters of printable ASCII; leave it out for a random one", maxID)
	}
	if u.PasswordHash == "" {
		return nil
	}
	if err := password.Check(u.PasswordHash); err != nil {
		return fault("password_hash", "%s", strings.TrimPrefix(err.Error(), password.ErrFormat.Error()+": "))
	}
	return nil
}

// New is a user that is made as u says, which has passed Check: with a random id
// where there is none.
func (u *User) New(random io.Reader) (user oauth.User, err error) {
	user = oauth.User{ID: u.ID, Name: u.Name}
	if user.ID == "" {
		var id [16]byte
		if _, err := io.ReadFull(random, id[:]); err != nil {
			return user, fmt.Errorf("random user id: %w", err)
		}
		user.ID = base64.RawURLEncoding.EncodeToString(id[:])
	}
	user.PasswordHash, err = u.Hash(random)
	return user, err
}

// Hash is what is kept of the password of a checked user; random salts it.
func (u *User) Hash(random io.Reader) (string, error) {
	if u.PasswordHash != "" {
		return u.PasswordHash, nil
	}
	return password.Hash(oauth.NewSecret(u.Password), password.OWASP(), random)
}

// SamePassword reports whether a hash that is kept is of the password of a checked
// user: the same hash, or one that the password matches. The error is of a kept
// hash that can't be read.
func (u *User) SamePassword(kept string) (bool, error) {
	if u.PasswordHash != "" {
		return oauth.NewSecret(u.PasswordHash).Equal(oauth.NewSecret(kept)), nil
	}
	return password.Matches(oauth.NewSecret(u.Password), kept)
}

// plain reports whether text is UTF-8 without control characters.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}
