package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// keysFile keeps the keys that belong to DynamoDB tables: with others, nothing
// in them could be used.
const keysFile = "gatehouse-keys.json"

// openKeys reads or makes the keyring.
func (p *program) openKeys(s *opened, o serveOptions) (err error) {
	path := o.keys
	if path == "" && o.store == "dynamodb" {
		path = keysFile
	}
	s.held, s.keysName = &heldKeys{path: path}, "keys of its own"
	if path == "" {
		s.held.text, err = p.newKeys()
	} else {
		s.keysName, err = p.openKeysFile(path)
	}
	if err != nil {
		return err
	}
	s.readKeys = func(ctx context.Context) (*seal.Keyring, error) { return p.keyringOf(ctx, s.held) }
	s.keys, err = s.readKeys(context.Background())
	return err
}

// openKeysFile creates the file of a keyring where it is not there, for its
// owner alone, and returns its name for people.
func (p *program) openKeysFile(path string) (name string, err error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return "the keys of " + path, nil // what is wrong with it, reading it shows
	}
	text, err := p.newKeys()
	if err != nil {
		return "", err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the file that its user names
	if err != nil {
		return "", fmt.Errorf("the keys file: %w", err)
	}
	_, err = file.Write(append(text, '\n'))
	if err := errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("the keys file: %w", err)
	}
	return "the keys of " + path + ", which was created", nil
}

// newKeys is the text of a keyring of one random key.
func (p *program) newKeys() ([]byte, error) {
	key, err := p.newKey()
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]string{"current": "1", "1": key.Reveal()})
}

// newKey is 64 random characters.
func (p *program) newKey() (oauth.Secret, error) {
	var random [48]byte
	if _, err := io.ReadFull(p.rand, random[:]); err != nil {
		return oauth.Secret{}, fmt.Errorf("a random key: %w", err)
	}
	return oauth.NewSecret(base64.RawURLEncoding.EncodeToString(random[:])), nil
}
