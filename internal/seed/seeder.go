package seed

import (
	"context"
	"encoding/base64"
	"encoding/binary"
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
// must be set but Version, and Sessions and Now for tokens only.
type Seeder struct {
	Registry Registry
	Keys     *seal.Keyring
	Rand     io.Reader
	Sessions oauth.Sessions
	Now      time.Time
	Version  uint32 // of the secret of a client that is new
}

// Secret is what a client's person must be told.
type Secret struct {
	Client  string
	Secret  oauth.Secret // empty for a public client
	Derived bool         // not given: the person may not know it
	Stored  oauth.Client // as the registry has it now
}

// Seed puts all of a file into the registry, in its order.
func (s *Seeder) Seed(ctx context.Context, file *File) ([]Secret, error) {
	secrets := make([]Secret, len(file.Clients))
	for i := range file.Clients {
		var err error
		if secrets[i], err = s.PutClient(ctx, &file.Clients[i]); err != nil {
			return nil, err
		}
	}
	for i := range file.Users {
		if _, err := s.PutUser(ctx, &file.Users[i]); err != nil {
			return nil, within(fmt.Sprintf("users[%d]", i), err)
		}
	}
	for i := range file.Tokens {
		if err := s.PutToken(ctx, &file.Tokens[i]); err != nil {
			return nil, within(fmt.Sprintf("tokens[%d]", i), err)
		}
	}
	return secrets, nil
}

// PutClient creates a client or replaces it. A client that exists keeps its
// secret where none is given. oauth.ErrExists or oauth.ErrChanged when another
// does so meanwhile.
func (s *Seeder) PutClient(ctx context.Context, c *Client) (Secret, error) {
	client := oauth.Client{SecretVersion: s.Version}
	if err := c.Change(&client); err != nil {
		return Secret{}, fmt.Errorf("client %q: %w", c.ID, err)
	}
	old, found := s.Registry.Client(ctx, c.ID)
	if found != nil && !errors.Is(found, oauth.ErrNotFound) {
		return Secret{}, fmt.Errorf("find client %q: %w", c.ID, found)
	}
	write := s.Registry.CreateClient
	if found == nil {
		client.Revision, client.SecretVersion = old.Revision, old.SecretVersion
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
	return Secret{Client: c.ID, Secret: secret, Derived: c.Secret == "" && !c.Public, Stored: client}, nil
}

// SecretVersion is that of a client that is new: random, so that whoever knew the
// secret of one that was deleted does not know that of the next of its id.
func SecretVersion(random io.Reader) (version uint32, err error) {
	var bytes [4]byte
	if _, err := io.ReadFull(random, bytes[:]); err != nil {
		return 0, fmt.Errorf("a random version: %w", err)
	}
	return binary.BigEndian.Uint32(bytes[:]) >> 1, nil // with room for rotations
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
	write := s.Registry.UpdateUser
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		user, write = oauth.User{ID: u.ID, Name: u.Name}, s.Registry.CreateUser
	case err != nil:
		return oauth.User{}, fmt.Errorf("find user %q: %w", u.Name, err)
	case u.ID != "" && u.ID != user.ID:
		return oauth.User{}, fault("id", "cannot change: user %q has the id %q", u.Name, user.ID)
	}
	if user.ID == "" {
		if user.ID, err = s.newUserID(); err != nil {
			return oauth.User{}, err
		}
	}
	if user.PasswordHash, err = u.Hash(s.Rand); err != nil {
		return oauth.User{}, err
	}
	if err := write(ctx, user); err != nil {
		return oauth.User{}, fmt.Errorf("write user %q: %w", u.Name, err)
	}
	return user, nil
}

func (s *Seeder) newUserID() (string, error) {
	var id [16]byte
	if _, err := io.ReadFull(s.Rand, id[:]); err != nil {
		return "", fmt.Errorf("random user id: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(id[:]), nil
}
