package password

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
)

var (
	instant   = time.Date(2035, 1, 2, 3, 4, 5, 678_900_000, time.UTC)
	home      = netip.MustParseAddr("192.0.2.1")
	errBroken = errors.New("the store is broken")
)

// cheap is a cost at which many guesses take no time.
func cheap() Cost { return Cost{Memory: 8, Passes: 1, Threads: 1} }

// counting is deterministic randomness.
func counting() *bytes.Reader {
	raw := make([]byte, 1<<12)
	for i := range raw {
		raw[i] = byte(i)
	}
	return bytes.NewReader(raw)
}

func hashed(t testing.TB, password string, cost Cost) string {
	t.Helper()
	phc, err := Hash(oauth.NewSecret(password), cost, counting())
	if err != nil {
		t.Fatal(err)
	}
	return phc
}

// door is a Registry on a store in memory, with a clock that the test moves,
// and the users alice, whose password is "right", cheaply hashed; careful, the
// same with the usual cost; disabled, hashless and corrupt.
type door struct {
	t        testing.TB
	registry oauth.Authenticator
	store    *memory.Store
	cost     Cost // of new hashes
	log      bytes.Buffer
	mu       sync.Mutex
	now      time.Time
}

func newDoor(t testing.TB) *door {
	t.Helper()
	return newDoorAt(t, OWASP())
}

// newQuickDoor is one at which no try takes any time.
func newQuickDoor(t testing.TB) *door {
	t.Helper()
	return newDoorAt(t, cheap())
}

func newDoorAt(t testing.TB, usual Cost) *door {
	t.Helper()
	d := &door{t: t, store: memory.New(), now: instant, cost: usual}
	hash := hashed(t, "right", usual)
	for _, user := range []oauth.User{
		{ID: "u1", Name: "alice", PasswordHash: hashed(t, "right", cheap())},
		{ID: "u2", Name: "careful", PasswordHash: hash},
		{ID: "u3", Name: "disabled", PasswordHash: hash, Disabled: true},
		{ID: "u4", Name: "hashless"},
		{ID: "u5", Name: "corrupt", PasswordHash: "$argon2id$v=19$junk"},
	} {
		if err := d.store.CreateUser(t.Context(), user); err != nil {
			t.Fatal(err)
		}
	}
	d.registry = d.over(d.store, d.store)
	return d
}

func (d *door) over(users Users, throttle oauth.Throttle) *Registry {
	registry, err := NewRegistry(users, d.guard(throttle), d.cost, counting())
	if err != nil {
		d.t.Fatal(err)
	}
	return registry
}

func (d *door) guard(throttle oauth.Throttle) Guard {
	return Guard{throttle, hashing().Key, slog.New(slog.NewTextHandler(&d.log, nil))}
}

func (d *door) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *door) wait(step time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(step)
}

// try signs name in from an address; the code is "" when that is right.
func (d *door) try(name, password string, from netip.Addr) (code string, retryAfter time.Duration) {
	d.t.Helper()
	user, refusal, err := d.registry.Authenticate(d.t.Context(), d.signIn(name, password, from))
	if err != nil {
		d.t.Fatalf("%s: %v", name, err)
	}
	if refusal != nil {
		if user != (oauth.User{}) {
			d.t.Errorf("%s: refused, yet told %+v", name, user)
		}
		return refusal.Code, refusal.RetryAfter
	}
	return "", 0
}

// fail makes n wrong guesses at alice from home.
func (d *door) fail(n int) {
	d.t.Helper()
	for range n {
		if code, _ := d.try("alice", "wrong", home); code == "" {
			d.t.Fatal("a wrong password is let in")
		}
	}
}

// count is how many tries are counted of name from home, this one included.
func (d *door) count(name string) int {
	d.t.Helper()
	tries, err := d.store.Count(d.t.Context(), hashing().uncounted(d.signIn(name, "", home)).pair.key, d.clock(), keepPair)
	if err != nil {
		d.t.Fatal(err)
	}
	return tries.Count
}

func (d *door) signIn(name, password string, from netip.Addr) oauth.SignIn {
	return oauth.SignIn{Name: name, Password: oauth.NewSecret(password), Source: from, Now: d.clock()}
}

// stand is a store that calls a hook before each operation, whose error, if
// any, is the answer.
type stand struct {
	*memory.Store
	user                    func() error
	count, forget, takeBack func(key string) error
}

func (s stand) User(ctx context.Context, name string) (oauth.User, error) {
	if s.user != nil {
		if err := s.user(); err != nil {
			return oauth.User{}, err
		}
	}
	return s.Store.User(ctx, name)
}

func (s stand) Count(ctx context.Context, key string, now time.Time, keep time.Duration) (oauth.Tries, error) {
	if err := called(s.count, key); err != nil {
		return oauth.Tries{}, err
	}
	return s.Store.Count(ctx, key, now, keep)
}

func (s stand) Forget(ctx context.Context, key string) error {
	if err := called(s.forget, key); err != nil {
		return err
	}
	return s.Store.Forget(ctx, key)
}

func (s stand) TakeBack(ctx context.Context, key string) error {
	if err := called(s.takeBack, key); err != nil {
		return err
	}
	return s.Store.TakeBack(ctx, key)
}

func called(hook func(string) error, key string) error {
	if hook == nil {
		return nil
	}
	return hook(key)
}

func broken() error { return errBroken }

func allBroken(string) error { return errBroken }

// brokenOf breaks the counters whose keys begin with kind.
func brokenOf(kind string) func(string) error {
	return func(key string) error {
		if strings.HasPrefix(key, kind) {
			return errBroken
		}
		return nil
	}
}

// hashing is a Guard that makes keys, by a key of its own as a deployment does.
func hashing() Guard {
	return Guard{Key: func(text string) string {
		mac := hmac.New(sha256.New, []byte("a key for tests that nobody must ever use"))
		mac.Write([]byte(text))
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}}
}
