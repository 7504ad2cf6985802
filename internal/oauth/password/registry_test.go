package password

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

func TestRightPassword(t *testing.T) {
	d := newDoor(t)
	user, refusal, err := d.registry.Authenticate(t.Context(), d.signIn("alice", "right", home))
	if err != nil || refusal != nil || user.ID != "u1" || user.Name != "alice" {
		t.Errorf("got %+v, %+v, %v", user, refusal, err)
	}
}

func TestRefusalsAreAlike(t *testing.T) {
	d := newDoor(t)
	want := &oauth.Error{Status: http.StatusBadRequest, Code: oauth.PermissionDenied, Description: "unknown user or wrong password"}
	for _, test := range []struct{ name, password string }{
		{"alice", "wrong"}, {"alice", ""}, {"alice", "Right"}, {"alice", "right\x00"}, {"alice", "right "},
		{"alice", strings.Repeat("x", MaxLength+1)}, {"nobody", "right"}, {"", ""}, {"Alice", "right"}, {"alice\x00", "right"},
		{"disabled", "right"}, {"hashless", ""}, {"hashless", "right"}, {strings.Repeat("n", 3000), "right"},
	} {
		user, refusal, err := d.registry.Authenticate(t.Context(), d.signIn(test.name, test.password, home))
		if err != nil || !reflect.DeepEqual(refusal, want) || user != (oauth.User{}) {
			t.Errorf("%.20q, %.20q: %+v, %+v, %v, want %+v", test.name, test.password, user, refusal, err, want)
		}
	}
}

// Argon2 takes 19 MiB for each hash, so what is allocated tells how many
// hashes a sign-in made: the same whoever it is.
func TestEverySignInIsOneHash(t *testing.T) {
	d := newDoor(t)
	const hash = 19 << 20
	for _, name := range []string{"careful", "nobody", "disabled", "hashless"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if code, _ := d.try(name, "wrong", home); code != oauth.PermissionDenied {
			t.Errorf("%s: code %q", name, code)
		}
		runtime.ReadMemStats(&after)
		if made := after.TotalAlloc - before.TotalAlloc; made < hash || made >= 2*hash {
			t.Errorf("%s: a sign-in takes %d bytes, want those of one hash, %d", name, made, hash)
		}
	}
}

func TestCorruptHashIsAFault(t *testing.T) {
	d := newDoor(t)
	user, refusal, err := d.registry.Authenticate(t.Context(), d.signIn("corrupt", "right", home))
	if !errors.Is(err, ErrFormat) || refusal != nil || user != (oauth.User{}) || !strings.Contains(err.Error(), "corrupt") {
		t.Errorf("got %+v, %+v, %v, want an error that names the user", user, refusal, err)
	}
}

func TestStoreFaultsAreErrors(t *testing.T) {
	d := newDoor(t)
	d.fail(freeTries / 2) // so that a right password clears the counter
	for name, s := range map[string]stand{
		"user":   {Store: d.store, user: broken},
		"count":  {Store: d.store, count: broken},
		"forget": {Store: d.store, forget: broken},
		"both":   {Store: d.store, user: broken, count: broken},
	} {
		user, refusal, err := d.over(s, s).Authenticate(t.Context(), d.signIn("alice", "right", home))
		if !errors.Is(err, errBroken) || refusal != nil || user != (oauth.User{}) {
			t.Errorf("%s: %+v, %+v, %v, want the store's fault alone", name, user, refusal, err)
		}
	}
}

func TestNoSaltForTheStandIn(t *testing.T) {
	d := newDoor(t)
	if _, err := NewRegistry(d.store, d.store, io.LimitReader(counting(), 20)); err == nil {
		t.Error("no error")
	}
}

