package password

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"gatehouse/internal/oauth"
)

// dear is another cost than cheap.
func dear() Cost { return Cost{Memory: 16, Passes: 2, Threads: 1} }

// newDearDoor is one at which hashes are to be dear; alice's is cheap.
func newDearDoor(t testing.TB) *door {
	t.Helper()
	return newDoorAt(t, dear())
}

func (d *door) hashOf(name string) string {
	d.t.Helper()
	user, err := d.store.User(d.t.Context(), name)
	if err != nil {
		d.t.Fatal(err)
	}
	return user.PasswordHash
}

func costOf(t *testing.T, phc string) Cost {
	t.Helper()
	s, err := parse(phc)
	if err != nil {
		t.Fatal(err)
	}
	return s.cost
}

func TestRightSignInRehashes(t *testing.T) {
	d := newDearDoor(t)
	old := d.hashOf("alice")
	if d.try("alice", "wrong", home); d.hashOf("alice") != old {
		t.Error("a wrong password changes the hash")
	}
	user, refusal, err := d.registry.Authenticate(t.Context(), d.signIn("alice", "right", home))
	if err != nil || refusal != nil {
		t.Fatalf("%+v, %v", refusal, err)
	}
	renewed := d.hashOf("alice")
	if renewed == old || costOf(t, renewed) != dear() || user.PasswordHash != renewed {
		t.Errorf("the hash is %s of cost %v, and the user's %s", renewed, costOf(t, renewed), user.PasswordHash)
	}
	if right, err := Matches(oauth.NewSecret("right"), renewed); err != nil || !right {
		t.Errorf("the new hash is of another password: %v", err)
	}
	if code, _ := d.try("alice", "right", home); code != "" || d.hashOf("alice") != renewed {
		t.Errorf("the next sign-in: %q, and the hash is %s", code, d.hashOf("alice"))
	}
}

// Neither a disabled user's nor an unreadable hash is touched.
func TestOthersAreNotRehashed(t *testing.T) {
	d := newDearDoor(t)
	old := d.hashOf("disabled")
	if code, _ := d.try("disabled", "right", home); code != oauth.PermissionDenied || d.hashOf("disabled") != old {
		t.Errorf("a disabled user: %q, %s", code, d.hashOf("disabled"))
	}
}

// rehashing is a store whose Rehash calls a hook first.
type rehashing struct {
	stand
	rehash func() error
}

func (s rehashing) Rehash(ctx context.Context, name, old, renewed string) error {
	if err := s.rehash(); err != nil {
		return err
	}
	return s.Store.Rehash(ctx, name, old, renewed)
}

func TestFailedRehashIsNoRefusal(t *testing.T) {
	for name, rand := range map[string]io.Reader{"the store": counting(), "no salt": io.LimitReader(counting(), saltSize+hashSize)} {
		d := newDearDoor(t)
		old := d.hashOf("alice")
		s := rehashing{stand{Store: d.store}, broken}
		var err error
		if d.registry, err = NewRegistry(s, d.guard(s), dear(), rand); err != nil {
			t.Fatal(err)
		}
		user, refusal, err := d.registry.Authenticate(t.Context(), d.signIn("alice", "right", home))
		if err != nil || refusal != nil || user.PasswordHash != old || d.hashOf("alice") != old {
			t.Errorf("%s: %+v, %+v, %v", name, user, refusal, err)
		}
		if log := d.log.String(); strings.Count(log, "level=WARN") != 1 || !strings.Contains(log, "user=u1") || strings.Contains(log, "right") || strings.Contains(log, old) {
			t.Errorf("%s: the log says %q", name, log)
		}
	}
}

// A password that was changed while its user signs in stays as it was changed.
func TestRehashNeverUndoesAChange(t *testing.T) {
	d := newDearDoor(t)
	changed := oauth.User{ID: "u1", Name: "alice", PasswordHash: hashed(t, "another", cheap()), Revision: 1}
	s := rehashing{stand{Store: d.store}, func() error { return d.store.UpdateUser(context.Background(), changed) }}
	registry, err := NewRegistry(s, d.guard(d.store), dear(), counting())
	if err != nil {
		t.Fatal(err)
	}
	if _, refusal, err := registry.Authenticate(t.Context(), d.signIn("alice", "right", home)); err != nil || refusal != nil {
		t.Errorf("%+v, %v", refusal, err)
	}
	if d.hashOf("alice") != changed.PasswordHash {
		t.Error("the old password is back")
	}
}

func TestParallelSignInsRehashOnce(t *testing.T) {
	d := newDearDoor(t)
	var all sync.WaitGroup
	for range free {
		all.Go(func() {
			if _, refusal, err := d.registry.Authenticate(t.Context(), d.signIn("alice", "right", home)); err != nil || refusal != nil {
				t.Errorf("%+v, %v", refusal, err)
			}
		})
	}
	all.Wait()
	if got := d.hashOf("alice"); costOf(t, got) != dear() {
		t.Errorf("the hash is of cost %v", costOf(t, got))
	}
}

// What a deployment may choose makes hashes that can be read again.
func TestEveryCostOfASettingIsSane(t *testing.T) {
	for _, cost := range []Cost{OWASP(), {LeastMemory, LeastPasses, 1}, {LeastMemory, MostPasses, 1}, {MostMemory, LeastPasses, 1}, {MostMemory, MostPasses, 1}} {
		if s := (stored{cost, make([]byte, saltSize), make([]byte, hashSize)}); !s.sane() {
			t.Errorf("%+v is refused when it is read", cost)
		}
	}
}

// An unknown user takes what the deployment's cost takes.
func TestUnknownUserCostsTheSame(t *testing.T) {
	for _, cost := range []Cost{cheap(), dear(), OWASP()} {
		registry, err := NewRegistry(nil, Guard{}, cost, counting())
		if err != nil || costOf(t, registry.dummy) != cost {
			t.Errorf("%+v: %s, %v", cost, registry.dummy, err)
		}
	}
}
