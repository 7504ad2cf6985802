package password

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"gatehouse/internal/oauth"
)

// Registry authenticates the users of the Registry table. It implements
// oauth.Authenticator.
type Registry struct {
	users   Users
	guard   Guard
	cost    Cost // of new hashes
	random  io.Reader
	dummy   string        // what a user who does not exist is checked against
	hashing chan struct{} // as many at once as there are processors, for the memory that each takes
}

// Users are those of the Registry table, with their passwords' hashes.
type Users interface {
	oauth.Users
	oauth.Passwords
}

// NewRegistry returns an Authenticator over users whose tries guard counts. New
// hashes cost what cost says, and so does a user who does not exist; random
// salts them. A user whose hash is of another kind or cost can be told from one
// who does not exist by the time that a wrong password takes, until the next
// right one.
func NewRegistry(users Users, guard Guard, cost Cost, random io.Reader) (*Registry, error) {
	salt := make([]byte, saltSize+hashSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, fmt.Errorf("password: salt: %w", err)
	}
	// Any hash that no password has will do, and costs nothing to make.
	dummy := stored{cost, salt[:saltSize], salt[saltSize:]}.String()
	return &Registry{users, guard, cost, random, dummy, make(chan struct{}, runtime.GOMAXPROCS(0))}, nil
}

// Authenticate counts the try, then checks the password; see
// oauth.Authenticator. User and counters take one round trip together.
func (g *Registry) Authenticate(ctx context.Context, s oauth.SignIn) (oauth.User, *oauth.Error, error) {
	user, tries, err := g.look(ctx, s)
	if err != nil {
		return oauth.User{}, nil, err
	}
	if refusal := tries.refusal(s.Now); refusal != nil {
		return oauth.User{}, of(&user, refusal), nil
	}
	right, err := g.matches(ctx, &user, s.Password)
	if err != nil {
		return oauth.User{}, nil, err
	}
	if !right {
		return oauth.User{}, of(&user, wrong()), nil
	}
	g.guard.undo(ctx, tries, g.guard.Throttle.Forget)
	g.renew(ctx, &user, s.Password)
	return user, nil, nil
}

// wrong is the one refusal of all that is not right.
func wrong() *oauth.Error {
	refusal := oauth.BadRequest(oauth.PermissionDenied, "unknown user or wrong password")
	refusal.Act = oauth.ActSignInRefused
	return refusal
}

// of says for the log whose password it was not, by the id. A name that nobody
// has is not for it: some type their password there.
func of(user *oauth.User, refusal *oauth.Error) *oauth.Error {
	if user.ID != "" {
		refusal.Session = &oauth.Session{User: user.ID}
	}
	return refusal
}

// look reads the user and raises the counters side by side. The user is empty
// when there is none of that name.
func (g *Registry) look(ctx context.Context, s oauth.SignIn) (oauth.User, *tally, error) {
	type counted struct {
		tries *tally
		err   error
	}
	done := make(chan counted, 1)
	go func() {
		t, err := g.guard.count(ctx, s)
		done <- counted{t, err}
	}()
	user, err := g.users.User(ctx, s.Name)
	count := <-done
	if err != nil && !errors.Is(err, oauth.ErrNotFound) {
		return oauth.User{}, nil, fmt.Errorf("find user: %w", err)
	}
	return user, count.tries, count.err
}

// matches takes one hash's time, whatever the user.
func (g *Registry) matches(ctx context.Context, user *oauth.User, password oauth.Secret) (bool, error) {
	leave, err := g.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	usable := user.PasswordHash != "" && !user.Disabled
	phc := user.PasswordHash
	if !usable {
		phc = g.dummy
	}
	right, err := Matches(password, phc)
	if err != nil {
		return false, fmt.Errorf("user %q: %w", user.Name, err)
	}
	return right && usable, nil
}