// Each waits for the other, so one after the other would never end.
func TestUserAndCounterSideBySide(t *testing.T) {
	d := newDoor(t)
	userAsked, counted := make(chan struct{}), make(chan struct{})
	s := stand{Store: d.store,
		user:  func() error { close(userAsked); <-counted; return nil },
		count: func() error { close(counted); <-userAsked; return nil }}
	if _, refusal, err := d.over(s, s).Authenticate(t.Context(), d.signIn("alice", "right", home)); err != nil || refusal != nil {
		t.Errorf("got %+v, %v", refusal, err)
	}
}

// A try that finds no processor free ends with its request, counted.
func TestWaitingForAProcessorEnds(t *testing.T) {
	d := newDoor(t)
	for range cap(d.registry.hashing) {
		d.registry.hashing <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, refusal, err := d.registry.Authenticate(ctx, d.signIn("alice", "right", home)); !errors.Is(err, context.Canceled) || refusal != nil {
		t.Errorf("got %+v, %v, want the context's end", refusal, err)
	}
	if tries := d.count("alice"); tries != 2 {
		t.Errorf("%d tries counted, want that one and this", tries)
	}
}

func TestDelays(t *testing.T) {
	seconds := []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}
	for try, want := range seconds {
		if got := delay(try); got != time.Duration(want)*time.Second {
			t.Errorf("try %d waits %v, want %d s", try, got, want)
		}
	}
	if got := delay(1 << 40); got != maxDelay {
		t.Errorf("after very many tries: %v", got)
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	d := newDoor(t)
	d.fail(freeTries)
	for _, seconds := range []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300} {
		wait := time.Duration(seconds) * time.Second
		d.wait(wait)
		if code, _ := d.try("alice", "wrong", home); code != oauth.PermissionDenied {
			t.Fatalf("after %v: %q, want the guess to be judged", wait, code)
		}
	}
	code, retryAfter := d.try("alice", "right", home)
	if code != oauth.SlowDown || retryAfter != maxDelay {
		t.Errorf("at once: %q, retry after %v, want %v", code, retryAfter, maxDelay)
	}
	d.wait(retryAfter - time.Millisecond)
	if code, _ := d.try("alice", "right", home); code != oauth.SlowDown {
		t.Errorf("a moment too soon: %q", code)
	}
}

// Who comes when told is heard, however often they were turned away before:
// a try that is turned away counts as well.
func TestRetryAfterIsKept(t *testing.T) {
	for turnedAway := 1; turnedAway < 30; turnedAway++ {
		d := newDoor(t)
		d.fail(freeTries + turnedAway - 1)
		_, refusal, err := d.registry.Authenticate(t.Context(), d.signIn("alice", "right", home))
		if err != nil || refusal == nil || refusal.Status != http.StatusTooManyRequests || refusal.RetryAfter%time.Second != 0 {
			t.Fatalf("turned away %d times: %+v, %v, want 429", turnedAway, refusal, err)
		}
		d.wait(refusal.RetryAfter)
		if code, wait := d.try("alice", "right", home); code != "" {
			t.Errorf("turned away %d times and told %v: %q, wait %v more", turnedAway, refusal.RetryAfter, code, wait)
		}
	}
}

// A guess that must wait is refused for its number and not its password.
func TestTooManyTriesAreNotHashed(t *testing.T) {
	d := newDoor(t)
	for range freeTries {
		if _, _, err := d.registry.Authenticate(t.Context(), d.signIn("corrupt", "x", home)); !errors.Is(err, ErrFormat) {
			t.Fatalf("%v, want the hash to be looked at", err)
		}
	}
	if code, _ := d.try("corrupt", "x", home); code != oauth.SlowDown {
		t.Errorf("%q, want %q without a look at the hash", code, oauth.SlowDown)
	}
}

