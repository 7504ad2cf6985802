package seal

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// rotating is a keyring in which key 2 takes over from key 1 at from.
func rotating(from string) string {
	return fmt.Sprintf(`{"current":"1","next":"2","next_from":%q,"1":%q,"2":%q}`, from, keyText(1), keyText(2))
}

func epochText(t time.Time) string { return fmt.Sprint(t.Unix()) }

func TestParseKeyringRefusesRotations(t *testing.T) {
	both := fmt.Sprintf(`"current":"1","1":%q,"2":%q`, keyText(1), keyText(2))
	for _, test := range []badKeyring{
		{"no time", `{` + both + `,"next":"2"}`, `"next_from"`},
		{"no key", `{` + both + `,"next_from":"2000000000"}`, `without "next"`},
		{"next not there", `{` + both + `,"next":"3","next_from":"2000000000"}`, `"next"`},
		{"next spelt otherwise", `{` + both + `,"next":"02","next_from":"2000000000"}`, `"next"`},
		{"empty next", `{` + both + `,"next":"","next_from":"2000000000"}`, `"next"`},
		{"next is current", `{` + both + `,"next":"1","next_from":"2000000000"}`, `"next"`},
		{"next is the key", `{` + both + `,"next":"` + secretText + `","next_from":"2000000000"}`, `"next"`},
		{"empty time", rotating(""), `"next_from"`},
		{"a date", rotating("2035-01-02"), `"next_from"`},
		{"milliseconds", rotating("2000000000000"), `"next_from"`},
		{"a fraction", rotating("2000000000.5"), `"next_from"`},
		{"a sign", rotating("+2000000000"), `"next_from"`},
		{"before 1970", rotating("-1"), `"next_from"`},
		{"zero", rotating("0"), `"next_from"`},
		{"too large", rotating("9223372036854775808"), `"next_from"`},
		{"the key as time", rotating(secretText), `"next_from"`},
		{"a number", `{` + both + `,"next":2,"next_from":2000000000}`, "JSON"},
		{"one key twice", fmt.Sprintf(`{"current":"1","1":%q,"2":%q,"1":%q}`, keyText(1), keyText(2), secretText), "twice"},
		{"current twice", `{` + both + `,"current":"2"}`, "twice"},
		{"two ids for a key", fmt.Sprintf(`{"current":"1","1":%q,"2":%q}`, secretText, secretText), "keys 1 and 2"},
		{"short next key", fmt.Sprintf(`{"current":"1","1":%q,"2":%q,"next":"2","next_from":"2000000000"}`, keyText(1), secretText[:MinKeyLength-1]), "key 2"},
	} {
		keys, err := ParseKeyring([]byte(test.text))
		if err == nil || keys != nil || strings.Contains(err.Error(), secretText[:10]) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, %v, want an error about %s that shows no key", test.name, keys, err, test.says)
		}
	}
}

func TestActivate(t *testing.T) {
	keys, err := ParseKeyring([]byte(rotating(epochText(instant))))
	if err != nil {
		t.Fatal(err)
	}
	from := instant.Truncate(time.Second)
	if next, at := keys.Next(); next != 2 || !at.Equal(from) {
		t.Errorf("next %d from %v", next, at)
	}
	for _, step := range []struct {
		now  time.Time
		want KeyID
	}{
		{time.Time{}, 1}, {from.AddDate(-100, 0, 0), 1}, {from.Add(-1), 1}, {from, 2},
		{from.Add(time.Hour), 2}, {from.Add(-time.Hour), 2}, // a clock that is set back takes nothing back
	} {
		keys.Activate(step.now)
		if got := keys.Current(); got != step.want {
			t.Errorf("at %v the current key is %d, want %d", step.now, got, step.want)
		}
		token, err := keys.Open(AccessToken, keys.Mint(AccessToken, session, 0).Reveal())
		if err != nil || token.Key != step.want {
			t.Errorf("at %v its own token: %+v, %v", step.now, token, err)
		}
	}
	if next, at := keys.Next(); next != 0 || !at.IsZero() {
		t.Errorf("afterwards: next %d from %v", next, at)
	}
}

// What a key makes does not depend on whether it is current, next or older.
func TestTheNextKeyIsHonouredBefore(t *testing.T) {
	early, err := ParseKeyring([]byte(rotating(epochText(instant.AddDate(100, 0, 0)))))
	if err != nil {
		t.Fatal(err)
	}
	token := newKeyring(t, 1, 2).Mint(AccessToken, session, 0).Reveal()
	if opened, err := early.Open(AccessToken, token); err != nil || opened.Key != 2 {
		t.Errorf("a token of the next key: %+v, %v", opened, err)
	}
	if len(early.AssertionKeys()) != 2 || early.AssertionKey().ID != newKeyring(t, 1).AssertionKey().ID {
		t.Error("its public key is not published, or signs already")
	}
}

func TestActivateIsSafeForConcurrentUse(t *testing.T) {
	keys := newKeyring(t, 1)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 100 {
				newer, err := ParseKeyring([]byte(rotating(epochText(instant.Add(time.Duration(i) * time.Second)))))
				if err != nil {
					t.Error(err)
					return
				}
				keys.Replace(newer)
				keys.Activate(instant.Add(50 * time.Second))
				useKeyring(t, keys)
			}
		})
	}
	group.Wait()
}

