package password

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"runtime"
	"time"

	"gatehouse/internal/oauth"
)

// Registry authenticates the users of the Registry table. It implements
// oauth.Authenticator.
type Registry struct {
	users    oauth.Users
	throttle oauth.Throttle
	dummy    string        // what a user who does not exist is checked against
	hashing  chan struct{} // as many at once as there are processors, since each takes 19 MiB
}

// NewRegistry returns an Authenticator over users whose tries throttle counts.
// random salts the hash that stands in for users who do not exist.
func NewRegistry(users oauth.Users, throttle oauth.Throttle, random io.Reader) (*Registry, error) {
	salt := make([]byte, saltSize+hashSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, fmt.Errorf("password: salt: %w", err)
	}
	// Any hash that no password has will do, and costs nothing to make.
	dummy := stored{OWASP(), salt[:saltSize], salt[saltSize:]}.String()
	return &Registry{users, throttle, dummy, make(chan struct{}, runtime.GOMAXPROCS(0))}, nil
}

// Authenticate counts the try, then checks the password; see
// oauth.Authenticator. User and counter take one round trip together.
func (g *Registry) Authenticate(ctx context.Context, s oauth.SignIn) (oauth.User, *oauth.Error, error) {
	key := throttleKey(s)
	user, tries, err := g.look(ctx, s.Name, key, s.Now)
	if err != nil {
		return oauth.User{}, nil, err
	}
	if tooSoon(tries, s.Now) {
		return oauth.User{}, tooMany(delay(tries.Count + 1)), nil // this try is the one that the next waits for
	}
	right, err := g.matches(ctx, &user, s.Password)
	if err != nil {
		return oauth.User{}, nil, err
	}
	if !right {
		return oauth.User{}, oauth.BadRequest(oauth.PermissionDenied, "unknown user or wrong password"), nil
	}
	if tries.Count > freeTries/2 {
		if err := g.throttle.Forget(ctx, key); err != nil {
			return oauth.User{}, nil, fmt.Errorf("forget tries: %w", err)
		}
	}
	return user, nil, nil
}

// look reads the user and raises the counter side by side. The user is empty
// when there is none of that name.
func (g *Registry) look(ctx context.Context, name, key string, now time.Time) (oauth.User, oauth.Tries, error) {
	type counted struct {
		oauth.Tries
		err error
	}
	done := make(chan counted, 1)
	go func() {
		t, err := g.throttle.Count(ctx, key, now, keepTries)
		done <- counted{t, err}
	}()
	user, err := g.users.User(ctx, name)
	count := <-done
	if err != nil && !errors.Is(err, oauth.ErrNotFound) {
		return oauth.User{}, oauth.Tries{}, fmt.Errorf("find user: %w", err)
	}
	if count.err != nil {
		return oauth.User{}, oauth.Tries{}, fmt.Errorf("count tries: %w", count.err)
	}
	return user, count.Tries, nil
}

// matches takes one hash's time, whatever the user.
func (g *Registry) matches(ctx context.Context, user *oauth.User, password oauth.Secret) (bool, error) {
	select {
	case g.hashing <- struct{}{}:
		defer func() { <-g.hashing }()
	case <-ctx.Done():
		return false, fmt.Errorf("password: wait for a processor: %w", ctx.Err())
	}
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

const (
	freeTries = 10
	keepTries = 15 * time.Minute
	maxDelay  = 5 * time.Minute
)

// delay is how long a try must wait after the one before it: not at all for
// the first ten, then 1 s, 2 s, 4 s … up to 5 minutes, until nobody has tried
// for 15 minutes. Tries are counted for a user and address together, so that a
// stranger cannot lock the user out.
func delay(try int) time.Duration {
	doublings := try - freeTries - 1
	switch {
	case doublings < 0:
		return 0
	case doublings >= 9: // 2^9 seconds are more than 5 minutes
		return maxDelay
	}
	return time.Second << doublings
}

func tooSoon(t oauth.Tries, now time.Time) bool {
	wait := delay(t.Count)
	return wait > 0 && now.Before(t.Previous.Add(wait))
}

func tooMany(wait time.Duration) *oauth.Error {
	return &oauth.Error{Status: http.StatusTooManyRequests, Code: oauth.SlowDown, RetryAfter: wait,
		Description: fmt.Sprintf("too many tries for this user from this address; wait %.0f seconds", wait.Seconds())}
}

// throttleKey is a hash, so that the table holds no names and no addresses to
// read, and spreads over partitions.
func throttleKey(s oauth.SignIn) string {
	sum := sha256.Sum256([]byte(network(s.Source) + "\x00" + s.Name))
	return "signin:" + base64.RawURLEncoding.EncodeToString(sum[:])
}

// network is the whole IPv4 address, but of an IPv6 one the /64 of its link (RFC
// 4291 §2.5.1): one machine may use any of the 2^64 addresses there.
func network(source netip.Addr) string {
	source = source.Unmap()
	if prefix, err := source.Prefix(64); source.Is6() && err == nil {
		return prefix.String()
	}
	return source.String()
}
