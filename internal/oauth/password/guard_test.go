package password

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// address is the nth of many addresses.
func address(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
}

// Many addresses at one user do not lock the user out: whoever comes from an
// address of their own is judged, however long the attack goes on, and waits
// as told after a slip.
func TestDistributedGuessingLocksNobodyOut(t *testing.T) {
	d := newQuickDoor(t)
	next, delayed := 0, false
	attack := func(guesses int) {
		for range guesses {
			d.try("alice", "wrong", address(next%200))
			next++
		}
	}
	for round := range 20 {
		attack(100)
		if code, wait := d.try("alice", "right", address(1_000_000+round)); code != "" {
			t.Fatalf("round %d: the user's first try is refused: %q, %v", round, code, wait)
		}
		slipped := address(2_000_000 + round)
		if code, _ := d.try("alice", "wrong", slipped); code != oauth.PermissionDenied {
			t.Fatalf("round %d: the user's slip is answered %q", round, code)
		}
		code, wait := d.try("alice", "right", slipped)
		if wait > 8*time.Second {
			t.Fatalf("round %d: at once after a slip: %q, wait %v", round, code, wait)
		}
		delayed = delayed || code == oauth.SlowDown
		attack(10)
		d.wait(wait)
		if code, _ := d.try("alice", "right", slipped); code != "" {
			t.Fatalf("round %d: after waiting %v: %q", round, wait, code)
		}
		d.wait(time.Minute)
	}
	if !delayed {
		t.Error("no slip was ever told to wait, so nothing was slowed down")
	}
}

// While a user is attacked from everywhere, each address gets fewer guesses.
func TestDistributedGuessingGetsStricter(t *testing.T) {
	judged := func(tries int) (n int) {
		d := newQuickDoor(t)
		for i := range tries {
			d.try("alice", "wrong", address(i))
		}
		for range free {
			if code, _ := d.try("alice", "wrong", home); code == oauth.PermissionDenied {
				n++
			}
		}
		return n
	}
	for tries, want := range map[int]int{0: free, 30: free, 60: 3, 250: 1} {
		if got := judged(tries); got != want {
			t.Errorf("after %d tries from elsewhere %d of an address's guesses are judged, want %d", tries, got, want)
		}
	}
}

// One password at many users: 100 guesses, then one every half minute.
func TestSprayingIsSlowed(t *testing.T) {
	d := newQuickDoor(t)
	start := instant.Truncate(window).Add(window)
	d.wait(start.Sub(instant))
	judged, from := 0, netip.MustParseAddr("2001:db8::")
	for i := 0; d.clock().Before(start.Add(window)); i++ {
		from = from.Next() // of the same link
		code, wait := d.try(fmt.Sprint("user ", i), "Summer2035", from)
		if code == oauth.PermissionDenied {
			judged++
		}
		d.wait(wait)
	}
	if judged < 100 || judged > 100+36 {
		t.Errorf("%d users were tried in %v, want 100 and one every 30 s", judged, window)
	}
	if code, _ := d.try("alice", "right", netip.MustParseAddr("2001:db8:0:1::1")); code != "" {
		t.Errorf("another address: %q", code)
	}
}

// Unknown users count like known ones.
func TestUnknownUsersCount(t *testing.T) {
	for _, name := range []string{"alice", "nobody", "disabled", "hashless"} {
		d := newQuickDoor(t)
		for range free {
			if code, _ := d.try(name, "wrong", home); code != oauth.PermissionDenied {
				t.Errorf("%s: %q", name, code)
			}
		}
		if code, wait := d.try(name, "wrong", home); code != oauth.SlowDown || wait != 2*time.Second {
			t.Errorf("%s: try 11: %q, %v", name, code, wait)
		}
	}
}

