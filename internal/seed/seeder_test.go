package seed_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

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

// house is a Seeder over a store in memory.
type house struct{ *seed.Seeder }

func newSeeder(t *testing.T) *house {
	t.Helper()
	store := memory.New()
	return &house{&seed.Seeder{Registry: store, Keys: keyring(t, "1", "1"), Rand: rand.Reader, Sessions: store, Now: instant}}
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
	seeded, err := s.Seed(t.Context(), parse(t, several))
	if err != nil {
		t.Fatal(err)
	}
	secrets := seeded.Secrets
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
	if !first.Secrets[0].Secret.Equal(again.Secrets[0].Secret) || !first.Secrets[0].New || again.Secrets[0].New {
		t.Error("the derived secret changed with the current key")
	}
	if after, _ := s.Registry.User(t.Context(), "alice"); after.ID != before.ID {
		t.Errorf("alice's id changed from %s to %s", before.ID, after.ID)
	}
	s.Keys = keyring(t, "3", "3")
	if again, err = s.Seed(t.Context(), parse(t, several)); err != nil || first.Secrets[0].Secret.Equal(again.Secrets[0].Secret) {
		t.Errorf("with a keyring that lacks the key: %v", err)
	}
}

// An old seed file undoes nothing that people did since: a client that was
// disabled, and a password that was changed, stay so.
func TestSeedAgainUndoesNothing(t *testing.T) {
	s := newSeeder(t)
	file := parse(t, several)
	if _, err := s.Seed(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	client, user := s.client(t, "derived"), s.user(t, "alice")
	client.Disabled, user.Disabled = true, true
	var err error
	if user.PasswordHash, err = (&seed.User{Password: "another"}).Hash(rand.Reader); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Registry.UpdateClient(t.Context(), client), s.Registry.UpdateUser(t.Context(), user)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Seed(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if !s.client(t, "derived").Disabled || s.client(t, "brought").Disabled {
		t.Error("other clients are disabled than the one that was")
	}
	if after := s.user(t, "alice"); !after.Disabled || after.PasswordHash != user.PasswordHash {
		t.Errorf("alice is %+v", after)
	}
	var fault *seed.FieldError
	if _, err := s.Seed(t.Context(), parse(t, `{"users":[{"name":"alice","password":"x","id":"9"}]}`)); !errors.As(err, &fault) || fault.Field != "users[0].id" {
		t.Errorf("another id: %v", err)
	}
}

// Whoever knew the secrets of a client that was deleted does not know those of
// the next of its id.
func TestSecretsAreNotGivenTwice(t *testing.T) {
	s := newSeeder(t)
	known := map[string]bool{}
	for range 2 {
		if _, err := s.Seed(t.Context(), parse(t, several)); err != nil {
			t.Fatal(err)
		}
		client := s.client(t, "derived")
		for range 3 {
			secret, err := s.Keys.ClientSecret(&client)
			if err != nil || known[secret.Reveal()] {
				t.Errorf("version %d has a secret of before, %v", client.SecretVersion, err)
			}
			known[secret.Reveal()] = true
			client.SecretVersion++
		}
		if err := s.Registry.DeleteClient(t.Context(), "derived"); err != nil {
			t.Fatal(err)
		}
	}
}

// A registry that forgets has forgotten who knew a secret, and who tries things out
// keeps theirs over starts with the same keyring.
func TestSecretsStayWhereTheRegistryForgets(t *testing.T) {
	var secrets []oauth.Secret
	for range 2 {
		s := newSeeder(t)
		s.Fleeting = true
		seeded, err := s.Seed(t.Context(), parse(t, several))
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, seeded.Secrets[0].Secret)
	}
	if !secrets[0].Equal(secrets[1]) {
		t.Error("the secret changed")
	}
}

func (h *house) client(t *testing.T, id string) oauth.Client {
	t.Helper()
	client, err := h.Registry.Client(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (h *house) user(t *testing.T, name string) oauth.User {
	t.Helper()
	user, err := h.Registry.User(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return user
}

func TestSeedKeepsEveryField(t *testing.T) {
	s := newSeeder(t)
	for written, want := range map[string]time.Time{
		"":                            {},
		"2027-01-31":                  time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC),
		"2027-01-31T12:00:00Z":        time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC),
		"2027-01-31T12:00:00.5+02:00": time.Date(2027, 1, 31, 10, 0, 1, 0, time.UTC),
		"2020-02-29T23:59:59-00:00":   time.Date(2020, 2, 29, 23, 59, 59, 0, time.UTC),
	} {
		if _, err := s.Seed(t.Context(), parse(t, strings.Replace(whole, "2027-01-31", written, 1))); err != nil {
			t.Fatal(err)
		}
		client, err := s.Registry.Client(t.Context(), "mobile")
		if err != nil || client.Sunset != want {
			t.Errorf("%s: %v, %v, want %v", written, client.Sunset, err, want)
		}
		if !slices.Equal(client.Origins, []string{"https://app.example.com"}) || !slices.Equal(client.LinkedClients, []string{"new"}) || !client.Diagnose ||
			!slices.Equal(client.RedirectURIs, []string{"http://localhost:9999/callback"}) ||
			client.Binding != oauth.BindAgentNetwork || client.OnMismatch != oauth.KillSession {
			t.Errorf("%+v", client)
		}
	}
}

// A sunset that can't be read must not be taken for none.
func TestSunsetsThatAreNone(t *testing.T) {
	s := newSeeder(t)
	for _, written := range []string{"never", "2027", "2027-1-31", "2027-02-30", "31.01.2027", "2027-01-31 12:00:00", "2027-01-31T12:00:00",
		"1801353600", "0", "1970-01-01", "1969-12-31", "0001-01-01", " 2027-01-31"} {
		c := &seed.Client{ID: "c", Grants: []oauth.Grant{oauth.GrantXAuth}, Sunset: written}
		if err := c.Check(); err == nil || !strings.HasPrefix(err.Error(), "oauth1_sunset: takes a date") {
			t.Errorf("%s: %v", written, err)
		}
		if _, err := s.PutClient(t.Context(), c); err == nil {
			t.Errorf("%s was put into the registry", written)
		}
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
