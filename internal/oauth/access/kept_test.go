package access

import (
	"context"
	"strconv"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

const laterKeyring = `{"current":"2","2":"a later key that nobody must ever use either"}`

// keptHouse has a session, clients in memory, and has let the session's caller
// through, whose key it keeps.
func keptHouse(t *testing.T) (*house, oauth.Session) {
	t.Helper()
	h, s := newHouse(t), live(oauth.OAuth1)
	h.Auth.Clients = oauth.NewCachedClients(h.store)
	h.begin(s)
	for n := range 3 {
		h.wantAllowed("at first", h.sign(s, signing{nonce: strconv.Itoa(n)}), s)
	}
	h.wantAsked("three checks", 1, 3, 3)
	return h, s
}

// What is kept of a caller proves nothing: all else is checked each time.
func TestKeptKeyLetsNobodyThrough(t *testing.T) {
	h, s := keptHouse(t)
	right := h.Keys.Mint(seal.OAuth1Token, s.ID, s.Generation).Reveal()
	h.wantRefused("a changed token", h.sign(s, signing{token: right[:30] + "x" + right[31:]}), oauth.TokenRejected)
	h.wantRefused("a wrong secret", h.sign(s, signing{secret: "wrong"}), oauth.SignatureInvalid)
	h.wantRefused("another client", h.sign(s, signing{client: "nobody"}), oauth.ConsumerKeyUnknown)
	h.wantRefused("late", h.sign(s, signing{at: instant.Add(-time.Hour)}), oauth.TimestampRefused)
	h.wantAsked("nothing that is signed rightly", 1, 0, 0)
	h.wantRefused("a replay", h.sign(s, signing{nonce: "1"}), oauth.NonceUsed)
	h.wantRefused("a client whose token it is not", h.sign(s, signing{client: "other", nonce: "a"}), oauth.TokenRejected)
	h.wantAllowed("after all that", h.sign(s, signing{nonce: "b"}), s)
	if err := h.store.Revoke(t.Context(), oauth.Revocation{ID: s.ID}); err != nil {
		t.Fatal(err)
	}
	h.wantRefused("a revoked session", h.sign(s, signing{nonce: "c"}), oauth.TokenRevoked)
}

func TestKeptKeyEndsWithTheKeyring(t *testing.T) {
	h, s := keptHouse(t)
	r := h.sign(s, signing{nonce: "later"})
	later, err := seal.ParseKeyring([]byte(laterKeyring))
	if err != nil {
		t.Fatal(err)
	}
	h.Keys.Replace(later)
	for range 2 {
		verdict, err := h.Check(t.Context(), r)
		if err != nil || verdict.Allowed || verdict.Refusal.Code != oauth.TokenRejected || !verdict.Refusal.UnknownKey {
			t.Errorf("%+v (%+v), %v, want an unknown key", verdict, verdict.Refusal, err)
		}
	}
}

// replacing is of clients, and replaces the keyring when one is asked for.
type replacing struct {
	oauth.ClientsAt
	old, newer *seal.Keyring
}

func (r replacing) Client(ctx context.Context, id string, now time.Time) (*oauth.Client, error) {
	r.old.Replace(r.newer)
	return r.ClientsAt.Client(ctx, id, now)
}

// A key that is retired after the token was opened is as unknown as before that.
func TestKeyRetiredDuringTheCheck(t *testing.T) {
	h, s := newHouse(t), live(oauth.OAuth1)
	h.begin(s)
	r := h.signed(s)
	later, err := seal.ParseKeyring([]byte(laterKeyring))
	if err != nil {
		t.Fatal(err)
	}
	h.Auth.Clients = replacing{h.Auth.Clients, h.Keys, later}
	verdict, err := h.Check(t.Context(), r)
	if err != nil || verdict.Allowed || verdict.Refusal.Code != oauth.TokenRejected || !verdict.Refusal.UnknownKey {
		t.Errorf("%+v (%+v), %v, want an unknown key", verdict, verdict.Refusal, err)
	}
}
