package consent

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"gatehouse/internal/oauth"
)

// Accounts tells whether a browser's sign-in is still good, before its user
// allows anything: Here or Elsewhere.
type Accounts interface {
	holds(ctx context.Context, b *browser) (bool, error)
}

// Here are accounts whose users can be looked up.
type Here struct{ Users oauth.Users }

// holds reports whether the user is there, is not disabled and has the password
// with which the sign-in was made. One read.
func (h Here) holds(ctx context.Context, b *browser) (bool, error) {
	user, err := h.Users.User(ctx, b.Name)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("find user: %w", err)
	}
	return user.ID == b.User && !user.Disabled && bytes.Equal(mark(&user), b.Mark), nil
}

// Elsewhere are accounts of which nobody knows without the password: a sign-in
// is good until it ends by itself.
type Elsewhere struct{}

func (Elsewhere) holds(context.Context, *browser) (bool, error) { return true, nil }

var errNoAccounts = errors.New("consent: the endpoint has no Accounts")

// holds asks Accounts. To leave them out is a mistake that allows nothing.
func (e *Endpoint) holds(ctx context.Context, b *browser) (bool, error) {
	if e.Accounts == nil {
		return false, errNoAccounts
	}
	return e.Accounts.holds(ctx, b)
}
