package importer

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"gatehouse/internal/oauth"
)

// Two users with one id would be the same to every session, and whoever is
// disabled here has no apps again.
func TestUsersWhoAreHere(t *testing.T) {
	h := newHouse(t)
	for i := range usersAtOnce + 1 {
		user := oauth.User{ID: fmt.Sprintf("id-%d", i), Name: fmt.Sprintf("name-%04d", i), PasswordHash: someHash, Disabled: i%2 == 0}
		if err := h.CreateUser(t.Context(), user); err != nil {
			t.Fatal(err)
		}
	}
	const (
		taken   = `{"type":"user","id":"id-1000","name":"mallory","password_hash":"` + someHash + `"}` + "\n"
		same    = `{"type":"user","id":"id-1000","name":"name-1000","password_hash":"` + someHash + `"}` + "\n"
		random  = `{"type":"user","name":"carol","password_hash":"` + someHash + `"}` + "\n"
		revived = `{"type":"token","token":"t","secret":"s","client":"app","user_id":"id-1000"}` + "\n"
		fine    = `{"type":"token","token":"u","secret":"s","client":"app","user_id":"id-999"}` + "\n"
	)
	for _, h.DryRun = range []bool{true, false} {
		h.want("the same user", same, counts{1: {Unchanged: 1}})
		h.want("users", taken+random, counts{1: {Created: 1, Refused: 1}}, `x.jsonl:1: user mallory id: is that of the user "name-1000" here`)
		h.want("tokens", appLine+revived+fine, counts{{Created: 1}, {}, {Created: 1, Refused: 1}},
			`x.jsonl:2: token 3D7gUeiugBJB9PwjKVx6-g user_id: is that of the user "name-1000", who is disabled here`)
	}
	if _, err := h.User(t.Context(), "mallory"); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("mallory is there: %v", err)
	}
	if _, secret := h.token("t"); secret != "" {
		t.Error("the token is there")
	}
}

// failing cannot list users.
type failing struct{ *house }

func (failing) ListUsers(context.Context, string, int) ([]oauth.User, string, error) {
	return nil, "", errBroken
}

// Nothing is written while it is not known who is here, and where nobody's id
// matters nobody is asked.
func TestUsersCannotBeListed(t *testing.T) {
	h := newHouse(t)
	h.Writer.Store = failing{h}
	result, err := h.write(appLine + tokenLine)
	if !errors.Is(err, errBroken) || len(result.Counts) > 0 {
		t.Errorf("%v, %v", result, err)
	}
	h.want("a client", appLine, counts{{Created: 1}})
}

// The same record in two files is one.
func TestRepeated(t *testing.T) {
	newHouse(t).want("twice", appLine+appLine+userLine+tokenLine+userLine+tokenLine+tokenLine,
		counts{{Created: 1, Unchanged: 1}, {Created: 1, Unchanged: 1}, {Created: 1, Unchanged: 2}})
}

// Whoever knew a secret of a client that was deleted does not know one of the
// client that is imported again.
func TestSecretsDoNotComeBack(t *testing.T) {
	h, versions := newHouse(t), map[uint32]bool{}
	for range 3 {
		h.want("a run", appLine, counts{{Created: 1}})
		client, err := h.Client(t.Context(), "app")
		if err != nil || versions[client.SecretVersion] {
			t.Errorf("%+v, %v", client, err)
		}
		versions[client.SecretVersion] = true
		h.want("again", appLine, counts{{Unchanged: 1}})
		if err := h.DeleteClient(t.Context(), "app"); err != nil {
			t.Fatal(err)
		}
	}
}
