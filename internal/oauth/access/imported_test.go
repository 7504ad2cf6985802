package access

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// What an older provider issued.
const (
	foreignToken  = "Ue0vN3gQ8cT5sXyLr4Kd1BwHjPzAf2MiEoG7tRqV"
	foreignSecret = "b6Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2EyX"
)

// imported is the session of foreignToken at a client.
func (h *house) imported(client string) oauth.Session {
	h.t.Helper()
	token, ok := seal.Imported(foreignToken)
	sealed, err := h.Keys.SealTokenSecret(token.Session, oauth.NewSecret(foreignSecret))
	if err != nil || !ok {
		h.t.Fatal(err)
	}
	s := live(oauth.OAuth1)
	s.ID, s.Client, s.SealedSecret = token.Session, client, sealed
	return s
}

// foreign is a request of client by that token.
func (h *house) foreign(client string, how signing) *oauth.Request {
	how.client = client
	if how.token == "" {
		how.token = foreignToken
	}
	if how.secret == "" {
		how.secret = foreignSecret
	}
	return h.sign(oauth.Session{}, how)
}

func TestImportedToken(t *testing.T) {
	h := newHouse(t)
	s := h.imported("moved")
	h.begin(s)
	r := h.foreign("moved", signing{})
	h.wantAllowed("imported", r, s)
	h.wantAsked("an imported token", 2, 1, 1)
	h.wantRefused("a replay", r, oauth.NonceUsed)
	h.wantAllowed("another nonce", h.foreign("moved", signing{nonce: "m"}), s)
	h.wantAllowed("PLAINTEXT", h.foreign("moved", signing{method: oauth.Plaintext}), s)
	h.wantAllowed("after a rotation", func() *oauth.Request {
		newer, err := seal.ParseKeyring([]byte(`{"current":"2","2":"another key for tests, not for use either",` + keyring[len(`{"current":"1",`):]))
		if err != nil {
			t.Fatal(err)
		}
		h.Keys.Replace(newer)
		return h.foreign("moved", signing{nonce: "o"})
	}(), s)
}

// Whether there is such a token is a secret to whoever does not know its secret:
// neither the answer nor what it costs tells a wrong signature from a token that
// is not there, or that is another client's.
func TestImportedTokenRefused(t *testing.T) {
	h := newHouse(t)
	s := h.imported("moved")
	h.begin(s)
	want, err := h.Check(t.Context(), h.foreign("moved", signing{secret: "wrong"}))
	if err != nil || want.Allowed || want.Refusal.Code != oauth.TokenRejected {
		t.Fatalf("a wrong secret: %+v, %v", want.Refusal, err)
	}
	h.wantAsked("a wrong signature", 3, 2, 0)
	alike := func(name string, r *oauth.Request) {
		t.Helper()
		got, err := h.Check(t.Context(), r)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", name, got.Refusal, err, want.Refusal)
		}
		h.wantAsked(name, 3, 2, 0)
	}
	for _, token := range []string{foreignToken + "x", strings.ToLower(foreignToken), foreignToken[1:], "junk"} {
		alike(token, h.foreign("moved", signing{token: token}))
		alike(token+" in PLAINTEXT", h.foreign("moved", signing{token: token, method: oauth.Plaintext}))
	}
	alike("another client's", h.foreign("moved too", signing{}))
	stale := instant.Add(-time.Hour)
	for _, how := range []signing{{at: stale}, {at: stale, token: "junk"}, {at: stale, secret: "wrong"}} {
		h.wantRefused("an old request", h.foreign("moved", how), oauth.TimestampRefused)
		h.wantAsked("an old request", 2, 1, 0)
	}
	for _, client := range []string{"mobile", "nobody", "moved and disabled", strings.Repeat("x", 300)} {
		h.wantRefused(client, h.foreign(client, signing{}), oauth.TokenRejected)
	}
	h.wantAsked("a client without imported tokens", 3, 0, 0)
	h.wantAllowed("after all that, the nonce", h.foreign("moved", signing{}), s)
}

// A token that is not there has no secret, and the client that signs for it as if
// that were the empty one proves nothing.
func TestImportedTokenWithoutASecret(t *testing.T) {
	h := newHouse(t)
	r := h.foreign("moved", signing{method: oauth.Plaintext, secret: "x"})
	before := r.Header.Get("Authorization")
	r.Header.Set("Authorization", strings.Replace(before, `%26x"`, `%26"`, 1))
	if r.Header.Get("Authorization") == before {
		t.Fatal(before)
	}
	h.wantRefused("by the empty secret", r, oauth.TokenRejected)
	h.wantAsked("by the empty secret", 3, 2, 0)
}

// What becomes of the session is what becomes of the token.
func TestImportedTokenEnds(t *testing.T) {
	for name, test := range map[string]struct {
		client string
		change func(*oauth.Session)
		code   string
	}{
		"ended": {"moved", func(s *oauth.Session) { s.Expires = instant }, oauth.TokenRejected},
		"killed": {"moved", func(s *oauth.Session) {
			s.Killed = oauth.Killing{Reason: oauth.ReasonAgent, Generation: oauth.AllGenerations, At: instant}
		}, oauth.TokenRevoked},
		"without a secret":     {"moved", func(s *oauth.Session) { s.SealedSecret = "" }, oauth.TokenRejected},
		"of OAuth 2":           {"moved", func(s *oauth.Session) { s.Protocol = oauth.OAuth2 }, oauth.TokenRejected},
		"of a later time":      {"moved", func(s *oauth.Session) { s.Generation = 1 }, oauth.TokenRejected},
		"after the sunset":     {"moved and over", nil, oauth.ConsumerKeyRefused},
		"of a disabled client": {"moved and disabled", nil, oauth.TokenRejected},
		"of another agent":     {"moved", func(s *oauth.Session) { s.Binding.Agent = []byte("another's") }, oauth.TokenRejected},
	} {
		h := newHouse(t)
		s := h.imported(test.client)
		if test.change != nil {
			test.change(&s)
		}
		h.begin(s)
		h.wantRefused(name, h.foreign(test.client, signing{}), test.code)
		if kills := h.store.kills; (kills == 1) != (name == "of another agent") {
			t.Errorf("%s: %d kills", name, kills)
		}
	}
}

