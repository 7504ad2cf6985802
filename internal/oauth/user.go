package oauth

// User is a resource owner that signs in with a name and password.
type User struct {
	ID           string
	Name         string
	PasswordHash string // PHC string of argon2id; see package password
	Disabled     bool
}
