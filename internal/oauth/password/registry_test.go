package password

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"gatehouse/internal/oauth"
)

func TestRightPassword(t *testing.T) {
	d := newDoor(t)
	user, refusal, err := d.registry.Authenticate(t.Context(), d.signIn("alice", "right", home))
	if err != nil || refusal != nil || user.ID != "u1" || user.Name != "alice" {
		t.Errorf("got %+v, %+v, %v", user, refusal, err)
	}
}

// All refusals are one to whoever tries. The log alone is told whose password it
// was not, by the id, and never what was typed for a name.
func TestRefusalsAreAlike(t *testing.T) {
	d := newDoor(t)
	want := oauth.Error{Status: http.StatusBadRequest, Code: oauth.PermissionDenied, Description: "unknown user or wrong password",
		Act: oauth.ActSignInRefused}
	for _, test := range []struct{ name, password, id string }{
		{"alice", "wrong", "u1"}, {"alice", "", "u1"}, {"alice", "Right", "u1"}, {"alice", "right\x00", "u1"}, {"alice", "right ", "u1"},
		{"alice", strings.Repeat("x", MaxLength+1), "u1"}, {"nobody", "right", ""}, {"", "", ""}, {"Alice", "right", ""}, {"alice\x00", "right", ""},
		{"disabled", "right", "u3"}, {"hashless", "", "u4"}, {"hashless", "right", "u4"}, {strings.Repeat("n", 3000), "right", ""},
	} {
		user, refusal, err := d.registry.Authenticate(t.Context(), d.signIn(test.name, test.password, home))
		if err != nil || refusal == nil || user != (oauth.User{}) {
			t.Fatalf("%.20q, %.20q: %+v, %+v, %v", test.name, test.password, user, refusal, err)
		}
		told := *refusal
		told.Session = nil
		if !reflect.DeepEqual(told, want) {
			t.Errorf("%.20q, %.20q: %+v, want %+v", test.name, test.password, told, want)
		}
		if whose := (oauth.Session{User: test.id}); test.id == "" && refusal.Session != nil || test.id != "" && !reflect.DeepEqual(refusal.Session, &whose) {
			t.Errorf("%.20q, %.20q: the log names %+v, want %q", test.name, test.password, refusal.Session, test.id)
		}
	}
}

// Passwords are bytes: what looks the same and was typed in another way is
// another password. One is stored with é as one character, one as e and an
// accent; each is right as it was given alone.
func TestPasswordsAreNotNormalised(t *testing.T) {
	d := newQuickDoor(t)
	const composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"
	for name, given := range map[string]string{"composed": composed, "decomposed": decomposed} {
		user := oauth.User{ID: name, Name: name, PasswordHash: hashed(t, given, cheap())}
		if err := d.store.CreateUser(t.Context(), user); err != nil {
			t.Fatal(err)
		}
		for _, tried := range []string{composed, decomposed, "caf\u00e9\u00a0au lait", "\uff43\uff41\uff46\u00e9 au lait", "caf\u00c9 au lait"} {
			want := oauth.PermissionDenied
			if tried == given {
				want = ""
			}
			if code, _ := d.try(name, tried, home); code != want {
				t.Errorf("the password is %+q, and %+q gives %q, want %q", given, tried, code, want)
			}
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
	for name, s := range map[string]stand{
		"user":             {Store: d.store, user: broken},
		"counters":         {Store: d.store, count: allBroken},
		"counter of pair":  {Store: d.store, count: brokenOf("pair:")},
		"counter of place": {Store: d.store, count: brokenOf("address:")},
		"all":              {Store: d.store, user: broken, count: allBroken},
	} {
		user, refusal, err := d.over(s, s).Authenticate(t.Context(), d.signIn("alice", "right", home))
		if !errors.Is(err, errBroken) || refusal != nil || user != (oauth.User{}) {
			t.Errorf("%s: %+v, %+v, %v, want the store's fault alone", name, user, refusal, err)
		}
	}
}

func TestNoSaltForTheStandIn(t *testing.T) {
	d := newDoor(t)
	if _, err := NewRegistry(d.store, d.guard(d.store), cheap(), io.LimitReader(counting(), 20)); err == nil {
		t.Error("no error")
	}
}

// Each waits for all others, so one after another would never end.
func TestUserAndCountersSideBySide(t *testing.T) {
	d := newDoor(t)
	var asked sync.WaitGroup
	asked.Add(4)
	meet := func() error { asked.Done(); asked.Wait(); return nil }
	s := stand{Store: d.store, user: meet, count: func(string) error { return meet() }}
	if _, refusal, err := d.over(s, s).Authenticate(t.Context(), d.signIn("alice", "right", home)); err != nil || refusal != nil {
		t.Errorf("got %+v, %v", refusal, err)
	}
}

// A try that finds no processor free ends with its request, counted.
func TestWaitingForAProcessorEnds(t *testing.T) {
	d := newDoor(t)
	registry := d.over(d.store, d.store)
	for range cap(registry.hashing) {
		registry.hashing <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, refusal, err := registry.Authenticate(ctx, d.signIn("alice", "right", home)); !errors.Is(err, context.Canceled) || refusal != nil {
		t.Errorf("got %+v, %v, want the context's end", refusal, err)
	}
	if tries := d.count("alice"); tries != 2 {
		t.Errorf("%d tries counted, want that one and this", tries)
	}
}
