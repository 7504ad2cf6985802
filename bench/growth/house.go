package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	random "math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"gatehouse/bench/sample"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/access"
	"gatehouse/internal/oauth/clientauth"
	"gatehouse/internal/oauth/grants"
	"gatehouse/internal/oauth/seal"
)

// store is what grows.
type store interface {
	oauth.ClientRegistry
	oauth.Clients
	oauth.Sessions
	oauth.Replay
}

// The operations. The last is the limit in memory: to look one record up among as
// many, and copy it.
const (
	bearer  = "bearer"
	signed  = "signed"
	refresh = "refresh"
	lookup  = "lookup"
)

// operations are those of a store.
func operations(store string) []string {
	if store == inMemory {
		return []string{bearer, signed, refresh, lookup}
	}
	return []string{bearer, signed, refresh}
}

// window is how far timestamps may be off, life how long a nonce is kept.
const (
	window = 5 * time.Minute
	life   = window + time.Minute
)

// year is longer than the clock ever goes on.
const year = 365 * 24 * time.Hour

// begin is when all that is there was made.
func begin() time.Time { return time.Date(2035, 1, 2, 3, 4, 5, 0, time.UTC) }

// house has many sessions, every other one of OAuth 1.0, and as many nonces. Its
// clock goes on with each signed request, so that as many nonces end as are spent.
type house struct {
	size        int
	keys        *seal.Keyring
	clients     oauth.ClientsAt
	now         time.Time
	generations []uint32 // of each session
	spent       int
	random      *random.Rand
	checker     *access.Checker
	endpoint    *grants.Endpoint
	plain       *plainMap // nil where the store is elsewhere
}

// record is as much as the sessions that most operations look at.
type record [256]byte

// plainMap is the least that keeps records.
type plainMap struct {
	places  map[oauth.SessionID]int
	records []record
}

func newPlainMap(size int) *plainMap {
	p := &plainMap{make(map[oauth.SessionID]int, size), make([]record, size)}
	for n := range size {
		id := sample.Session(n, protocolOf(n), begin()).ID
		p.places[id] = n
		copy(p.records[n][:], id[:])
	}
	return p
}

// find is an error unless the record is that of id.
func (p *plainMap) find(id oauth.SessionID) error {
	found := p.records[p.places[id]]
	if oauth.SessionID(found[:len(id)]) != id {
		return fmt.Errorf("there is no record %s", id)
	}
	return nil
}

func newHouse(size int, clients oauth.Clients) (*house, error) {
	keys, err := seal.ParseKeyring([]byte(sample.Keyring))
	if err != nil {
		return nil, fmt.Errorf("read the keyring: %w", err)
	}
	cached := oauth.NewCachedClients(clients)
	cached.Keep = year // the clock goes faster than others do
	return &house{size: size, keys: keys, now: begin(), generations: make([]uint32, size), clients: cached,
		random: random.New(random.NewPCG(1, uint64(size)))}, nil // #nosec G115 G404 -- no secret, a choice; and it is positive
}

// on has the operations done with a store that was filled.
func (h *house) on(s store) {
	clock := func() time.Time { return h.now }
	auth := &clientauth.Authenticator{Clients: h.clients, Keys: h.keys, Window: window}
	h.checker = &access.Checker{Auth: auth, Keys: h.keys, Sessions: s, Replay: s, Clock: clock, Grace: 30 * time.Second}
	h.endpoint = &grants.Endpoint{Auth: auth, Access: h.checker, Keys: h.keys, Sessions: s, Replay: s, Clock: clock, Rand: rand.Reader,
		Terms: grants.Terms{Realm: "bench", Access: year, Session: year, Grace: 30 * time.Second}}
}

// client is that of all sessions.
func client() oauth.Client {
	return oauth.Client{ID: sample.ClientID, SecretKey: 1, Scopes: []string{"read"}, Grants: []oauth.Grant{oauth.GrantRefreshToken}}
}

// protocolOf the nth session.
func protocolOf(n int) oauth.Protocol {
	if n%2 == 0 {
		return oauth.OAuth2
	}
	return oauth.OAuth1
}

