package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauthtest"
	"gatehouse/internal/oauth/seal"
)

var (
	instant   = time.Date(2035, 1, 2, 3, 4, 5, 0, time.UTC)
	errBroken = errors.New("the store is broken")
)

// house is a deployment in memory, whose store may fail, and a Writer to it.
type house struct {
	*memory.Store
	*Writer
	t      testing.TB
	create func(oauth.Session) error // nil: as it is
	look   func()                    // is called once a user was read; nil: nothing is
	waits  []time.Duration
	mu     sync.Mutex
}

func newHouse(t testing.TB) *house {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(`{"current":"1","1":"a key for tests that nobody must ever use"}`))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, Store: memory.New()}
	h.Writer = &Writer{Store: h, Keys: keys, Rand: &oauthtest.Rand{}, Now: instant, Sleep: h.sleep, Parallel: 8}
	return h
}

func (h *house) sleep(ctx context.Context, d time.Duration) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waits = append(h.waits, d)
	return ctx.Err()
}

func (h *house) Create(ctx context.Context, s oauth.Session) error {
	if h.create != nil {
		if err := h.create(s); err != nil {
			return err
		}
	}
	return h.Store.Create(ctx, s)
}

func (h *house) User(ctx context.Context, name string) (oauth.User, error) {
	user, err := h.Store.User(ctx, name)
	if h.look != nil {
		h.look()
	}
	return user, err
}

// write writes what a file of JSON lines has.
func (h *house) write(text string) (*Result, error) {
	h.t.Helper()
	sources := []Source{{Name: "x.jsonl", Text: []byte(text), Format: JSON}}
	in, err := Read(sources, Defaults{Grants: []oauth.Grant{oauth.GrantXAuth}, Scopes: []string{"read", "write"}})
	if err != nil {
		h.t.Fatal(err)
	}
	return h.Write(h.t.Context(), in)
}

// counts are created, unchanged and refused of clients, users and tokens.
type counts [3]Count

// want fails the test unless this came of a file.
func (h *house) want(what, text string, want counts, refused ...string) {
	h.t.Helper()
	result, err := h.write(text)
	if err != nil {
		h.t.Fatalf("%s: %v", what, err)
	}
	if got := (counts{result.Counts[Client], result.Counts[User], result.Counts[Token]}); got != want {
		h.t.Errorf("%s: %v, want %v", what, got, want)
	}
	var lines []string
	for _, refusal := range result.Refused {
		lines = append(lines, refusal.String())
	}
	same(h.t, what, lines, refused)
}

func (h *house) token(token string) (oauth.Session, string) {
	h.t.Helper()
	opened, _ := seal.Imported(token)
	session, err := h.Find(h.t.Context(), opened.Session, instant, oauth.Strong)
	if err != nil {
		return session, ""
	}
	secret, err := h.Keys.ImportedSecret(&session)
	if err != nil {
		h.t.Error(err)
	}
	return session, secret.Reveal()
}

const (
	appLine   = `{"type":"client","id":"app","secret":"s3cret"}` + "\n"
	userLine  = `{"type":"user","id":"7","name":"alice","password_hash":"` + someHash + `"}` + "\n"
	tokenLine = `{"type":"token","token":"t","secret":"t-secret","client":"app","user_id":"7","user_name":"alice"}` + "\n"
)