func TestParallelGuessesEachCount(t *testing.T) {
	d := newDoor(t)
	const guesses = 100
	codes := make(chan string, guesses)
	var group sync.WaitGroup
	for range guesses {
		group.Go(func() {
			_, refusal, err := d.registry.Authenticate(context.Background(), d.signIn("alice", "wrong", home))
			if err != nil || refusal == nil {
				t.Errorf("got %+v, %v", refusal, err)
				return
			}
			codes <- refusal.Code
		})
	}
	group.Wait()
	close(codes)
	judged := 0
	for code := range codes {
		if code == oauth.PermissionDenied {
			judged++
		}
	}
	if judged != freeTries {
		t.Errorf("%d of %d guesses were judged, want %d", judged, guesses, freeTries)
	}
	if tries := d.count("alice"); tries != guesses+1 {
		t.Errorf("%d tries counted, want %d and this one", tries, guesses)
	}
}

func TestSuccessClears(t *testing.T) {
	d := newDoor(t)
	d.fail(freeTries - 1)
	if code, _ := d.try("alice", "right", home); code != "" {
		t.Fatalf("the tenth try: %q", code)
	}
	d.fail(freeTries)
	if code, _ := d.try("alice", "right", home); code != oauth.SlowDown {
		t.Errorf("ten wrong guesses since: %q", code)
	}
}

// People who sign in often are not turned away, and pay for no write to forget.
func TestRightPasswordsDoNotAddUp(t *testing.T) {
	d := newDoor(t)
	forgotten := 0
	s := stand{Store: d.store, forget: func() error { forgotten++; return nil }}
	d.registry = d.over(s, s)
	for i := range 60 {
		if code, _ := d.try("alice", "right", home); code != "" {
			t.Fatalf("sign-in %d: %q", i+1, code)
		}
	}
	if forgotten != 10 {
		t.Errorf("the counter was cleared %d times for 60 sign-ins, want 10", forgotten)
	}
}

func TestCounterEndsByItself(t *testing.T) {
	d := newDoor(t)
	d.fail(freeTries + 5)
	d.wait(keepTries + time.Second)
	if tries := d.count("alice"); tries != 1 {
		t.Errorf("%d tries counted, want this one", tries)
	}
}

// A stranger does not lock the user out, and the neighbour may be guessed at.
func TestOthersAreNotDelayed(t *testing.T) {
	addr := netip.MustParseAddr
	for _, test := range []struct {
		name           string
		stranger, from netip.Addr
		who            string
		delayed        bool
	}{
		{"the same", home, home, "alice", true},
		{"another address", home, addr("192.0.2.2"), "alice", false},
		{"another user", home, home, "careful", false},
		{"the same, as IPv6 writes it", home, addr("::ffff:192.0.2.1"), "alice", true},
		{"the same IPv6 link", addr("2001:db8::1"), addr("2001:db8::ffff:ffff:ffff:ffff"), "alice", true},
		{"the same by a zone", addr("fe80::1%eth0"), addr("fe80::1%eth1"), "alice", true},
		{"another IPv6 link", addr("2001:db8::1"), addr("2001:db8:0:1::1"), "alice", false},
		{"no address", netip.Addr{}, netip.Addr{}, "alice", true},
		{"no address and one", netip.Addr{}, home, "alice", false},
	} {
		d := newDoor(t)
		for range freeTries {
			d.try("alice", "wrong", test.stranger)
		}
		code, _ := d.try(test.who, "right", test.from)
		if delayed := code == oauth.SlowDown; delayed != test.delayed || !delayed && code != "" {
			t.Errorf("%s: %q, want delayed %v", test.name, code, test.delayed)
		}
	}
}

func TestThrottleKeyShowsNothing(t *testing.T) {
	key := throttleKey(oauth.SignIn{Name: "alice", Password: oauth.NewSecret("hunter2"), Source: home})
	for _, shown := range []string{"alice", "hunter2", "192"} {
		if strings.Contains(key, shown) {
			t.Errorf("%s shows %s", key, shown)
		}
	}
	if other := throttleKey(oauth.SignIn{Name: "alice", Password: oauth.NewSecret("other"), Source: home}); other != key {
		t.Error("another password is counted apart")
	}
}