// fillSessions creates those from one number to another.
func fillSessions(ctx context.Context, s oauth.Sessions, from, to int) error {
	for n := from; n < to; n++ {
		if err := s.Create(ctx, sample.Session(n, protocolOf(n), begin())); err != nil {
			return fmt.Errorf("create a session: %w", err)
		}
	}
	return nil
}

// fillNonces spends those from one number to another, of size, whose ends are
// evenly spread.
func fillNonces(ctx context.Context, s oauth.Replay, size, from, to int) error {
	for n := from; n < to; n++ {
		id := sample.Session(n, oauth.OAuth1, begin()).ID
		end := begin().Add(life * time.Duration(n+1) / time.Duration(size))
		spending := oauth.Spending{Key: oauth.SpendKey{Kind: oauth.SpentNonce, Sum: sha256.Sum256(id[:])}, Attempt: oauth.Attempt(id[:12]), Now: begin(), Expires: end}
		if err := s.Spend(ctx, spending); err != nil {
			return fmt.Errorf("spend a nonce: %w", err)
		}
	}
	return nil
}

// step is how far the clock goes on with a nonce.
func (h *house) step() time.Duration { return life / time.Duration(h.size) }

// request is one that is to be done, and what its answer must have.
type request struct {
	*oauth.Request
	at     time.Time
	inside []byte          // of a refresh
	id     oauth.SessionID // of a lookup, which is no request
}

// prepare makes requests of an operation, each of a session that chance picks.
func (h *house) prepare(operation string, count int) ([]request, error) {
	all := make([]request, count)
	at := h.now
	for i := range all {
		n := 2 * h.random.IntN(h.size/2)
		if operation == signed {
			n++
			at = at.Add(h.step())
		}
		var err error
		if all[i], err = h.request(operation, n, at); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (h *house) request(operation string, n int, at time.Time) (request, error) {
	r := request{Request: &oauth.Request{Method: http.MethodGet, Scheme: "https", Host: "api.example.com", Path: "/x", Header: http.Header{}}, at: at}
	id := sample.Session(n, protocolOf(n), begin()).ID
	mint := func(kind seal.Kind) string { return h.keys.Mint(kind, id, h.generations[n]).Reveal() }
	switch operation {
	case lookup:
		return request{id: id, at: at}, nil
	case bearer:
		r.Header.Set("Authorization", "Bearer "+mint(seal.AccessToken))
	case signed:
		signer, err := sample.NewSigner(h.keys, mint(seal.OAuth1Token))
		if err != nil {
			return r, err
		}
		h.spent++
		header, err := signer.Header("https://api.example.com/x", at, strconv.Itoa(h.spent))
		if err != nil {
			return r, err
		}
		r.Header.Set("Authorization", header)
	case refresh:
		secret, err := sample.ClientSecret(h.keys)
		if err != nil {
			return r, err
		}
		form := url.Values{"client_id": {sample.ClientID}, "client_secret": {secret.Reveal()}, "grant_type": {"refresh_token"}, "refresh_token": {mint(seal.RefreshToken)}}
		h.generations[n]++
		r.Method, r.Route, r.Path, r.BodySeen = http.MethodPost, "/oauth/token", "/oauth/token", true
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body, r.inside = []byte(form.Encode()), []byte(mint(seal.RefreshToken))
	}
	return r, nil
}

// do does one request, and is an error unless the answer is right.
func (h *house) do(ctx context.Context, r *request) error {
	h.now = r.at
	if r.Request == nil {
		return h.plain.find(r.id)
	}
	if r.inside == nil {
		verdict, err := h.checker.Check(ctx, r.Request)
		if err == nil && !verdict.Allowed {
			err = fmt.Errorf("refused: %+v", verdict.Refusal)
		}
		return err
	}
	answer, err := h.endpoint.Serve(ctx, r.Request)
	if err == nil && !bytes.Contains(answer.Body, r.inside) {
		err = fmt.Errorf("it answers %d %s", answer.Status, answer.Body)
	}
	return err
}