func TestWrite(t *testing.T) {
	h := newHouse(t)
	all := tokenLine + userLine + appLine
	h.DryRun = true
	h.want("a dry run", all, counts{{Created: 1}, {Created: 1}, {Created: 1}})
	if _, err := h.Client(t.Context(), "app"); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("a dry run wrote a client: %v", err)
	}
	h.DryRun = false
	h.want("a run", all, counts{{Created: 1}, {Created: 1}, {Created: 1}})
	h.want("again", all, counts{{Unchanged: 1}, {Unchanged: 1}, {Unchanged: 1}})
	h.DryRun = true
	h.want("a dry run after it", all, counts{{Unchanged: 1}, {Unchanged: 1}, {Unchanged: 1}})
	client, err := h.Client(t.Context(), "app")
	secret, unsealed := h.Keys.ClientSecret(&client)
	if err != nil || unsealed != nil || secret.Reveal() != "s3cret" || strings.Contains(client.SealedSecret, "s3cret") || !client.Imported ||
		!slices.Equal(client.Grants, []oauth.Grant{oauth.GrantXAuth}) || !slices.Equal(client.Scopes, []string{"read", "write"}) {
		t.Errorf("client %+v, %v", client, err)
	}
	if user, err := h.User(t.Context(), "alice"); err != nil || user.ID != "7" || user.PasswordHash != someHash {
		t.Errorf("user %+v, %v", user, err)
	}
	session, tokenSecret := h.token("t")
	if tokenSecret != "t-secret" || session.User != "7" || session.UserName != "alice" || !slices.Equal(session.Scope, []string{"read", "write"}) || !session.Created.Equal(instant) {
		t.Errorf("session %+v, %q", session, tokenSecret)
	}
}

// What is there is never written over.
func TestWhatDiffersIsRefused(t *testing.T) {
	h := newHouse(t)
	h.want("a run", appLine+userLine+tokenLine, counts{{Created: 1}, {Created: 1}, {Created: 1}})
	replaced := func(line, old, renewed string) string { return strings.Replace(line, old, renewed, 1) }
	const id = "3D7gUeiugBJB9PwjKVx6-g"
	for _, test := range []struct{ text, want string }{
		{replaced(appLine, "s3cret", "another"), "x.jsonl:1: client app secret: is another than the one that the client has here"},
		{replaced(appLine, `"id"`, `"name":"Other","id"`), "x.jsonl:1: client app id: is that of a client here which differs in more than its secret"},
		{replaced(userLine, `"7"`, `"8"`), `x.jsonl:1: user alice id: is another than the one that the user has here, "7"`},
		{replaced(tokenLine, "t-secret", "another"), "x.jsonl:1: token " + id + " secret: is another than the one that the token has here"},
		{replaced(tokenLine, `"7"`, `"8"`), "x.jsonl:1: token " + id + ` user_id: is another than the one that the token has here, "7"`},
		{replaced(tokenLine, `"user_id"`, `"scopes":["read"],"user_id"`), "x.jsonl:1: token " + id + " scopes: are others than the token has here"},
		{replaced(tokenLine, `"user_id"`, `"scopes":["admin"],"user_id"`), "x.jsonl:1: token " + id + ` scopes: client "app" may not have all of them`},
		{replaced(tokenLine, `"user_id"`, `"expires":"2001-01-01","user_id"`), "x.jsonl:1: token " + id + " expires: has come: the token is over"},
		{replaced(tokenLine, `"app"`, `"nobody"`), "x.jsonl:1: token " + id + ` client: "nobody" is not here, and was not imported`},
	} {
		for _, h.DryRun = range []bool{true, false} {
			result, err := h.write(test.text)
			if err != nil || len(result.Refused) != 1 || result.Refused[0].String() != test.want {
				t.Errorf("dry run %v, %s: %v, %v, want %s", h.DryRun, test.text, result.Refused, err, test.want)
			}
		}
	}
	if _, secret := h.token("t"); secret != "t-secret" {
		t.Errorf("the secret is %q by now", secret)
	}
}

