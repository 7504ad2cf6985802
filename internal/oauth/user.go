package oauth

// User is a resource owner that signs in with a name and password.
type User struct {
	ID           string
	Name         string
	PasswordHash string // of argon2id, or an older provider's; see package password
	Disabled     bool
	Revision     uint32 // raised by each write; zero: from before it was counted
}
