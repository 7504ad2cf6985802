package seed_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/seed"
)

func keyring(t *testing.T, current string, ids ...string) *seal.Keyring {
	t.Helper()
	text := `{"current":"` + current + `"`
	for _, id := range ids {
		text += `,"` + id + `":"` + strings.Repeat("key "+id, 10) + `"`
	}
	keys, err := seal.ParseKeyring([]byte(text + "}"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func newSeeder(t *testing.T) *seed.Seeder {
	t.Helper()
	return &seed.Seeder{Registry: memory.New(), Keys: keyring(t, "1", "1"), Rand: rand.Reader}
}

func parse(t *testing.T, text string) *seed.File {
	t.Helper()
	file, err := seed.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

const several = `{"clients":[{"id":"derived","grants":["password"]},{"id":"brought","secret":"mine","grants":["password"]},
	{"id":"public","public":true,"grants":["password"]}],"users":[{"name":"alice","password":"correct horse"}]}`

func TestSeed(t *testing.T) {
	s := newSeeder(t)
	secrets, err := s.Seed(t.Context(), parse(t, several))
	if err != nil {
		t.Fatal(err)
	}
	if got := secrets[0]; got.Client != "derived" || !got.Derived || len(got.Secret.Reveal()) != 43 {
		t.Errorf("derived: %+v", got)
	}
	if got := secrets[1]; got.Derived || got.Secret.Reveal() != "mine" {
		t.Errorf("brought: %+v", got)
	}
	if got := secrets[2]; got.Derived || !got.Secret.Empty() {
		t.Errorf("public: %+v", got)
	}
	user, err := s.Registry.User(t.Context(), "alice")
	if err != nil || len(user.ID) != 22 {
		t.Fatalf("alice: %+v, %v", user, err)
	}
	if right, err := password.Matches(oauth.NewSecret("correct horse"), user.PasswordHash); !right || err != nil {
		t.Errorf("the password is not hers: %v", err)
	}
}

func TestSeedAgainKeepsSecretsAndIDs(t *testing.T) {
	s := newSeeder(t)
	first, err := s.Seed(t.Context(), parse(t, several))
	if err != nil {
		t.Fatal(err)
	}
	before, _ := s.Registry.User(t.Context(), "alice")
	s.Keys = keyring(t, "2", "1", "2")
	again, err := s.Seed(t.Context(), parse(t, several))
	if err != nil {
		t.Fatal(err)
	}
	if !first[0].Secret.Equal(again[0].Secret) {
		t.Error("the derived secret changed with the current key")
	}
	if after, _ := s.Registry.User(t.Context(), "alice"); after.ID != before.ID {
		t.Errorf("alice's id changed from %s to %s", before.ID, after.ID)
	}
	s.Keys = keyring(t, "3", "3")
	if again, err = s.Seed(t.Context(), parse(t, several)); err != nil || first[0].Secret.Equal(again[0].Secret) {
		t.Errorf("with a keyring that lacks the key: %v", err)
	}
}

func TestAUserKeepsTheID(t *testing.T) {
	s := newSeeder(t)
	put := func(id string) (oauth.User, error) {
		return s.PutUser(t.Context(), &seed.User{Name: "bob", Password: "x", ID: id})
	}
	if user, err := put("u7"); err != nil || user.ID != "u7" {
		t.Fatalf("%+v, %v", user, err)
	}
	if user, err := put("u7"); err != nil || user.ID != "u7" {
		t.Fatalf("%+v, %v", user, err)
	}
	var fault *seed.FieldError
	if _, err := put("u8"); !errors.As(err, &fault) || fault.Field != "id" || !strings.HasPrefix(fault.Reason, `cannot change: user "bob"`) {
		t.Errorf("got %v", err)
	}
}

// broken is a registry that can't be reached.
type broken struct{ seed.Registry }

var errBroken = errors.New("broken")

func (broken) Client(context.Context, string) (oauth.Client, error) { return oauth.Client{}, errBroken }
func (broken) User(context.Context, string) (oauth.User, error)     { return oauth.User{}, errBroken }

func TestABrokenRegistry(t *testing.T) {
	s := newSeeder(t)
	s.Registry = broken{}
	if _, err := s.PutClient(t.Context(), &seed.Client{ID: "c"}); !errors.Is(err, errBroken) {
		t.Errorf("client: %v", err)
	}
	if _, err := s.PutUser(t.Context(), &seed.User{Name: "u"}); !errors.Is(err, errBroken) {
		t.Errorf("user: %v", err)
	}
}
