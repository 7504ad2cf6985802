package deployment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// asking is a request to s whose answer is made by ask.
func (s *site) asking(n *renewal, ask func()) {
	s.t.Helper()
	request := func(context.Context, *oauth.Request) (oauth.Verdict, error) {
		ask()
		return oauth.Verdict{}, nil
	}
	if _, err := withFreshKeys(n, request, unknownKeyVerdict)(s.t.Context(), &oauth.Request{}); err != nil {
		s.t.Error(err)
	}
}

func TestKeysAreReadAgainWithAge(t *testing.T) {
	s := newSite(t)
	n := s.renewal()
	for _, step := range []struct {
		wait  time.Duration
		want  seal.KeyID // the current key after the answer
		reads int
	}{
		{0, 1, 0},
		{renewAge - 1, 1, 0},
		{1, 2, 1},
		{renewAge - 1, 2, 1},
		{2, 2, 2},
		{KeysAge, 2, 3},
	} {
		s.wait(step.wait)
		s.asking(n, func() {})
		if s.Keys.Current() != step.want {
			t.Errorf("after %s the key is %d, want %d", step.wait, s.Keys.Current(), step.want)
		}
		s.wantReads(step.wait.String(), step.reads)
	}
}

// A reading does not make a request wait that has young keys, and is over
// before the answer.
func TestReadingIsBesideTheRequest(t *testing.T) {
	s := newSite(t)
	n := s.renewal()
	s.held = make(chan struct{})
	s.wait(renewAge)
	s.asking(n, func() { close(s.held) }) // a reading before it would never end
	s.wantReads("beside", 1)
	if s.Keys.Current() != 2 {
		t.Error("the answer did not wait for the reading")
	}
}

// A function that nobody called for long knows no key that was retired since.
func TestOldKeysJudgeNothing(t *testing.T) {
	s := newSite(t)
	n := s.renewal()
	s.wait(KeysAge)
	s.asking(n, func() {
		if s.Keys.Current() != 2 {
			t.Error("the request was judged by old keys")
		}
	})
}

// takingOver is a keyring whose key 2 takes over a minute after the test began.
func takingOver(context.Context) (*seal.Keyring, error) {
	return seal.ParseKeyring(fmt.Appendf(nil, `{"current":"1","next":"2","next_from":"%d",%s,%s}`, instant.Add(time.Minute).Unix(), oldKey, newKey))
}

