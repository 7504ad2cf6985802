package storetest

import (
	"context"
	"errors"
	"testing"

	"gatehouse/internal/oauth"
)

// PutClient has c in the registry, in the place of what is there.
func PutClient(t testing.TB, store interface {
	oauth.Clients
	oauth.ClientRegistry
}, c oauth.Client) {
	t.Helper()
	old, err := store.Client(t.Context(), c.ID)
	c.Revision = old.Revision
	put(t, c, err, store.CreateClient, store.UpdateClient)
}

// PutUser has u in the registry, in the place of who is there.
func PutUser(t testing.TB, store interface {
	oauth.Users
	oauth.UserRegistry
}, u oauth.User) {
	t.Helper()
	old, err := store.User(t.Context(), u.Name)
	u.Revision = old.Revision
	put(t, u, err, store.CreateUser, store.UpdateUser)
}

// put updates what was found, and creates what was not.
func put[T any](t testing.TB, value T, found error, create, update func(context.Context, T) error) {
	t.Helper()
	write, err := update, found
	if errors.Is(found, oauth.ErrNotFound) {
		write, err = create, nil
	}
	if err == nil {
		err = write(t.Context(), value)
	}
	if err != nil {
		t.Fatal(err)
	}
}
