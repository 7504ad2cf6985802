package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
)

// signIns is how many there are in a second.
const signIns = 1_200

// counted is how many counters each raises, in a write each.
const counted = 3

// crowd is who signs in, by a number that counts them.
type crowd struct {
	name string
	who  func(i int) (user string, from netip.Addr)
}

func crowds() []crowd {
	named := func(i int) string { return fmt.Sprintf("user-%d", i) }
	somewhere := func(i int) netip.Addr {
		var raw [4]byte
		binary.BigEndian.PutUint32(raw[:], 10<<24+uint32(i)) // #nosec G115 -- small
		return netip.AddrFrom4(raw)
	}
	return []crowd{
		{"users, each from an address of their own", func(i int) (string, netip.Addr) { return named(i), somewhere(i) }},
		{"users behind one address, or one machine that tries many", func(i int) (string, netip.Addr) { return named(i), somewhere(0) }},
		{"one user, tried from everywhere", func(i int) (string, netip.Addr) { return named(0), somewhere(i) }},
		{"one user from one address", func(int) (string, netip.Addr) { return named(0), somewhere(0) }},
	}
}

// tried is the demand of a crowd on the table of counters, by the keys that the
// guard of the password grant makes.
func (c crowd) tried() (demand, error) {
	keys, err := keyring()
	if err != nil {
		return demand{}, err
	}
	seen := &recorder{}
	users := password.NewDelegated(nobody{}, password.Guard{Throttle: seen, Key: keys.ThrottleKey, Log: slog.New(slog.DiscardHandler)})
	for i := range signIns * seconds {
		user, from := c.who(i)
		at := start().Add(time.Duration(i/signIns) * time.Second)
		if _, _, err := users.Authenticate(context.Background(), oauth.SignIn{Name: user, Source: from, Now: at}); err != nil {
			return demand{}, err
		}
	}
	if len(seen.places) != counted*signIns*seconds {
		return demand{}, fmt.Errorf("%d counters were raised by %d tries", len(seen.places), signIns*seconds)
	}
	return demand{seen.places, counted * signIns, 1, partitionWrites}, nil
}

// nobody has a right password.
type nobody struct{}

func (nobody) Check(context.Context, oauth.SignIn) (oauth.User, bool, error) {
	return oauth.User{}, false, nil
}

// recorder is an oauth.Throttle that remembers where its counters are.
type recorder struct {
	mu     sync.Mutex
	places []uint64
}

// Count raises a counter that is always at one, so that no try waits.
func (r *recorder) Count(_ context.Context, key string, _ time.Time, _ time.Duration) (oauth.Tries, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.places = append(r.places, place([]byte(triesPrefix+key)))
	return oauth.Tries{Count: 1}, nil
}

// Forget is never asked for: no password is right.
func (*recorder) Forget(context.Context, string) error { return nil }

// TakeBack is never asked for: no password is right.
func (*recorder) TakeBack(context.Context, string) error { return nil }
