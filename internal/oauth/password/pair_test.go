package password

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// free are the tries of a pair that do not wait, while the user is left alone.
const free = 10

func TestGuessingIsSlowedDown(t *testing.T) {
	d := newQuickDoor(t)
	d.fail(free)
	for _, seconds := range []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300} {
		wait := time.Duration(seconds) * time.Second
		d.wait(wait)
		if code, _ := d.try("alice", "wrong", home); code != oauth.PermissionDenied {
			t.Fatalf("after %v: %q, want the guess to be judged", wait, code)
		}
	}
	code, retryAfter := d.try("alice", "right", home)
	if code != oauth.SlowDown || retryAfter != 5*time.Minute {
		t.Errorf("at once: %q, retry after %v, want %v", code, retryAfter, 5*time.Minute)
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
		d := newQuickDoor(t)
		d.fail(free + turnedAway - 1)
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
	d := newQuickDoor(t)
	for range free {
		if _, _, err := d.registry.Authenticate(t.Context(), d.signIn("corrupt", "x", home)); !errors.Is(err, ErrFormat) {
			t.Fatalf("%v, want the hash to be looked at", err)
		}
	}
	if code, _ := d.try("corrupt", "x", home); code != oauth.SlowDown {
		t.Errorf("%q, want %q without a look at the hash", code, oauth.SlowDown)
	}
}

func TestParallelGuessesEachCount(t *testing.T) {
	d := newQuickDoor(t)
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
	// The counters are not raised at one moment: a try may be the fourth of the
	// pair when the user has many already, and is not free then.
	if judged < 1 || judged > free {
		t.Errorf("%d of %d guesses were judged, want 1 to %d", judged, guesses, free)
	}
	if tries := d.count("alice"); tries != guesses+1 {
		t.Errorf("%d tries counted, want %d and this one", tries, guesses)
	}
}

func TestSuccessClears(t *testing.T) {
	d := newQuickDoor(t)
	d.fail(free - 1)
	if code, _ := d.try("alice", "right", home); code != "" {
		t.Fatalf("the tenth try: %q", code)
	}
	d.fail(free)
	if code, _ := d.try("alice", "right", home); code != oauth.SlowDown {
		t.Errorf("ten wrong guesses since: %q", code)
	}
}

// People who sign in often are not turned away, and pay for a write to forget
// only now and then.
func TestRightPasswordsDoNotAddUp(t *testing.T) {
	d := newQuickDoor(t)
	undone := map[string]int{}
	var mu sync.Mutex
	note := func(key string) error {
		mu.Lock()
		defer mu.Unlock()
		kind, _, _ := strings.Cut(key, ":")
		undone[kind]++
		return nil
	}
	s := stand{Store: d.store, forget: note, takeBack: note}
	d.registry = d.over(s, s)
	for i := range 120 {
		if code, _ := d.try("alice", "right", home); code != "" {
			t.Fatalf("sign-in %d: %q", i+1, code)
		}
	}
	if want := map[string]int{"pair": 20, "user": 95, "address": 70}; !reflect.DeepEqual(undone, want) {
		t.Errorf("counts are undone %v for 120 sign-ins, want %v", undone, want)
	}
}

func TestCounterEndsByItself(t *testing.T) {
	d := newQuickDoor(t)
	d.fail(free + 5)
	d.wait(keepPair + time.Second)
	if tries := d.count("alice"); tries != 1 {
		t.Errorf("%d tries counted, want this one", tries)
	}
}

// Silence gets a guesser no further than waiting as told: one guess in five
// minutes.
func TestPausesBuyNoGuesses(t *testing.T) {
	for _, pause := range []time.Duration{0, window + time.Second, time.Hour, 4 * time.Hour} {
		d := newQuickDoor(t)
		judged := 0
		for tries := 1; d.clock().Before(instant.Add(24 * time.Hour)); tries++ {
			if code, _ := d.try("alice", "wrong", home); code == oauth.PermissionDenied {
				judged++
			}
			wait := pairLimit(1).delay(tries + 1)
			if pause > 0 && wait == pairLimit(1).longest {
				tries, wait = 0, pause // as if all were forgotten
			}
			d.wait(wait)
		}
		if most := free + 9 + 24*60/5; judged < free || judged > most {
			t.Errorf("with pauses of %v %d guesses were judged in a day, want %d at most", pause, judged, most)
		}
	}
}

// Who has an IPv6 site has 65,536 links, and no more guesses at one user.
func TestLinksOfASiteAreOne(t *testing.T) {
	d := newQuickDoor(t)
	judged := 0
	for i := range 60 {
		from := netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0, 1, byte(i * 5), byte(i), 15: 1})
		if code, _ := d.try("alice", "wrong", from); code == oauth.PermissionDenied {
			judged++
		}
	}
	if judged != free {
		t.Errorf("%d guesses were judged from as many links of one site, want %d", judged, free)
	}
	if code, _ := d.try("alice", "right", netip.MustParseAddr("2001:db8:2::1")); code != "" {
		t.Errorf("the user, from another site: %q", code)
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
		{"another link of an IPv6 site", addr("2001:db8::1"), addr("2001:db8:0:ffff::1"), "alice", true},
		{"another IPv6 site", addr("2001:db8::1"), addr("2001:db8:1::1"), "alice", false},
		{"no address", netip.Addr{}, netip.Addr{}, "alice", true},
		{"no address and one", netip.Addr{}, home, "alice", false},
	} {
		d := newQuickDoor(t)
		for range free {
			d.try("alice", "wrong", test.stranger)
		}
		code, _ := d.try(test.who, "right", test.from)
		if delayed := code == oauth.SlowDown; delayed != test.delayed || !delayed && code != "" {
			t.Errorf("%s: %q, want delayed %v", test.name, code, test.delayed)
		}
	}
}

func TestThrottleKeysShowNothing(t *testing.T) {
	s := oauth.SignIn{Name: "alice", Password: oauth.NewSecret("hunter2"), Source: home, Now: instant}
	keys := hashing().uncounted(s)
	for _, key := range []string{keys.pair.key, keys.user.key, keys.address.key} {
		for _, shown := range []string{"alice", "hunter2", "192"} {
			if strings.Contains(key, shown) {
				t.Errorf("%s shows %s", key, shown)
			}
		}
	}
	s.Password = oauth.NewSecret("other")
	if *hashing().uncounted(s) != *keys {
		t.Error("another password is counted apart")
	}
}

// No name makes the counter of another name, address or kind.
func TestThrottleKeysAreApart(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"", "alice", "192.0.2.1", "\x00", "192.0.2.1\x00alice", strings.Repeat("n", 1<<16)} {
		for _, from := range []netip.Addr{{}, home, netip.MustParseAddr("2001:db8::1")} {
			keys := hashing().uncounted(oauth.SignIn{Name: name, Source: from, Now: instant})
			for _, pair := range [][2]string{{keys.pair.key, name + " from " + from.String()}, {keys.user.key, "user " + name}, {keys.address.key, "address " + from.String()}} {
				if other, taken := seen[pair[0]]; taken && other != pair[1] {
					t.Errorf("%.60q and %.60q have one counter", other, pair[1])
				}
				if seen[pair[0]] = pair[1]; len(pair[0]) > 60 {
					t.Errorf("%.60q: a key of %d bytes", name, len(pair[0]))
				}
			}
		}
	}
}
