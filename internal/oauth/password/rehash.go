package password

import (
	"context"
	"fmt"

	"gatehouse/internal/oauth"
)

// renew hashes the password of a right sign-in anew where its hash is of another
// kind or cost than the deployment's, and notes the new hash in user. What goes wrong is
// logged and no reason to refuse: the next sign-in tries again. Such a sign-in
// takes longer, which only somebody with the right password can see.
//
// Where the user is signed in at the pages, other browsers have to sign in again
// once, since the hash is how they tell whether the password is still theirs.
func (g *Registry) renew(ctx context.Context, user *oauth.User, password oauth.Secret) {
	s, err := parse(user.PasswordHash)
	if err == nil && s.cost == g.cost {
		return
	}
	fresh, err := g.rehash(ctx, user, password)
	if err != nil {
		g.guard.Log.WarnContext(ctx, "a password is not hashed anew", "user", user.ID, "fault", err)
		return
	}
	user.PasswordHash = fresh
}

func (g *Registry) rehash(ctx context.Context, user *oauth.User, password oauth.Secret) (string, error) {
	leave, err := g.enter(ctx)
	if err != nil {
		return "", err
	}
	fresh, err := Hash(password, g.cost, g.random)
	leave()
	if err != nil {
		return "", err
	}
	if err := g.users.Rehash(ctx, user.Name, user.PasswordHash, fresh); err != nil {
		return "", fmt.Errorf("store the hash: %w", err)
	}
	return fresh, nil
}

// enter waits for a processor; leave gives it back.
func (g *Registry) enter(ctx context.Context) (leave func(), err error) {
	select {
	case g.hashing <- struct{}{}:
		return func() { <-g.hashing }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("password: wait for a processor: %w", ctx.Err())
	}
}
