package main

import (
	"crypto/md5" // #nosec G501 -- a stand-in that spreads, nothing is secured by it
	"encoding/binary"
	"fmt"
	"math/bits"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// What the store puts before keys of the replay table.
const (
	spentPrefix = "spent#"
	triesPrefix = "tries#"
)

// place is where a key falls among all hashes, of which each partition has an
// equal range. How DynamoDB hashes keys is not public; what matters here is that
// equal keys meet and others spread, so that any good hash stands in for it.
func place(key []byte) uint64 {
	sum := md5.Sum(key) // #nosec G401 -- as above
	return binary.BigEndian.Uint64(sum[:])
}

// partition is which of n ranges a place is in.
func partition(place uint64, n int) int {
	high, _ := bits.Mul64(place, uint64(n)) // #nosec G115 -- n is positive
	return int(high)                        // #nosec G115 -- below n
}

// design is a way to key what a request leaves in, or reads from, a table.
type design struct {
	name string
	key  func(request) []byte
}

// nonceDesigns are ours, and what else a nonce may be kept by.
func nonceDesigns() []design {
	return []design{
		{"hash of all four", func(r request) []byte { return []byte(spentPrefix + spending(r).Key.String()) }},
		{"all four, joined", func(r request) []byte {
			return fmt.Appendf(nil, "%s&%s&%d&%s", r.caller.client, r.caller.token, r.at.Unix(), r.nonce)
		}},
		{"timestamp", func(r request) []byte { return fmt.Appendf(nil, "%d", r.at.Unix()) }},
		{"token", func(r request) []byte { return []byte(r.caller.token) }},
		{"client", func(r request) []byte { return []byte(r.caller.client) }},
	}
}

// sessionDesigns are ours, and what else a session may be kept by.
func sessionDesigns() []design {
	return []design{
		{"session id", func(r request) []byte { return r.caller.session[:] }},
		{"user", func(r request) []byte { return []byte(r.caller.user) }},
		{"client", func(r request) []byte { return []byte(r.caller.client) }},
	}
}

// window is any TimestampWindow: keys do not depend on it.
const window = 300 * time.Second

// spending is what the authorizer asks of the replay table for r.
func spending(r request) oauth.Spending {
	signed := oauth1.Protocol{ConsumerKey: r.caller.client, Token: r.caller.token,
		Timestamp: fmt.Sprint(r.at.Unix()), Nonce: r.nonce}
	spent, ok := signed.Spending(r.at, window, oauth.Attempt{1})
	if !ok {
		panic("scale: a request without a nonce")
	}
	return spent
}
