package deployment

import (
	"context"
	"fmt"
	"sync"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// renewEvery bounds how often junk that names made-up keys can make a function
// read its keyring again.
const renewEvery = 30 * time.Second

// renewTimeout leaves the request that waits for the reading time to answer.
const renewTimeout = 2 * time.Second

// renewal reads the keyring again when a request names a key it lacks, which
// is how a running function learns of a rotation.
type renewal struct {
	keys  *seal.Keyring
	read  func(context.Context) (*seal.Keyring, error)
	clock func() time.Time

	mu   sync.Mutex
	last time.Time
	err  error // of the last reading
}

func (d *Deployment) renewal() *renewal {
	return &renewal{keys: d.Keys, read: d.ReadKeys, clock: d.Clock}
}

// renew reports whether the keyring is fresh now, by this reading or another of
// the last half minute. While the last reading failed nobody knows which keys
// there are, and that is an error: a token of a new key must not be refused
// for good.
func (n *renewal) renew(ctx context.Context) (bool, error) {
	if n.read == nil {
		return false, nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock()
	if !n.last.IsZero() && now.Sub(n.last) < renewEvery {
		return n.err == nil, n.err
	}
	n.last = now
	ctx, cancel := context.WithTimeout(ctx, renewTimeout)
	defer cancel()
	newer, err := n.read(ctx)
	if err != nil {
		n.err = fmt.Errorf("read the keyring again: %w", err)
		return false, n.err
	}
	n.err = nil
	n.keys.Replace(newer)
	return true, nil
}

// withFreshKeys asks once more with a fresh keyring when the answer was that a
// key is unknown. Such a refusal comes before anything is written.
func withFreshKeys[A any](n *renewal, ask func(context.Context, *oauth.Request) (A, error), unknownKey func(*A) bool) func(context.Context, *oauth.Request) (A, error) {
	return func(ctx context.Context, r *oauth.Request) (A, error) {
		answer, err := ask(ctx, r)
		if err != nil || !unknownKey(&answer) {
			return answer, err
		}
		fresh, err := n.renew(ctx)
		if err != nil || !fresh {
			return answer, err
		}
		return ask(ctx, r)
	}
}

func unknownKeyAnswer(a *oauth.Response) bool { return a.Refusal != nil && a.Refusal.UnknownKey }

func unknownKeyVerdict(v *oauth.Verdict) bool { return v.Refusal != nil && v.Refusal.UnknownKey }
