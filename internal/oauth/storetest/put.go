package storetest

import (
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
	if err == nil {
		err = store.UpdateClient(t.Context(), c)
	} else if errors.Is(err, oauth.ErrNotFound) {
		err = store.CreateClient(t.Context(), c)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// PutUser has u in the registry, in the place of who is there.
func PutUser(t testing.TB, store interface {
	oauth.Users
	oauth.UserRegistry
}, u oauth.User) {
	t.Helper()
	old, err := store.User(t.Context(), u.Name)
	u.Revision = old.Revision
	if err == nil {
		err = store.UpdateUser(t.Context(), u)
	} else if errors.Is(err, oauth.ErrNotFound) {
		err = store.CreateUser(t.Context(), u)
	}
	if err != nil {
		t.Fatal(err)
	}
}
