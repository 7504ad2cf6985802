package timing

import (
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"gatehouse/internal/oauth/password"
)

// Each control has the flaw that comparisons of TestEquallyLong look for, with
// the same bound. One that is not found would mean that the test finds nothing.
//
// The first is how Gatehouse is: password.NewRegistry tells of it. With hashes of
// the real cost there are too few rounds to find as little as that.
func TestControlsAreFound(t *testing.T) {
	clients := newClients(t)
	older := newUsers(t, cheap(), password.Cost{Memory: 56, Passes: 1, Threads: 1})
	unhashed := newUsers(t, password.OWASP(), cheap())
	for _, c := range []comparison{
		{"user whose hash is of an older cost", older.guess(unknown), older.guess(known), 3000, 1, hashBound},
		{"user for whom next to nothing is hashed", unhashed.guess(unknown), unhashed.guess(known), 60, 1, hashBound},
		{"unknown client refused at once", clients.hasty(unknown), clients.hasty(known), 5000, 8, clientBound},
		{"comparison of a MAC that ends at a difference", leaky(t, -1), leaky(t, 0), 20000, 16, macBound},
	} {
		if !c.tells(t) {
			t.Errorf("%s: it is not found", c.name)
		}
	}
}

// hasty checks a client's secret only if there is such a client.
func (c *clients) hasty(name func(int) string) func(int) {
	check := c.form(name)
	return func(i int) {
		if _, err := c.auth.Clients.Client(c.t.Context(), name(i), instant); err == nil {
			check(i)
		}
	}
}

// leaky checks 24-byte MACs that are wrong at one byte, byte by byte.
func leaky(t *testing.T, at int) func(int) {
	t.Helper()
	key := []byte("a key for tests that nobody must ever use")
	sum := func(message byte) []byte {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte{message})
		return mac.Sum(nil)[:24]
	}
	forged := make([][]byte, many)
	for i := range forged {
		forged[i] = sum(byte(i))
		forged[i][(at+24)%24] ^= 0x55
	}
	return func(i int) {
		for at, b := range sum(byte(i % many)) {
			if b != forged[i%many][at] {
				return
			}
		}
		t.Error("a forged MAC is taken")
	}
}
