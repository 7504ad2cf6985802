package password

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"gatehouse/internal/oauth"
)

// Guard slows guessing down, whoever checks the passwords. Every field must be
// set.
type Guard struct {
	Throttle oauth.Throttle
	Key      func(text string) string // of a counter: a keyed hash, which shows neither name nor address
	Log      *slog.Logger             // of what went wrong and turns nobody away
}

// counter is one of the counters of a try, after it was raised.
type counter struct {
	oauth.Tries
	key  string
	keep time.Duration
	err  error
}

// tally is all of them.
type tally struct{ pair, user, address counter }

// count raises the counters of a try side by side: one round trip. A try that is
// refused for them counts as well.
func (g Guard) count(ctx context.Context, s oauth.SignIn) (*tally, error) {
	t := g.uncounted(s)
	var all sync.WaitGroup
	for _, c := range []*counter{&t.pair, &t.user, &t.address} {
		all.Go(func() { c.Tries, c.err = g.Throttle.Count(ctx, c.key, s.Now, c.keep) })
	}
	all.Wait()
	for _, err := range []error{t.pair.err, t.address.err} {
		if err != nil {
			return nil, fmt.Errorf("count tries: %w", err)
		}
	}
	if t.user.err != nil {
		// A flood of tries for one user exceeds what one item can take. That
		// must not turn the user away either.
		g.Log.WarnContext(ctx, "tries for a user are not counted, and taken for very many", "fault", t.user.err)
		t.user.Count = besieged + 1
	}
	return t, nil
}

// undo takes back what a right sign-in counted, where there is much of it. Of a
// user or an address it is only the one: anybody may sign in to an account of
// their own between guesses at others. pair says how it is undone of the pair.
func (g Guard) undo(ctx context.Context, t *tally, pair func(ctx context.Context, key string) error) {
	var all sync.WaitGroup
	undo := func(c *counter, l limit, how func(context.Context, string) error) {
		if c.err != nil || !l.takesBack(c.Tries) {
			return
		}
		all.Go(func() {
			if err := how(ctx, c.key); err != nil { // the counter stays too high, which harms little
				g.Log.WarnContext(ctx, "tries of a right sign-in are not taken back", "fault", err)
			}
		})
	}
	undo(&t.pair, pairLimit(t.user.Count), pair)
	undo(&t.user, userLimit(), g.Throttle.TakeBack)
	undo(&t.address, addressLimit(), g.Throttle.TakeBack)
	all.Wait()
}

// uncounted names the counters of a try.
func (g Guard) uncounted(s oauth.SignIn) *tally {
	now := strconv.FormatInt(s.Now.Unix()/int64(window/time.Second), 10)
	return &tally{
		pair:    counter{key: g.key("pair", network(s.Source, site), s.Name), keep: keepPair},
		user:    counter{key: g.key("user", now, s.Name), keep: window},
		address: counter{key: g.key("address", now, network(s.Source, link)), keep: window},
	}
}

// key is evenly distributed but for its kind, so that it spreads over
// partitions. Only the last part may have a NUL in it.
func (g Guard) key(kind, part, last string) string {
	return kind + ":" + g.Key(part+"\x00"+last)
}

// What of an IPv6 address counts, in bits. One machine may use any of the 2^64
// addresses of its link (RFC 4291 §2.5.1), and whoever has a site, or a tunnel
// that costs nothing, any of the 2^16 links there (RFC 6177 §2). A pair is of a
// site: its neighbours seldom sign in as one user. What is counted of all users
// would make them wait for each other, and is of a link.
const (
	link = 64
	site = 48
)

// network is the whole IPv4 address, but of an IPv6 one the first bits.
func network(source netip.Addr, bits int) string {
	source = source.Unmap()
	if prefix, err := source.Prefix(bits); source.Is6() && err == nil {
		return prefix.String()
	}
	return source.String()
}