// Signing in to an account of one's own between guesses resets nothing but its
// own count.
func TestOwnAccountResetsNothing(t *testing.T) {
	d := newQuickDoor(t)
	mallory := oauth.User{ID: "u9", Name: "mallory", PasswordHash: hashed(t, "mine", cheap())}
	if err := d.store.CreateUser(t.Context(), mallory); err != nil {
		t.Fatal(err)
	}
	judged := 0
	for i := range 300 {
		if code, _ := d.try(fmt.Sprint("user ", i), "wrong", home); code == oauth.PermissionDenied {
			judged++
		}
		d.try("mallory", "mine", home)
	}
	if judged > 100 {
		t.Errorf("%d guesses were judged at once from one address, want at most 100", judged)
	}
	d.wait(time.Minute)
	for range free {
		d.try("alice", "wrong", home)
		d.wait(time.Minute)
		d.try("mallory", "mine", home)
		d.wait(time.Minute)
	}
	if tries := d.count("alice"); tries != free+1 {
		t.Errorf("%d tries are counted for the pair, want %d and this one", tries, free)
	}
}

// Where somebody tries every few minutes all day, as in an office, nobody waits
// and nothing gets stricter: users and addresses are counted in windows.
func TestSlowTriesDoNotAddUp(t *testing.T) {
	d := newQuickDoor(t)
	for i := range 400 {
		if code, wait := d.try(fmt.Sprint("user ", i), "wrong", home); code != oauth.PermissionDenied {
			t.Fatalf("try %d from one address: %q, %v", i, code, wait)
		}
		d.try("alice", "wrong", address(i))
		d.wait(5 * time.Minute)
	}
	for i := range free {
		if code, wait := d.try("alice", "wrong", netip.MustParseAddr("198.51.100.7")); code != oauth.PermissionDenied {
			t.Errorf("try %d for the user: %q, %v", i, code, wait)
		}
	}
	for i := range 90 {
		if code, wait := d.try(fmt.Sprint("another ", i), "wrong", home); code != oauth.PermissionDenied {
			t.Fatalf("try %d from the address: %q, %v", i, code, wait)
		}
	}
}

// Who waits as told is let in, whatever made them wait.
func TestRetryAfterLetsIn(t *testing.T) {
	for name, prepare := range map[string]func(*door){
		"pair":                func(d *door) { d.fail(free) },
		"user at its edge":    func(d *door) { d.strangers(40); d.fail(free) },
		"attacked":            func(d *door) { d.strangers(60); d.fail(3) },
		"besieged":            func(d *door) { d.strangers(300); d.fail(1) },
		"address":             func(d *door) { d.spray(100) },
		"address, long since": func(d *door) { d.spray(500) },
		"all three":           func(d *door) { d.strangers(300); d.spray(105); d.fail(6) },
	} {
		d := newQuickDoor(t)
		prepare(d)
		for again := range 12 {
			code, wait := d.try("alice", "wrong", home)
			if code != oauth.SlowDown || wait <= 0 {
				t.Fatalf("%s, %d: %q, %v, want to be told to wait", name, again, code, wait)
			}
		}
		_, wait := d.try("alice", "right", home)
		d.wait(wait)
		if code, more := d.try("alice", "right", home); code != "" {
			t.Errorf("%s: told %v, and then %q and %v more", name, wait, code, more)
		}
	}
}

// strangers make n guesses at alice, each from an address of its own.
func (d *door) strangers(n int) {
	for i := range n {
		d.try("alice", "wrong", address(i))
	}
}

// spray makes n guesses from home at as many users.
func (d *door) spray(n int) {
	for i := range n {
		d.try(fmt.Sprint("user ", i), "wrong", home)
	}
}