// A run after the move leaves alone what became of users and tokens meanwhile.
func TestWriteAfterTheMove(t *testing.T) {
	h := newHouse(t)
	all := appLine + userLine + tokenLine
	h.want("a run", all, counts{{Created: 1}, {Created: 1}, {Created: 1}})
	if err := h.Rehash(t.Context(), "alice", someHash, renewedHash); err != nil {
		t.Fatal(err)
	}
	session, _ := h.token("t")
	if err := h.Kill(t.Context(), session.ID, oauth.Killing{Reason: oauth.ReasonAgent, Generation: oauth.AllGenerations, At: instant}); err != nil {
		t.Fatal(err)
	}
	h.want("again", all, counts{{Unchanged: 1}, {Refused: 1}, {Unchanged: 1}}, "x.jsonl:2: "+leftAlone)
	if user, err := h.User(t.Context(), "alice"); err != nil || user.PasswordHash != renewedHash {
		t.Errorf("%+v, %v", user, err)
	}
	if session, _ = h.token("t"); !session.Killed.All() {
		t.Error("a killed token is back")
	}
	h.Now = instant.Add(2 * oauth.KilledKept)
	h.want("long after", tokenLine, counts{2: {Refused: 1}}, "x.jsonl:1: token 3D7gUeiugBJB9PwjKVx6-g token: is here, and over")
}

