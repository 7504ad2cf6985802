package password

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"gatehouse/internal/oauth"
)

// people are asked about alice, whose password is "right", about strange, whose
// answers no authenticator may give, and about broken.
type people struct{ asked atomic.Int32 }

func (p *people) Check(_ context.Context, s oauth.SignIn) (oauth.User, bool, error) {
	p.asked.Add(1)
	switch {
	case s.Name == "broken":
		return oauth.User{ID: "42"}, true, errBroken
	case s.Name == "disabled":
		return oauth.User{ID: "42", Disabled: true}, true, nil
	case s.Name == "nameless":
		return oauth.User{}, true, nil
	}
	return oauth.User{ID: "42", Name: "Alice"}, s.Name == "alice" && s.Password.Reveal() == "right", nil
}

// newDelegatedDoor is one whose users are people.
func newDelegatedDoor(t testing.TB) (*door, *people) {
	t.Helper()
	d, p := newQuickDoor(t), &people{}
	d.registry = NewDelegated(p, d.guard(d.store))
	return d, p
}

func TestDelegatedRefusalsAreAlike(t *testing.T) {
	d, p := newDelegatedDoor(t)
	user, refusal, err := d.registry.Authenticate(t.Context(), d.signIn("alice", "right", home))
	if err != nil || refusal != nil || user != (oauth.User{ID: "42", Name: "Alice"}) {
		t.Errorf("%+v, %+v, %v", user, refusal, err)
	}
	want := &oauth.Error{Status: http.StatusBadRequest, Code: oauth.PermissionDenied, Description: "unknown user or wrong password",
		Act: oauth.ActSignInRefused}
	for _, test := range []struct{ name, password string }{{"alice", "wrong"}, {"alice", ""}, {"nobody", "right"}, {"disabled", "right"}, {"nameless", "right"}} {
		user, refusal, err := d.registry.Authenticate(t.Context(), d.signIn(test.name, test.password, home))
		if err != nil || !reflect.DeepEqual(refusal, want) || user != (oauth.User{}) {
			t.Errorf("%s, %s: %+v, %+v, %v", test.name, test.password, user, refusal, err)
		}
	}
	before := p.asked.Load()
	for _, test := range []struct{ name, password string }{{"alice", "right\xff"}, {"al\xffice", "right"}} {
		if _, refusal, err := d.registry.Authenticate(t.Context(), d.signIn(test.name, test.password, home)); err != nil || !reflect.DeepEqual(refusal, want) {
			t.Errorf("%q, %q: %+v, %v", test.name, test.password, refusal, err)
		}
	}
	if p.asked.Load() != before {
		t.Error("what is not UTF-8 was passed on")
	}
}

// Who can't be asked lets nobody in, and says of no password that it is wrong.
func TestDelegatedFaults(t *testing.T) {
	d, p := newDelegatedDoor(t)
	user, refusal, err := d.registry.Authenticate(t.Context(), d.signIn("broken", "right", home))
	if !errors.Is(err, errBroken) || refusal != nil || user != (oauth.User{}) {
		t.Errorf("%+v, %+v, %v", user, refusal, err)
	}
	asked := p.asked.Load()
	for _, kind := range []string{"pair:", "address:", ""} {
		s := stand{Store: d.store, count: brokenOf(kind)}
		if _, refusal, err := NewDelegated(p, d.guard(s)).Authenticate(t.Context(), d.signIn("alice", "right", home)); !errors.Is(err, errBroken) || refusal != nil {
			t.Errorf("%s: %+v, %v", kind, refusal, err)
		}
	}
	if p.asked.Load() != asked {
		t.Error("asked without a count")
	}
}

// Nobody is asked more often than the Registry would hash.
func TestDelegatedIsGuarded(t *testing.T) {
	for name, victim := range map[string]func(int) string{"alice": func(int) string { return "alice" }, "many": func(i int) string { return fmt.Sprint("user ", i) }} {
		d, p := newDelegatedDoor(t)
		var all sync.WaitGroup
		for i := range 150 {
			all.Go(func() { d.try(victim(i), "wrong", home) })
		}
		all.Wait()
		if most := map[string]int32{"alice": free, "many": 100}[name]; p.asked.Load() < 1 || p.asked.Load() > most {
			t.Errorf("%s: asked %d times, want at most %d", name, p.asked.Load(), most)
		}
	}
	d, _ := newDelegatedDoor(t)
	for i := range 60 {
		if code, _ := d.try("alice", "right", home); code != "" {
			t.Fatalf("sign-in %d: %q", i, code)
		}
	}
}
