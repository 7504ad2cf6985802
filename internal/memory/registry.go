package memory

import (
	"context"
	"maps"
	"slices"

	"gatehouse/internal/oauth"
)

// Client returns the client called id, or oauth.ErrNotFound.
func (s *Store) Client(_ context.Context, id string) (oauth.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	client, ok := s.clients[id]
	if !ok {
		return oauth.Client{}, oauth.ErrNotFound
	}
	return client.Kept(), nil
}

// AllClients returns every client; see oauth.ClientList.
func (s *Store) AllClients(context.Context) ([]oauth.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]oauth.Client, 0, len(s.clients))
	for _, id := range slices.Sorted(maps.Keys(s.clients)) {
		client := s.clients[id]
		all = append(all, client.Kept())
	}
	return all, nil
}

// User returns the user called name, or oauth.ErrNotFound.
func (s *Store) User(_ context.Context, name string) (oauth.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, ok := s.users[name]
	if !ok {
		return oauth.User{}, oauth.ErrNotFound
	}
	return user, nil
}

// ListUsers returns one page of the users by name; see oauth.UserList.
func (s *Store) ListUsers(_ context.Context, after string, limit int) ([]oauth.User, string, error) {
	last := ""
	if after != "" {
		var err error
		if last, err = oauth.ParseKeyCursor(after); err != nil {
			return nil, "", err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.Sorted(maps.Keys(s.users))
	names = slices.DeleteFunc(names, func(name string) bool { return name <= last })
	next := ""
	if limit = min(max(limit, 1), 1000); len(names) > limit {
		names = names[:limit]
		next = oauth.KeyCursor(names[limit-1])
	}
	page := make([]oauth.User, len(names))
	for i, name := range names {
		page[i] = s.users[name]
	}
	return page, next, nil
}

// CreateClient stores a new client; see oauth.ClientRegistry.
func (s *Store) CreateClient(_ context.Context, c oauth.Client) error {
	c.Revision = 1
	c = c.Kept()
	s.mu.Lock()
	defer s.mu.Unlock()
	return create(s.clients, c.ID, c, c.Equal)
}

// UpdateClient replaces a client; see oauth.ClientRegistry.
func (s *Store) UpdateClient(_ context.Context, c oauth.Client) error {
	before := c.Revision
	c.Revision++
	c = c.Kept()
	s.mu.Lock()
	defer s.mu.Unlock()
	return update(s.clients, c.ID, c, func(old *oauth.Client) bool { return old.Revision == before || old.Equal(&c) })
}

// DeleteClient deletes a client; see oauth.ClientRegistry.
func (s *Store) DeleteClient(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.clients, id)
	return nil
}

// CreateUser stores a new user; see oauth.UserRegistry.
func (s *Store) CreateUser(_ context.Context, u oauth.User) error {
	u.Revision = 1
	s.mu.Lock()
	defer s.mu.Unlock()
	return create(s.users, u.Name, u, func(old *oauth.User) bool { return *old == u })
}

// UpdateUser replaces a user; see oauth.UserRegistry.
func (s *Store) UpdateUser(_ context.Context, u oauth.User) error {
	before := u.Revision
	u.Revision++
	s.mu.Lock()
	defer s.mu.Unlock()
	return update(s.users, u.Name, u, func(old *oauth.User) bool { return old.Revision == before || *old == u })
}

// DeleteUser deletes a user; see oauth.UserRegistry.
func (s *Store) DeleteUser(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.users, name)
	return nil
}

// create puts in what is new, or a retry.
func create[V any](items map[string]V, key string, value V, retried func(old *V) bool) error {
	if old, taken := items[key]; taken && !retried(&old) {
		return oauth.ErrExists
	}
	items[key] = value
	return nil
}

// update replaces what may be replaced.
func update[V any](items map[string]V, key string, value V, may func(old *V) bool) error {
	old, there := items[key]
	switch {
	case !there:
		return oauth.ErrNotFound
	case !may(&old):
		return oauth.ErrChanged
	}
	items[key] = value
	return nil
}

// Reseal seals a client's secret anew; see oauth.ClientSecrets.
func (s *Store) Reseal(_ context.Context, old oauth.Client, sealed string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	client, there := s.clients[old.ID]
	same := client.SecretKey == old.SecretKey && client.SecretVersion == old.SecretVersion && client.SealedSecret == old.SealedSecret
	if !there || !same && client.SealedSecret != sealed {
		return oauth.ErrNotFound
	}
	client.SealedSecret = sealed
	client.Revision++
	s.clients[old.ID] = client
	return nil
}

// Rehash replaces a password hash; see oauth.Passwords.
func (s *Store) Rehash(_ context.Context, name, old, renewed string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, there := s.users[name]
	if !there || user.PasswordHash != old && user.PasswordHash != renewed {
		return oauth.ErrNotFound
	}
	user.PasswordHash = renewed
	user.Revision++
	s.users[name] = user
	return nil
}
