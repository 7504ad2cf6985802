package seed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// Registry is what a Seeder reads and writes.
type Registry interface {
	oauth.Registry
	oauth.Clients
	oauth.Users
}

// Seeder puts checked clients, users and tokens where they belong. Every field
// must be set but Fleeting, and Sessions and Now for tokens only.
type Seeder struct {
	Registry Registry
	Keys     *seal.Keyring
	Rand     io.Reader
	Sessions oauth.Sessions
	Now      time.Time
	Fleeting bool // the registry begins empty each time: a client gets the same secret of the same keyring again
}

// Secret is what a client's person must be told.
type Secret struct {
	Client  string
	Secret  oauth.Secret // empty for a public client
	Derived bool         // not given: the person may not know it
	New     bool         // the client was not there before
	Stored  oauth.Client // as the registry has it now
}

// Seeded is what became of a file.
type Seeded struct {
	Secrets []Secret // of its clients, in its order
	Absent  int      // tokens that were left out: their clients were there, and they were not
}

// Seed puts a file into the registry, in its order: clients as they are written
// down, users and tokens that were not there before. It is no way round what was
// done since an earlier run of the same file: a client that was disabled stays so,
// a user keeps another password, and a token that is gone may have been revoked,
// so that a client gets tokens with its creation only.
func (s *Seeder) Seed(ctx context.Context, file *File) (seeded Seeded, err error) {
	seeded.Secrets = make([]Secret, len(file.Clients))
	isNew := map[string]bool{}
	for i := range file.Clients {
		told := &seeded.Secrets[i]
		if *told, err = s.PutClient(ctx, &file.Clients[i]); err != nil {
			return Seeded{}, err
		}
		isNew[told.Client] = told.New
	}
	for i := range file.Users {
		if err := s.keepUser(ctx, &file.Users[i]); err != nil {
			return Seeded{}, within(fmt.Sprintf("users[%d]", i), err)
		}
	}
	for i := range file.Tokens {
		token := &file.Tokens[i]
		put := s.putToken
		if !isNew[token.Client] {
			put = s.sameToken
		}
		there, err := put(ctx, token)
		if err != nil {
			return Seeded{}, within(fmt.Sprintf("tokens[%d]", i), err)
		}
		if !there {
			seeded.Absent++
		}
	}
	return seeded, nil
}

// PutClient creates a client or replaces it. A client that exists keeps its
// secret where none is given, and stays disabled if it is. oauth.ErrExists or
// oauth.ErrChanged when another does so meanwhile.
func (s *Seeder) PutClient(ctx context.Context, c *Client) (Secret, error) {
	client, err := c.New(s.Rand)
	if err != nil {
		return Secret{}, fmt.Errorf("client %q: %w", c.ID, err)
	}
	if s.Fleeting {
		client.SecretVersion = 0
	}
	old, found := s.Registry.Client(ctx, c.ID)
	if found != nil && !errors.Is(found, oauth.ErrNotFound) {
		return Secret{}, fmt.Errorf("find client %q: %w", c.ID, found)
	}
	write := s.Registry.CreateClient
	if found == nil {
		client.Revision, client.SecretVersion = old.Revision, old.SecretVersion
		client.Disabled = client.Disabled || old.Disabled
		client.Imported = client.Imported || old.Imported // or its tokens would be refused
		write = s.Registry.UpdateClient
	}
	if err := s.giveSecret(&client, &old, oauth.NewSecret(c.Secret)); err != nil {
		return Secret{}, fmt.Errorf("secret of client %q: %w", c.ID, err)
	}
	secret, err := s.Keys.ClientSecret(&client)
	if err != nil {
		return Secret{}, fmt.Errorf("secret of client %q: %w", c.ID, err)
	}
	if err := write(ctx, client); err != nil {
		return Secret{}, fmt.Errorf("write client %q: %w", c.ID, err)
	}
	client.Revision++ // as the write raised it
	return Secret{Client: c.ID, Secret: secret, Derived: c.Secret == "" && !c.Public, New: found != nil, Stored: client}, nil
}

// giveSecret takes over the old client's secret where none is given, if its key
// is still there.
func (s *Seeder) giveSecret(client, old *oauth.Client, secret oauth.Secret) error {
	if secret.Empty() && seal.ClientKey(old) != 0 && !client.Public {
		client.SecretKey, client.SealedSecret = old.SecretKey, old.SealedSecret
		if _, err := s.Keys.ClientSecret(client); !errors.Is(err, seal.ErrUnknownKey) {
			return err
		}
	}
	return s.Keys.GiveSecret(client, secret)
}

// PutUser creates a user or replaces the password of one, who keeps the id. A
// *FieldError when the user exists with an id other than the one given.
func (s *Seeder) PutUser(ctx context.Context, u *User) (oauth.User, error) {
	user, err := s.Registry.User(ctx, u.Name)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return s.createUser(ctx, u)
	case err != nil:
		return oauth.User{}, fmt.Errorf("find user %q: %w", u.Name, err)
	}
	if err := u.sameID(&user); err != nil {
		return oauth.User{}, err
	}
	if user.PasswordHash, err = u.Hash(s.Rand); err != nil {
		return oauth.User{}, err
	}
	if err := s.Registry.UpdateUser(ctx, user); err != nil {
		return oauth.User{}, fmt.Errorf("write user %q: %w", u.Name, err)
	}
	return user, nil
}

func (s *Seeder) createUser(ctx context.Context, u *User) (oauth.User, error) {
	user, err := u.New(s.Rand)
	if err != nil {
		return oauth.User{}, err
	}
	if err := s.Registry.CreateUser(ctx, user); err != nil {
		return oauth.User{}, fmt.Errorf("write user %q: %w", u.Name, err)
	}
	return user, nil
}

// keepUser creates a user, or leaves one as they are. A *FieldError when the user
// exists with an id other than the one given.
func (s *Seeder) keepUser(ctx context.Context, u *User) error {
	user, err := s.Registry.User(ctx, u.Name)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		_, err = s.createUser(ctx, u)
		return err
	case err != nil:
		return fmt.Errorf("find user %q: %w", u.Name, err)
	}
	return u.sameID(&user)
}

func (u *User) sameID(stored *oauth.User) error {
	if u.ID != "" && u.ID != stored.ID {
		return fault("id", "cannot change: user %q has the id %q", u.Name, stored.ID)
	}
	return nil
}
