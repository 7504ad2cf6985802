package password

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"gatehouse/internal/oauth"
)

// An argon2id vector of version 1.3 in the reference implementation's test.c
// (phc-winner-argon2).
const (
	vectorPassword = "password"
	vectorPHC      = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
)

func TestPublishedVector(t *testing.T) {
	if right, err := Matches(oauth.NewSecret(vectorPassword), vectorPHC); err != nil || !right {
		t.Errorf("the vector: %v, %v", right, err)
	}
	if right, err := Matches(oauth.NewSecret(vectorPassword+"x"), vectorPHC); err != nil || right {
		t.Errorf("another password: %v, %v", right, err)
	}
}

func TestHash(t *testing.T) {
	for _, text := range []string{"a", "correct horse", "pässwörd 🔑", "\x00\xff", "p$a$s", strings.Repeat("x", MaxLength)} {
		phc := hashed(t, text, cheap())
		if right, err := Matches(oauth.NewSecret(text), phc); err != nil || !right {
			t.Errorf("%.20q: %v, %v", text, right, err)
		}
		if right, err := Matches(oauth.NewSecret(text+"x"), phc); err != nil || right {
			t.Errorf("%.20q and one more: %v, %v", text, right, err)
		}
		if s, err := parse(phc); err != nil || s.String() != phc || s.cost != cheap() {
			t.Errorf("%s is parsed as %v, %v", phc, s, err)
		}
	}
	if phc := hashed(t, "a", OWASP()); !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the usual cost is that of %s", phc)
	}
}

func TestHashSalts(t *testing.T) {
	random := counting()
	first, err := Hash(oauth.NewSecret("a"), cheap(), random)
	second, again := Hash(oauth.NewSecret("a"), cheap(), random)
	if err != nil || again != nil || first == second {
		t.Errorf("two hashes of a password: %s, %v and %s, %v", first, err, second, again)
	}
	if third := hashed(t, "a", cheap()); third != first {
		t.Errorf("the same salt gives %s and %s", first, third)
	}
}

func TestHashRefuses(t *testing.T) {
	long := oauth.NewSecret(strings.Repeat("x", MaxLength+1))
	for name, try := range map[string]func() (string, error){
		"no password": func() (string, error) { return Hash(oauth.Secret{}, cheap(), counting()) },
		"long":        func() (string, error) { return Hash(long, cheap(), counting()) },
		"no salt":     func() (string, error) { return Hash(oauth.NewSecret("a"), cheap(), iotest.ErrReader(errBroken)) },
		"short salt":  func() (string, error) { return Hash(oauth.NewSecret("a"), cheap(), io.LimitReader(counting(), 15)) },
	} {
		if phc, err := try(); err == nil || phc != "" {
			t.Errorf("%s: %q, %v, want an error", name, phc, err)
		}
	}
}

// phc is a string of this form that differs from a good one by its parameters.
func phc(params string) string {
	return "$argon2id$v=19$" + params + "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5Q"
}

func TestCorruptHashes(t *testing.T) {
	good := phc("m=8,t=1,p=1")
	if _, err := parse(good); err != nil {
		t.Fatalf("%s: %v", good, err)
	}
	bad := []string{"", "$", "$$$$$", "x" + good, good + "$", good + "=", good + "\n", " " + good, good[1:], strings.ToUpper(good),
		strings.Replace(good, "argon2id", "argon2d", 1), strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "$v=19", "", 1),
		strings.Replace(good, "c29tZXNhbHQ", "", 1), strings.Replace(good, "c29tZXNhbHQ", "c29tZXNhbHR", 1),
		strings.Replace(good, "c29tZXNhbHQ", "c29tZXNh", 1), strings.Replace(good, "c29tZXNhbHQ", "c29t\nZXNhbHQ", 1),
		strings.Replace(good, "c29tZXNhbHQ", "c29tZX_hbHQ", 1), good[:len(good)-4], good + strings.Repeat("AAAA", 20),
		"$2b$12$abcdefghijklmnopqrstuv", "plain password"}
	for _, params := range []string{"", "m=8", "m=8,t=1", "t=1,m=8,p=1", "m=8,t=1,p=1,keyid=a", "m=8,t=1,p=1x", "m=08,t=1,p=1",
		"m=+8,t=1,p=1", "m= 8,t=1,p=1", "m=-8,t=1,p=1", "m=8,t=1,p=256", "m=4294967304,t=1,p=1", "m=8,t=0,p=1", "m=8,t=1,p=0",
		"m=0,t=1,p=0", "m=7,t=1,p=1", "m=8,t=1,p=2", "m=8.0,t=1,p=1", "m=8_0,t=1,p=1", "m=0x8,t=1,p=1"} {
		bad = append(bad, phc(params))
	}
	for _, text := range bad {
		if right, err := Matches(oauth.NewSecret("right"), text); !errors.Is(err, ErrFormat) || right {
			t.Errorf("%q: %v, %v, want ErrFormat", text, right, err)
		}
	}
}

// Each of these would take all memory or all of a function's time.
func TestHugeCostIsRefused(t *testing.T) {
	for _, params := range []string{"m=262145,t=1,p=1", "m=4294967295,t=1,p=1", "m=8,t=131073,p=1", "m=8,t=4294967295,p=1",
		"m=65536,t=17,p=1", "m=2147483648,t=2,p=1", "m=65536,t=65536,p=1"} {
		if _, err := Matches(oauth.NewSecret("a"), phc(params)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v, want ErrFormat", params, err)
		}
	}
	for _, params := range []string{"m=262144,t=4,p=4", "m=19456,t=2,p=1", "m=12288,t=3,p=1", "m=47104,t=1,p=1", "m=65536,t=3,p=4"} {
		if _, err := parse(phc(params)); err != nil {
			t.Errorf("%s: %v, want it to be sane", params, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(vectorPHC)
	f.Add(phc("m=8,t=1,p=1"))
	f.Add(phc("m=-1,t=1,p=1"))
	f.Add("$argon2id$v=19$m=,t=,p=$$")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parse(text)
		if err != nil {
			return
		}
		if s.String() != text || !s.sane() {
			t.Fatalf("%q is parsed as %s", text, s)
		}
		if cost := fmt.Sprintf("m=%d,t=%d,p=%d", s.cost.Memory, s.cost.Passes, s.cost.Threads); !strings.Contains(text, cost) {
			t.Fatalf("%q is parsed with the cost %s", text, cost)
		}
	})
}
