// Package sample is a client with a session, whose token is checked by those who
// measure what that takes.
package sample

import (
	"context"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// Keyring is the text of the keyring of all tokens here.
const Keyring = `{"current":"1","1":"a key for measurements that nobody must ever use"}`

// Store is where a sample is put.
type Store interface {
	oauth.ClientRegistry
	oauth.Sessions
}

// Put has a client with a session in store, and returns the keyring and the
// session's access token.
func Put(ctx context.Context, store Store) (*seal.Keyring, string, error) {
	keys, err := seal.ParseKeyring([]byte(Keyring))
	if err != nil {
		return nil, "", fmt.Errorf("read the keyring: %w", err)
	}
	if err := store.CreateClient(ctx, oauth.Client{ID: ClientID, SecretKey: 1}); err != nil {
		return nil, "", fmt.Errorf("create the client: %w", err)
	}
	now := time.Now()
	end := now.Add(24 * time.Hour)
	session := oauth.Session{ID: oauth.SessionID{1, 2, 3}, Protocol: oauth.OAuth2, Client: ClientID, User: "u1", Scope: []string{"read"},
		Generation: 3, Created: now, Renewed: now, Expires: end, AccessExpires: end}.Kept()
	if err := store.Create(ctx, session); err != nil {
		return nil, "", fmt.Errorf("create the session: %w", err)
	}
	return keys, keys.Mint(seal.AccessToken, session.ID, session.Generation).Reveal(), nil
}
