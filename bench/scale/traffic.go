package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// The load that everything here is asked of.
const (
	rate    = 10_000 // requests a second
	seconds = 20
)

// Who there is.
const (
	clients  = 100
	sessions = 1_000 // of each client, each of another user
)

// caller is a session of a client's user, as its requests show it.
type caller struct {
	client, user, token string
	session             oauth.SessionID
}

// request is one signed request.
type request struct {
	caller *caller
	at     time.Time
	nonce  string
}

// start is when each run begins: a clock would make each run another.
func start() time.Time { return time.Date(2035, 1, 2, 3, 4, 5, 0, time.UTC) }

// seeded is randomness that is the same in each run, for one use.
func seeded(use string) *rand.ChaCha8 {
	var seed [32]byte
	copy(seed[:], use)
	return rand.NewChaCha8(seed)
}

// keyring has one key, which everybody may know here.
func keyring() (*seal.Keyring, error) {
	return seal.ParseKeyring([]byte(`{"current":"1","1":"a key for sums about scale and for nothing else"}`))
}

// population makes all callers, a client after the other. Ids of sessions are
// random, and tokens are made of them, as the token endpoint does both.
func population() ([]caller, error) {
	keys, err := keyring()
	if err != nil {
		return nil, err
	}
	random := seeded("sessions")
	all := make([]caller, clients*sessions)
	for i := range all {
		c := &all[i]
		if _, err := random.Read(c.session[:]); err != nil {
			return nil, err
		}
		c.client, c.user = fmt.Sprintf("client-%d", i/sessions), fmt.Sprintf("user-%d", i)
		c.token = keys.Mint(seal.OAuth1Token, c.session, 0).Reveal()
	}
	return all, nil
}

// skew is how requests spread over callers.
type skew struct {
	name string
	pick func(r *rand.Rand) func() (client, session int)
}

// heavy is the share of the one who has most, in percent.
const heavy = 90

func skews() []skew {
	return []skew{
		{"even", func(r *rand.Rand) func() (int, int) {
			return func() (int, int) { return r.IntN(clients), r.IntN(sessions) }
		}},
		{"Zipf", func(r *rand.Rand) func() (int, int) {
			client, session := rand.NewZipf(r, 1.1, 1, clients-1), rand.NewZipf(r, 1.1, 10, sessions-1)
			return func() (int, int) { return int(client.Uint64()), int(session.Uint64()) } // #nosec G115 -- both are small
		}},
		{"one client 90 %", func(r *rand.Rand) func() (int, int) {
			return func() (int, int) {
				if r.IntN(100) < heavy {
					return 0, r.IntN(sessions)
				}
				return 1 + r.IntN(clients-1), r.IntN(sessions)
			}
		}},
		{"one token 90 %", func(r *rand.Rand) func() (int, int) {
			return func() (int, int) {
				if r.IntN(100) < heavy {
					return 0, 0
				}
				return 1 + r.IntN(clients-1), r.IntN(sessions)
			}
		}},
	}
}

// requests are those of all seconds in turn. Every other one counts its nonces
// up, as simple clients do.
func (s skew) requests(all []caller) []request {
	random := rand.New(seeded(s.name)) // #nosec G404 -- the same each time, on purpose
	pick := s.pick(random)
	made := make([]request, rate*seconds)
	for i := range made {
		client, session := pick()
		nonce := strconv.Itoa(i)
		if i%2 == 0 {
			nonce = fmt.Sprintf("%016x", random.Uint64())
		}
		made[i] = request{&all[client*sessions+session], start().Add(time.Duration(i/rate) * time.Second), nonce}
	}
	return made
}