func parse(t *testing.T, text []byte) *Keyring {
	t.Helper()
	keys, err := ParseKeyring(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return keys
}

func TestAddKey(t *testing.T) {
	from := instant.Add(time.Minute)
	text, id, err := AddKey([]byte(`{"current":"1","1":"`+keyText(1)+`"}`), oauth.NewSecret(keyText(2)), instant, from)
	if err != nil || id != 2 {
		t.Fatalf("id %d, %v", id, err)
	}
	if want := rotating(epochText(from)); parse(t, text).Current() != 1 || !sameJSON(text, want) {
		t.Errorf("got %s, want %s", text, want)
	}
	if _, _, err := AddKey(text, oauth.NewSecret(keyText(3)), from.Add(-2*time.Second), from); !errors.Is(err, ErrTakingOver) {
		t.Errorf("while another takes over: %v", err)
	}
	later, id, err := AddKey(text, oauth.NewSecret(keyText(3)), from, from.Add(time.Minute))
	if err != nil || id != 3 {
		t.Fatalf("afterwards: id %d, %v", id, err)
	}
	keys := parse(t, later)
	if next, at := keys.Next(); keys.Current() != 2 || next != 3 || at.Unix() != from.Add(time.Minute).Unix() {
		t.Errorf("current %d, next %d at %v", keys.Current(), next, at)
	}
	atOnce, _, err := AddKey(text, oauth.NewSecret(keyText(3)), from, from)
	if err != nil || parse(t, atOnce).Current() != 3 || strings.Contains(string(atOnce), "next") {
		t.Errorf("at once: %s, %v", atOnce, err)
	}
}

// sameJSON compares without regard to the order of fields.
func sameJSON(text []byte, want string) bool {
	a, errA := readFields(text)
	b, errB := readFields([]byte(want))
	return errA == nil && errB == nil && fmt.Sprint(a) == fmt.Sprint(b)
}

func TestAddKeyErrors(t *testing.T) {
	full := fmt.Sprintf(`{"current":"1","1":%q,"4294967295":%q}`, keyText(1), keyText(2))
	good := fmt.Sprintf(`{"current":"1","1":%q}`, keyText(1))
	for _, test := range []struct{ name, text, key, says string }{
		{"no ids left", full, keyText(3), "no higher key id"},
		{"a short key", good, "SWORDFISH", "key 2"},
		{"no key", good, "", "key 2"},
		{"the same key", good, keyText(1), "keys 1 and 2"},
		{"no keyring", `{}`, keyText(3), "current"},
	} {
		text, _, err := AddKey([]byte(test.text), oauth.NewSecret(test.key), instant, instant.Add(time.Hour))
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "SWORDFISH") {
			t.Errorf("%s: %s, %v, want an error about %s", test.name, text, err, test.says)
		}
	}
}

func TestRemoveKey(t *testing.T) {
	text := []byte(rotating(epochText(instant)))
	before := instant.Add(-time.Minute)
	for _, test := range []struct {
		name string
		id   KeyID
		now  time.Time
		want error
	}{
		{"the current", 1, before, ErrKeyInUse},
		{"the next", 2, before, ErrKeyInUse},
		{"the new current", 2, instant, ErrKeyInUse},
		{"none", 3, instant, ErrUnknownKey},
		{"zero", 0, instant, ErrUnknownKey},
	} {
		if got, err := RemoveKey(text, test.id, test.now); !errors.Is(err, test.want) || got != nil {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	left, err := RemoveKey(text, 1, instant)
	if err != nil {
		t.Fatal(err)
	}
	if keys := parse(t, left); !slices.Equal(keys.IDs(), []KeyID{2}) || keys.Current() != 2 || strings.Contains(string(left), "key-1") {
		t.Errorf("left %v, current %d", keys.IDs(), keys.Current())
	}
}

func TestAdvance(t *testing.T) {
	text := []byte(rotating(epochText(instant)))
	for now, want := range map[time.Time]KeyID{instant.Add(-time.Minute): 1, instant: 2} {
		advanced, err := Advance(text, now)
		if err != nil {
			t.Fatal(err)
		}
		keys := parse(t, advanced)
		if next, _ := keys.Next(); keys.Current() != want || (next != 0) != (want == 1) || len(keys.IDs()) != 2 {
			t.Errorf("at %v: current %d, next %d", now, keys.Current(), next)
		}
	}
	if _, err := Advance([]byte(`{}`), instant); err == nil {
		t.Error("no keyring was advanced")
	}
}

func TestClientKey(t *testing.T) {
	keys := newKeyring(t, 1, 7)
	brought := oauth.Client{ID: "old", SecretKey: 1}
	if err := keys.GiveSecret(&brought, oauth.NewSecret("s")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		client oauth.Client
		want   KeyID
	}{
		{oauth.Client{ID: "a", SecretKey: 3}, 3},
		{oauth.Client{ID: "a"}, 0},
		{brought, 7},
		{oauth.Client{ID: "a", Public: true, SecretKey: 3}, 0},
		{oauth.Client{ID: "a", SecretKey: 3, SealedSecret: "junk"}, 0},
		{oauth.Client{ID: "a", SecretKey: 3, SealedSecret: "AAAA"}, 0},
	} {
		if got := ClientKey(&test.client); got != test.want {
			t.Errorf("%+v: %d, want %d", test.client, got, test.want)
		}
	}
}

func TestKeyIDs(t *testing.T) {
	for _, text := range []string{"1", "42", "4294967295"} {
		if id, err := ParseKeyID(text); err != nil || id.String() != text {
			t.Errorf("%s: %s, %v", text, id, err)
		}
	}
	for _, text := range []string{"", "0", "01", "+1", "-1", "4294967296", "x", "1 "} {
		if id, err := ParseKeyID(text); err == nil || id != 0 {
			t.Errorf("%q: %s", text, id)
		}
	}
}