// Many guesses at once make ten hashes at most, fewer where the user is found to
// be attacked already; at as many users they make a hundred.
func TestParallelGuessesMakeFewHashes(t *testing.T) {
	for name, test := range map[string]struct {
		victim      func(int) string
		least, most int64
	}{
		"one user":  {func(int) string { return "alice" }, 1, free},
		"150 users": {func(i int) string { return fmt.Sprint("user ", i) }, 100, 100},
	} {
		d := newQuickDoor(t)
		var judged atomic.Int64
		var all sync.WaitGroup
		for i := range 150 {
			all.Go(func() {
				_, refusal, err := d.registry.Authenticate(t.Context(), d.signIn(test.victim(i), "wrong", home))
				if err != nil || refusal == nil {
					t.Errorf("%s: %+v, %v", name, refusal, err)
				} else if refusal.Code == oauth.PermissionDenied {
					judged.Add(1)
				}
			})
		}
		all.Wait()
		if got := judged.Load(); got < test.least || got > test.most {
			t.Errorf("%s: %d guesses were hashed, want %d to %d", name, got, test.least, test.most)
		}
	}
}

// A clock that goes back, or is behind that of another function, refuses once
// and is believed then.
func TestClockGoesBack(t *testing.T) {
	d := newQuickDoor(t)
	d.wait(24 * time.Hour)
	d.fail(free)
	d.wait(-24 * time.Hour)
	code, wait := d.try("alice", "right", home)
	if code != oauth.SlowDown || wait != 2*time.Second {
		t.Fatalf("%q, %v", code, wait)
	}
	d.wait(wait)
	if code, _ := d.try("alice", "right", home); code != "" {
		t.Errorf("after waiting: %q", code)
	}
}

// Who hammers from the user's own address keeps the user waiting while it lasts,
// no longer than is said afterwards, and nowhere else.
func TestNeighbourWhoHammers(t *testing.T) {
	for name, test := range map[string]struct {
		victim  func(int) string
		longest time.Duration
	}{
		"at the user": {func(int) string { return "alice" }, 5 * time.Minute},
		"at everyone": {func(i int) string { return fmt.Sprint("user ", i) }, 30 * time.Second},
	} {
		d := newQuickDoor(t)
		for i := range 200 {
			d.try(test.victim(i), "wrong", home)
			d.wait(400 * time.Millisecond)
		}
		if code, _ := d.try("alice", "right", address(1)); code != "" {
			t.Errorf("%s: the user, from elsewhere: %q", name, code)
		}
		code, wait := d.try("alice", "right", home)
		if code != oauth.SlowDown || wait != test.longest {
			t.Errorf("%s: %q, wait %v, want %v", name, code, wait, test.longest)
		}
		d.wait(test.longest)
		if code, _ := d.try("alice", "right", home); code != "" {
			t.Errorf("%s: when that is over: %q", name, code)
		}
	}
}

// A user's counter that a flood has made too hot to write turns nobody away
// and leaves each pair one free try.
func TestUserCounterThatFails(t *testing.T) {
	d := newQuickDoor(t)
	s := stand{Store: d.store, count: brokenOf("user:"), takeBack: brokenOf("user:")}
	d.registry = d.over(s, s)
	if code, _ := d.try("alice", "right", home); code != "" {
		t.Errorf("the first try: %q", code)
	}
	other := netip.MustParseAddr("192.0.2.77")
	d.try("alice", "wrong", other)
	if code, wait := d.try("alice", "right", other); code != oauth.SlowDown || wait != 8*time.Second {
		t.Errorf("the second from an address: %q, %v", code, wait)
	}
	if log := d.log.String(); !strings.Contains(log, "level=WARN") || strings.Contains(log, "alice") || strings.Contains(log, "wrong") {
		t.Errorf("the log says %q", log)
	}
}

// A count that can't be taken back is no reason to refuse a right password.
func TestUndoThatFails(t *testing.T) {
	d := newQuickDoor(t)
	d.spray(60)
	d.strangers(30)
	d.fail(6)
	s := stand{Store: d.store, forget: allBroken, takeBack: allBroken}
	d.registry = d.over(s, s)
	if code, _ := d.try("alice", "right", home); code != "" {
		t.Errorf("%q", code)
	}
	if got := strings.Count(d.log.String(), "level=WARN"); got != 3 {
		t.Errorf("%d warnings, want one of each counter:\n%s", got, d.log.String())
	}
}
