package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"sync"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// heldKeys is the keyring of a server: operator.Keys, for the commands that
// change it while the server runs.
type heldKeys struct {
	path string // of its file; empty: in memory alone

	mu   sync.Mutex
	text []byte // in memory
}

// ReadKeys returns the text of the keyring.
func (h *heldKeys) ReadKeys(context.Context) ([]byte, error) {
	if h.path != "" {
		return readKeysFile(h.path)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text, nil
}

// ReplaceKeys puts newer in the place of older, or returns oauth.ErrChanged.
func (h *heldKeys) ReplaceKeys(_ context.Context, older, newer []byte) error {
	if h.path != "" {
		err := replaceFile(h.path, older, newer)
		if errors.Is(err, errChanged) {
			return oauth.ErrChanged
		}
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !bytes.Equal(h.text, older) {
		return oauth.ErrChanged
	}
	h.text = newer
	return nil
}

// keyringOf reads the keyring of a server.
func (p *program) keyringOf(ctx context.Context, h *heldKeys) (*seal.Keyring, error) {
	text, err := h.ReadKeys(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := newKeptKeys(cmp.Or(h.path, "the keyring of the server"), text, p.clock())
	if err != nil {
		return nil, err
	}
	return kept.keys, nil
}
