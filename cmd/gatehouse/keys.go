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
	if path == "" {
		s.keysName = "keys of its own"
		_, s.keys, err = p.newKeys()
		return err
	}
	s.keysName = "the keys of " + path
	s.readKeys = func(context.Context) (*seal.Keyring, error) { return p.readKeys(path) }
	s.keys, err = p.readKeys(path)
	if errors.Is(err, fs.ErrNotExist) {
		s.keysName += ", which was created"
		s.keys, err = p.createKeys(path)
	}
	return err
}

func (p *program) readKeys(path string) (*seal.Keyring, error) {
	kept, err := p.keysOfFile(path)
	if err != nil {
		return nil, err
	}
	return kept.keys, nil
}

// createKeys makes a keyring that only its owner can read.
func (p *program) createKeys(path string) (*seal.Keyring, error) {
	text, keys, err := p.newKeys()
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the file that its user names
	if err != nil {
		return nil, fmt.Errorf("the keys file: %w", err)
	}
	_, err = file.Write(append(text, '\n'))
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("the keys file: %w", err)
	}
	return keys, nil
}

// newKeys makes a keyring of one random key.
func (p *program) newKeys() ([]byte, *seal.Keyring, error) {
	key, err := p.newKey()
	if err != nil {
		return nil, nil, err
	}
	text, err := json.Marshal(map[string]string{"current": "1", "1": key.Reveal()})
	if err != nil {
		return nil, nil, err
	}
	keys, err := seal.ParseKeyring(text)
	return text, keys, err
}

// newKey is 64 random characters.
func (p *program) newKey() (oauth.Secret, error) {
	var random [48]byte
	if _, err := io.ReadFull(p.rand, random[:]); err != nil {
		return oauth.Secret{}, fmt.Errorf("a random key: %w", err)
	}
	return oauth.NewSecret(base64.RawURLEncoding.EncodeToString(random[:])), nil
}
