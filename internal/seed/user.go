package seed

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"gatehouse/internal/oauth/password"
)

// User is a user as people write one down.
type User struct {
	Name     string `json:"name"`
	Password string `json:"password"`
	ID       string `json:"id"` // empty: random
}

// Check finds the first field that is wrong, as a *FieldError.
func (u *User) Check() error {
	switch {
	case u.Name == "":
		return fault("name", "is missing")
	case len(u.Name) > maxText || !plain(u.Name):
		return fault("name", "takes 1 to %d bytes of UTF-8 without control characters", maxText)
	case u.Password == "":
		return fault("password", "is missing")
	case len(u.Password) > password.MaxLength || !utf8.ValidString(u.Password):
		return fault("password", "takes 1 to %d bytes of UTF-8", password.MaxLength)
	case len(u.ID) > maxID || !visible(u.ID):
		return fault("id", "takes 1 to %d characters of printable ASCII; leave it out for a random one", maxID)
	}
	return nil
}

// plain reports whether text is UTF-8 without control characters.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}