func TestClientsThatWereThere(t *testing.T) {
	h := newHouse(t)
	for _, client := range []oauth.Client{{ID: "app", SecretKey: 1, Scopes: []string{"read"}}, {ID: "web", Public: true}} {
		if err := h.CreateClient(t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	var lines strings.Builder
	for i := range 50 {
		fmt.Fprintf(&lines, `{"type":"token","token":"t%d","secret":"s","client":"app","user_id":"7"}`+"\n", i)
	}
	h.DryRun = true
	result, err := h.write(lines.String())
	client, _ := h.Client(t.Context(), "app")
	if err != nil || result.Counts[Token].Created != 50 || !slices.Equal(result.Flagged, []string{"app"}) || client.Imported {
		t.Errorf("a dry run: %+v, %v, %+v", result, err, client)
	}
	h.DryRun = false
	result, err = h.write(lines.String())
	client, _ = h.Client(t.Context(), "app")
	if err != nil || result.Counts[Token].Created != 50 || !slices.Equal(result.Flagged, []string{"app"}) || !client.Imported || client.SecretKey != 1 {
		t.Errorf("%+v, %v, %+v", result, err, client)
	}
	h.want("a public client", strings.Replace(tokenLine, `"app"`, `"web"`, 1), counts{2: {Refused: 1}},
		`x.jsonl:1: token 3D7gUeiugBJB9PwjKVx6-g client: "web" is a public client, which has no OAuth 1.0 tokens`)
}

// many are count tokens of app, behind it.
func many(count int) string {
	var lines strings.Builder
	lines.WriteString(appLine)
	for i := range count {
		fmt.Fprintf(&lines, `{"type":"token","token":"token-%d","secret":"secret-%d","client":"app","user_id":"%d"}`+"\n", i, i, i)
	}
	return lines.String()
}

// A store that is throttled is waited for, ever longer.
func TestThrottled(t *testing.T) {
	h, calls := newHouse(t), 0
	h.Parallel = 1
	h.create = func(oauth.Session) error {
		if calls++; calls%5 != 0 {
			return errBroken
		}
		return nil
	}
	h.want("throttled", many(3), counts{{Created: 1}, {}, {Created: 3}})
	if want := []time.Duration{firstWait, 2 * firstWait, 4 * firstWait, 8 * firstWait}; !slices.Equal(h.waits, slices.Concat(want, want, want)) {
		t.Errorf("waits %v", h.waits)
	}
}

// A fault that lasts, or a person, ends the run: what was done is kept, and the
// next run goes on.
func TestResume(t *testing.T) {
	const count = 500
	for name, breaks := range map[string]func(h *house, stop func()) func(oauth.Session) error{
		"fault": func(*house, func()) func(oauth.Session) error { return func(oauth.Session) error { return errBroken } },
		"person": func(_ *house, stop func()) func(oauth.Session) error {
			return func(oauth.Session) error { stop(); return nil }
		},
	} {
		h := newHouse(t)
		ctx, stop := context.WithCancel(t.Context())
		var file bytes.Buffer
		h.Done = h.state(&file)
		var created atomic.Int64
		later := breaks(h, stop)
		h.create = func(s oauth.Session) error {
			if created.Add(1) > 200 {
				return later(s)
			}
			return nil
		}
		in := read(t, "", "x.jsonl", many(count))
		result, err := h.Write(ctx, in)
		done := result.Counts[Token].Created
		if err == nil || done < 100 || done >= count || result.Counts[Client].Created != 1 {
			t.Fatalf("%s: %+v, %v", name, result.Counts, err)
		}
		if lines := strings.Count(file.String(), "\n"); lines != done+2 || strings.Contains(file.String(), "secret") || strings.Contains(file.String(), "token-") {
			t.Errorf("%s: %d lines in the state for %d records", name, lines, done+1)
		}
		file.WriteString(`{"type":"tok`) // a line that was not written whole
		h.Done = h.state(&file)
		var asked atomic.Int64
		h.create = func(oauth.Session) error { asked.Add(1); return nil }
		result, err = h.Write(t.Context(), in)
		if got := result.Counts[Token]; err != nil || got.Created+got.Unchanged != count || asked.Load() != int64(count-done) {
			t.Errorf("%s: then %+v, %v, after %d calls for %d", name, result.Counts, err, asked.Load(), count-done)
		}
	}
}

// With a state, what was revoked since stays revoked; without one it comes back.
func TestRevokedMeanwhile(t *testing.T) {
	h := newHouse(t)
	var file bytes.Buffer
	h.Done = h.state(&file)
	all := appLine + tokenLine
	h.want("a run", all, counts{{Created: 1}, {}, {Created: 1}})
	session, _ := h.token("t")
	if err := h.Revoke(t.Context(), oauth.Revocation{ID: session.ID}); err != nil {
		t.Fatal(err)
	}
	h.Done = h.state(&file)
	h.want("again, with the state", all, counts{{Unchanged: 1}, {}, {Unchanged: 1}})
	if _, secret := h.token("t"); secret != "" {
		t.Error("the token is back")
	}
	h.Done = nil
	h.want("again, without", all, counts{{Unchanged: 1}, {}, {Created: 1}})
}

// A dry run notes nothing, and what is refused is looked at again next time.
func TestStateHasWhatIsDone(t *testing.T) {
	h := newHouse(t)
	var file bytes.Buffer
	h.Done, h.DryRun = h.state(&file), true
	h.want("a dry run", appLine+tokenLine, counts{{Created: 1}, {}, {Created: 1}})
	h.DryRun = false
	h.want("refused", tokenLine, counts{2: {Refused: 1}}, `x.jsonl:1: token 3D7gUeiugBJB9PwjKVx6-g client: "app" is not here, and was not imported`)
	if file.Len() > 0 {
		t.Errorf("the state is %s", file.String())
	}
}

func TestProgress(t *testing.T) {
	h, got := newHouse(t), []string(nil)
	h.Parallel, h.Progress = 1, func(kind Kind, done, all int) { got = append(got, fmt.Sprint(kind, done, all)) }
	h.want("a run", many(2), counts{{Created: 1}, {}, {Created: 2}})
	same(t, "progress", got, []string{"client1 1", "token1 2", "token2 2"})
}

// A hundred thousand records in one run, some of which are wrong, and all of it
// again.
func TestManyRecords(t *testing.T) {
	const count = 100_000
	h := newHouse(t)
	text := many(count-2) + `{"type":"token","token":"last","secret":"s","client":"app"}` + "\n"
	const refused = "x.jsonl:100000: token BG4CLscdIxPSxP3p_h94zA user_id: is missing"
	h.want("a run", text, counts{{Created: 1}, {}, {Created: count - 2, Refused: 1}}, refused)
	h.want("again", text, counts{{Unchanged: 1}, {}, {Unchanged: count - 2, Refused: 1}}, refused)
	if _, secret := h.token("token-99997"); secret != "secret-99997" {
		t.Errorf("the secret of one is %q", secret)
	}
}
