package deployment

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// KeysAge is how old the keyring of a running function may be when a request is
// judged by it, as long as it can be read again: a key that was removed is
// refused by then.
const KeysAge = 5 * time.Minute

// TakeoverWait is how long a new key waits until it makes tokens: every function
// has learnt of it by then, and a minute is left for a reading that is tried
// again and for clocks that differ.
const TakeoverWait = KeysAge + time.Minute

// renewAge is when the keyring is read again beside a request, so that where
// there is traffic no request has to wait until it was read.
const renewAge = 4 * time.Minute

// renewEvery bounds how often junk that names made-up keys can make a function
// read its keyring again, and how often one that can't be read is tried.
const renewEvery = 30 * time.Second

// renewTimeout leaves the request that waits for the reading time to answer.
const renewTimeout = time.Second

// renewal keeps the keyring of a running function at most KeysAge old, and
// reads it again when a request names a key it lacks.
type renewal struct {
	keys  *seal.Keyring
	read  func(context.Context) (*seal.Keyring, error)
	clock func() time.Time
	log   *slog.Logger

	mu   sync.Mutex
	asOf time.Time // when the reading began that gave the keys
	last *reading  // nil: none since the function began
}

// reading is one reading of the keyring, under way or done.
type reading struct {
	began time.Time
	done  chan struct{}
	err   error // once done is closed
}

func (d *Deployment) renewal() *renewal {
	n := &renewal{keys: d.Keys, read: d.ReadKeys, clock: d.Clock, log: d.Log}
	n.asOf = n.now()
	return n
}

// now is without the monotonic reading, which stands still while Lambda has
// frozen the function.
func (n *renewal) now() time.Time { return n.clock().Round(0) }

// prepare has the keys right for a request that begins, and returns what to
// call before it is answered: a reading that goes on after the answer would be
// frozen with the function. While the keyring can't be read the keys stay.
func (n *renewal) prepare(ctx context.Context) (finish func()) {
	now := n.now()
	n.keys.Activate(now)
	age := n.age(now)
	if n.read == nil || age < renewAge {
		return func() {}
	}
	r := n.begin(ctx)
	if age < KeysAge {
		return func() { _ = r.wait(ctx) } // which logs its fault
	}
	_ = r.wait(ctx)
	return func() {}
}

func (n *renewal) age(now time.Time) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return now.Sub(n.asOf).Abs()
}

// renew reports whether the keyring is fresh now, by this reading or another of
// the last half minute. While the last reading failed nobody knows which keys
// there are, and that is an error: a token of a new key must not be refused
// for good.
func (n *renewal) renew(ctx context.Context) (bool, error) {
	if n.read == nil {
		return false, nil
	}
	err := n.begin(ctx).wait(ctx)
	return err == nil, err
}

// begin returns the last reading, a new one if that began half a minute ago. A
// request that goes away does not end it, since others may wait for it.
func (n *renewal) begin(ctx context.Context) *reading {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	if n.last != nil && now.Sub(n.last.began).Abs() < renewEvery {
		return n.last
	}
	r := &reading{began: now, done: make(chan struct{})}
	n.last = r
	go n.perform(context.WithoutCancel(ctx), r)
	return r
}

func (n *renewal) perform(ctx context.Context, r *reading) {
	defer close(r.done)
	ctx, cancel := context.WithTimeout(ctx, renewTimeout)
	defer cancel()
	newer, err := n.read(ctx)
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case err != nil:
		r.err = fmt.Errorf("read the keyring again: %w", err)
		n.log.Error("the keyring stays as it was", "error", r.err, "as_of", n.asOf)
	case !r.began.Before(n.asOf): // else a later one was faster
		newer.Activate(n.now())
		n.keys.Replace(newer)
		n.asOf = r.began
	}
}

// wait returns the error of the reading once it is done.
func (r *reading) wait(ctx context.Context) error {
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// withFreshKeys answers by a keyring that is fresh enough, and asks once more
// by one that was just read when the answer was that a key is unknown. Nothing is
// written before such a refusal but what was spent, and that is one attempt.
func withFreshKeys[A any](n *renewal, ask func(context.Context, *oauth.Request) (A, error), unknownKey func(*A) bool) func(context.Context, *oauth.Request) (A, error) {
	return func(ctx context.Context, r *oauth.Request) (A, error) {
		ctx = oauth.WithAttempt(ctx)
		finish := n.prepare(ctx)
		answer, err := ask(ctx, r)
		finish()
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