// The next key takes over by the clock: nothing needs to be read for it.
func TestTakeover(t *testing.T) {
	s := newSite(t)
	n := s.renewal()
	later, err := takingOver(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.Keys.Replace(later)
	for _, want := range []seal.KeyID{1, 2, 2} {
		s.asking(n, func() {
			if got := s.Keys.Current(); got != want {
				t.Errorf("at %v the key is %d, want %d", s.clock(), got, want)
			}
		})
		s.wait(time.Minute)
	}
	s.wantReads("takeover", 0)
}

// What was read again takes over at once where its time has come.
func TestTakeoverWasLongAgo(t *testing.T) {
	s := newSite(t)
	s.ReadKeys = takingOver
	n := s.renewal()
	s.wait(KeysAge)
	s.asking(n, func() {
		if got := s.Keys.Current(); got != 2 {
			t.Errorf("the key is %d, want 2", got)
		}
	})
}

func TestUnreachableSecretKeepsTheKeys(t *testing.T) {
	s := newSite(t)
	h := s.handler(s.Authorizer())
	old := s.Keys.Mint(seal.AccessToken, oauth.SessionID{1}, 0).Reveal()
	s.token(seal.AccessToken) // begins the session
	s.setBroken(errBroken)
	allowed := func(name string, reads int) {
		t.Helper()
		if _, err := h.Invoke(t.Context(), question(old)); err != nil {
			t.Errorf("%s: %v, want to be let through", name, err)
		}
		s.wantReads(name, reads)
	}
	s.wait(renewAge)
	allowed("young", 1)
	if log := s.log.String(); !strings.Contains(log, errBroken.Error()) || !strings.Contains(log, "level=ERROR") {
		t.Errorf("the log does not say so: %s", log)
	}
	s.wait(renewEvery - 1)
	allowed("not yet again", 1)
	s.wait(1)
	allowed("again", 2)
	s.wait(KeysAge)
	allowed("old", 3)
	allowed("old, at once again", 3)
	s.setBroken(nil)
	s.wait(renewEvery)
	allowed("reachable", 4)
	if s.Keys.Current() != 2 {
		t.Error("the new keys were not taken")
	}
	s.wait(renewAge - 1)
	allowed("fresh", 4)
}

// A keyring that someone broke is as one that cannot be read.
func TestBrokenKeyringKeepsTheKeys(t *testing.T) {
	s := newSite(t)
	n := s.renewal()
	_, fault := seal.ParseKeyring([]byte(`{"current":"2",` + oldKey + `}`))
	s.setBroken(fault)
	s.wait(KeysAge)
	s.asking(n, func() {})
	if s.Keys.Current() != 1 || !strings.Contains(s.log.String(), "current") {
		t.Errorf("key %d, log %s", s.Keys.Current(), s.log)
	}
}

// A clock that is set back far must not keep old keys for as long.
func TestClockThatIsSetBack(t *testing.T) {
	s := newSite(t)
	n := s.renewal()
	s.wait(-time.Hour)
	s.asking(n, func() {})
	s.wantReads("an hour back", 1)
}

// What a request began goes on when the request goes away: others wait for it.
func TestReadingOutlivesItsRequest(t *testing.T) {
	s := newSite(t)
	n := s.renewal()
	s.held = make(chan struct{})
	n.read = func(ctx context.Context) (*seal.Keyring, error) {
		keys, err := s.read(ctx)
		return keys, errors.Join(err, ctx.Err())
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if fresh, err := n.renew(gone); fresh || !errors.Is(err, context.Canceled) {
		t.Errorf("who went away got %v, %v", fresh, err)
	}
	close(s.held)
	if fresh, err := n.renew(t.Context()); !fresh || err != nil {
		t.Errorf("who stayed got %v, %v", fresh, err)
	}
	s.wantReads("both", 1)
}

// A reading that was overtaken brings no older keys back.
func TestOvertakenReading(t *testing.T) {
	s := newSite(t)
	n := s.renewal()
	slow, release := make(chan struct{}), make(chan struct{})
	n.read = func(context.Context) (*seal.Keyring, error) {
		close(slow)
		<-release
		return seal.ParseKeyring([]byte(oldKeys))
	}
	first := n.begin(t.Context())
	<-slow
	s.wait(renewEvery)
	n.read = s.read
	if fresh, err := n.renew(t.Context()); !fresh || err != nil {
		t.Fatalf("the second: %v, %v", fresh, err)
	}
	close(release)
	if err := first.wait(t.Context()); err != nil || s.Keys.Current() != 2 {
		t.Errorf("the first came last: %v, key %d", err, s.Keys.Current())
	}
}

// A thousand made-up keys cost one reading in half a minute, whether they come
// one by one or together.
func TestMadeUpKeysReadSeldom(t *testing.T) {
	s := newSite(t)
	h := s.handler(s.Authorizer())
	body := strings.TrimPrefix(bogus, "gtha_")[6:]
	for round := range 3 {
		var group sync.WaitGroup
		for worker := range 4 {
			group.Go(func() {
				for i := range 250 {
					token := fmt.Sprintf("gtha_%c%c%04d", "BCD"[round], "EFGH"[worker], i) + body
					if _, err := h.Invoke(t.Context(), question(token)); !errors.Is(err, apigateway.ErrUnauthorized) {
						t.Errorf("%s: %v, want a refusal", token, err)
					}
				}
			})
		}
		group.Wait()
		s.wantReads(fmt.Sprint("round ", round), round+1)
		s.wait(renewEvery)
	}
}
