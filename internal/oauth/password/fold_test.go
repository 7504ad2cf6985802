package password

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"gatehouse/internal/oauth"
)

// Whatever an authenticator makes of a name before it compares, by the tables
// of Unicode, is counted with that name: so for each character there is.
func TestEverySpellingIsFolded(t *testing.T) {
	readings := map[string]func(string) string{
		"lower":      strings.ToLower,
		"upper":      strings.ToUpper,
		"lower full": cases.Lower(language.Und).String,
		"upper full": cases.Upper(language.Und).String,
		"Turkish":    cases.Upper(language.Turkish).String,
		"casefold":   cases.Fold().String,
		"NFC":        norm.NFC.String,
		"NFD":        norm.NFD.String,
		"NFKC":       norm.NFKC.String,
		"NFKD":       norm.NFKD.String,
		"PRECIS":     func(s string) string { return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s))) },
		"trimmed":    strings.TrimSpace,
		"collapsed":  func(s string) string { return strings.Join(strings.Fields(s), " ") },
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.IsGraphic(r) && !unicode.In(r, unicode.Cc, unicode.Cf) {
			continue // nothing is assigned to it
		}
		name := "a" + string(r) + "z" + string(r)
		want := folded(name)
		for reading, read := range readings {
			if text := read(name); text != name && folded(text) != want {
				t.Errorf("%s of %U: %q is counted as %q, and %q as %q", reading, r, text, folded(text), name, want)
			}
		}
	}
}

func TestFolded(t *testing.T) {
	for name, spellings := range map[string][]string{
		"victim":     {"Victim", "VICTIM", "vıctım", "vİctim", " victim", "victim \t\n", "vic tim", "victim\x00", "vic\u200btim", "\ufeffvictim", "vic\u00adtim", "vi\u0301ctim", "víctïm", "ｖｉｃｔｉｍ", "𝐯𝐢𝐜𝐭𝐢𝐦", "ⅵctim", "vi\u034fctim", "vic\u3000tim"},
		"strasse":    {"Straße", "STRAẞE", "ſtraße"},
		"ᾳ":          {"αι", "ΑΙ", "ᾼ"},
		"αυγη":       {"Αυγή", "ΑΥΓΗ"},
		"alice@x.eu": {"Alice@X.EU", "alice @x.eu"},
	} {
		for _, spelling := range spellings {
			if folded(spelling) != folded(name) {
				t.Errorf("%q is counted as %q, and %q as %q", spelling, folded(spelling), name, folded(name))
			}
		}
	}
	seen := map[string]string{}
	for _, name := range []string{"", "alice", "alise", "alice1", "alice.", "al-ice", "a_lice", "alice@example.com", "аlice" /* Cyrillic */, "ælice", "øle", "ole", "王", "王王"} {
		if other, taken := seen[folded(name)]; taken {
			t.Errorf("%q and %q are counted as one", name, other)
		}
		seen[folded(name)] = name
	}
}

// lax asks people for a name as many a database reads it.
type lax struct{ *people }

func (l lax) Check(ctx context.Context, s oauth.SignIn) (oauth.User, bool, error) {
	s.Name = strings.TrimSpace(strings.ToLower(s.Name))
	return l.people.Check(ctx, s)
}

// Who spells a name in another way each time makes no more guesses by that.
func TestSpellingsAreOneName(t *testing.T) {
	d := newQuickDoor(t)
	d.registry = NewDelegated(lax{&people{}}, d.guard(d.store))
	if code, _ := d.try("Alice ", "right", address(7)); code != "" {
		t.Fatalf("another spelling with the right password: %q", code)
	}
	judged := 0
	for i := range 95 {
		spelling := []byte("alice")
		for bit := range spelling {
			if i>>bit&1 == 1 {
				spelling[bit] -= 'a' - 'A'
			}
		}
		if code, _ := d.try(string(spelling)+strings.Repeat(" ", i>>5), "wrong", home); code == oauth.PermissionDenied {
			judged++
		}
	}
	if judged != free {
		t.Errorf("%d guesses were judged, want %d", judged, free)
	}
}

// Somebody's own account, whose name is folded to the user's, resets nothing.
func TestOwnSpellingResetsNothing(t *testing.T) {
	d, _ := newDelegatedDoor(t)
	judged := 0
	for i := range 60 {
		if code, _ := d.try("Alice", "guess "+fmt.Sprint(i), home); code == oauth.PermissionDenied {
			judged++
		}
		d.try("alice", "right", home)
	}
	if judged > free {
		t.Errorf("%d guesses at Alice were judged between sign-ins of alice, want %d at most", judged, free)
	}
}
