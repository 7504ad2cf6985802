package oauth

import (
	"context"
	"net/netip"
	"time"
)

// SignIn is one try of a person to sign in.
type SignIn struct {
	Name     string
	Password Secret
	Source   netip.Addr
	Client   string    // id of the client that the user signs in for
	Now      time.Time // when the request came
}

// Authenticator answers whether a password is right. There is one of these in
// a deployment; the Registry's users are the default.
type Authenticator interface {
	// Authenticate returns the user whose name and password these are. The
	// refusal is the same, and takes as long, for a user that does not exist
	// as for a wrong password; its Code is a PermissionDenied, or SlowDown
	// with RetryAfter after too many tries. An error means that something
	// broke.
	Authenticate(ctx context.Context, s SignIn) (User, *Error, error)
}