// A secret that is another session's is a fault, and one of a key that is yet to
// be read is refused so that the keyring is read again.
func TestImportedSecretThatCannotBeOpened(t *testing.T) {
	h := newHouse(t)
	s := h.imported("moved")
	sealed, err := h.Keys.SealTokenSecret(oauth.SessionID{9}, oauth.NewSecret(foreignSecret))
	if err != nil {
		t.Fatal(err)
	}
	s.SealedSecret = sealed
	h.begin(s)
	h.wantFault("another session's", h.foreign("moved", signing{}), seal.ErrForged)
	newer, err := seal.ParseKeyring([]byte(`{"current":"2","2":"another key for tests, not for use either"}`))
	if err != nil {
		t.Fatal(err)
	}
	h = newHouse(t)
	s = h.imported("moved")
	if s.SealedSecret, err = newer.SealTokenSecret(s.ID, oauth.NewSecret(foreignSecret)); err != nil {
		t.Fatal(err)
	}
	h.begin(s)
	verdict, err := h.Check(t.Context(), h.foreign("moved", signing{}))
	if err != nil || verdict.Allowed || !verdict.Refusal.UnknownKey || verdict.Refusal.Code != oauth.TokenRejected {
		t.Errorf("%+v, %+v, %v", verdict, verdict.Refusal, err)
	}
}

func TestImportedTokenReads(t *testing.T) {
	for _, test := range []struct {
		name             string
		eventual, strong error
		reads            int
		code             string
		fault            error
	}{
		{"there", nil, errBroken, 1, "", nil},
		{"missing, then there", oauth.ErrNotFound, nil, 2, "", nil},
		{"ended, then there", oauth.ErrExpired, nil, 2, "", nil},
		{"missing twice", oauth.ErrNotFound, oauth.ErrNotFound, 2, oauth.TokenRejected, nil},
		{"broken", errBroken, nil, 1, "", errBroken},
		{"missing, then broken", oauth.ErrNotFound, errBroken, 2, "", errBroken},
	} {
		h := newHouse(t)
		s := h.imported("moved")
		answer := func(err error) func() found {
			return func() found {
				if err != nil {
					return found{err: err}
				}
				return found{session: s}
			}
		}
		h.store.eventual, h.store.strong = answer(test.eventual), answer(test.strong)
		r := h.foreign("moved", signing{})
		switch {
		case test.fault != nil:
			h.wantFault(test.name, r, test.fault)
		case test.code != "":
			h.wantRefused(test.name, r, test.code)
		default:
			h.wantAllowed(test.name, r, s)
		}
		if len(h.store.reads) != test.reads || slices.Contains(h.store.reads[:1], oauth.Strong) {
			t.Errorf("%s: read %v", test.name, h.store.reads)
		}
	}
}

func TestImportedTokenFaults(t *testing.T) {
	for name, breaks := range map[string]func(*house){
		"clients": func(h *house) { h.store.client = errBroken },
		"nonces":  func(h *house) { h.store.spend = func() error { return errBroken } },
	} {
		h := newHouse(t)
		h.begin(h.imported("moved"))
		breaks(h)
		h.wantFault(name, h.foreign("moved", signing{}), errBroken)
	}
}

func TestOneOfRacingReplaysOfAnImportedTokenPasses(t *testing.T) {
	h := newHouse(t)
	h.begin(h.imported("moved"))
	r := h.foreign("moved", signing{})
	var allowed atomic.Int32
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			verdict, err := h.Check(context.Background(), r)
			switch {
			case err != nil:
				t.Error(err)
			case verdict.Allowed:
				allowed.Add(1)
			}
		})
	}
	group.Wait()
	if allowed.Load() != 1 {
		t.Errorf("%d of 50 replays passed, want 1", allowed.Load())
	}
}

// Introspection knows the token for who has such tokens; for others it is junk.
func TestInspectImported(t *testing.T) {
	h := newHouse(t)
	s := h.imported("moved")
	h.begin(s)
	kind, verdict, err := h.Inspect(t.Context(), &oauth.Client{ID: "api", Imported: true}, foreignToken)
	if err != nil || kind != seal.OAuth1Token || !verdict.Allowed || verdict.Session.ID != s.ID {
		t.Errorf("%s, %+v, %v", kind, verdict, err)
	}
	h.wantAsked("an imported token", 1, 1, 0)
	_, verdict, err = h.Inspect(t.Context(), &oauth.Client{ID: "api", Imported: true}, "junk")
	if err != nil || verdict.Allowed {
		t.Errorf("junk: %+v, %v", verdict, err)
	}
	h.wantAsked("junk", 0, 2, 0)
	_, verdict, err = h.Inspect(t.Context(), &oauth.Client{ID: "api"}, foreignToken)
	if err != nil || verdict.Allowed {
		t.Errorf("of a client without such: %+v, %v", verdict, err)
	}
	h.wantAsked("of a client without such", 0, 0, 0)
}
