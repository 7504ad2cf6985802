package seal

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

const secretText = "SWORDFISH-SWORDFISH-SWORDFISH-SWORDFISH"

// badKeyring is a text that is none, and what its error must name.
type badKeyring struct{ name, text, says string }

func badKeyrings() []badKeyring {
	field := func(name, value string) string { return fmt.Sprintf("%q:%q", name, value) }
	good := field("1", secretText)
	return []badKeyring{
		{"nothing", ``, "JSON"},
		{"null", `null`, "current"},
		{"a list", `["` + secretText + `"]`, "JSON"},
		{"the bare key", secretText, "JSON"},
		{"the key as a string", `"` + secretText + `"`, "JSON"},
		{"cut off", `{"current":"1","1":"` + secretText, "JSON"},
		{"a broken escape", `{"current":"1","1":"` + secretText + `\x"}`, "JSON"},
		{"more after it", `{"current":"1",` + good + `} ` + secretText, "JSON"},
		{"a number", `{"current":1,` + good + `}`, "JSON"},
		{"an object", `{"current":"1","1":{"key":"` + secretText + `"}}`, "JSON"},
		{"no keys", `{}`, "current"},
		{"no current", `{` + good + `}`, "current"},
		{"empty current", `{"current":"",` + good + `}`, "current"},
		{"current not there", `{"current":"2",` + good + `}`, "current"},
		{"current is the key", `{"current":"` + secretText + `",` + good + `}`, "current"},
		{"current spelt otherwise", `{"current":"01",` + good + `}`, "current"},
		{"Current", `{"Current":"1",` + good + `}`, `"Current"`},
		{"id 0", `{"current":"0",` + field("0", secretText) + `}`, `"0"`},
		{"id negative", `{"current":"-1",` + field("-1", secretText) + `}`, `"-1"`},
		{"id with a sign", `{"current":"1",` + good + `,` + field("+2", secretText) + `}`, `"+2"`},
		{"id with a zero before", `{"current":"1",` + good + `,` + field("02", secretText) + `}`, `"02"`},
		{"id too large", `{"current":"1",` + good + `,` + field("4294967296", secretText) + `}`, `"4294967296"`},
		{"id no number", `{"current":"1",` + good + `,` + field("next", secretText) + `}`, `"next"`},
		{"short key", `{"current":"1",` + field("1", secretText[:MinKeyLength-1]) + `}`, "key 1"},
		{"null key", `{"current":"1","1":null}`, "key 1"},
		{"the wrong way round", `{"current":"1",` + field(secretText, "1") + `}`, "field"},
	}
}

func TestParseKeyringRefuses(t *testing.T) {
	for _, test := range badKeyrings() {
		t.Run(test.name, func(t *testing.T) {
			keys, err := ParseKeyring([]byte(test.text))
			if err == nil || keys != nil {
				t.Fatalf("ParseKeyring(%s) = %v, %v, want an error", test.text, keys, err)
			}
			if text := err.Error(); strings.Contains(text, secretText[:10]) || !strings.Contains(text, test.says) {
				t.Errorf("the error shows a key or does not say %s: %s", test.says, text)
			}
		})
	}
}

func TestParseKeyring(t *testing.T) {
	keys, err := ParseKeyring([]byte(` {"4294967295":"` + secretText + `","current":"4294967295","1":"` + secretText[:MinKeyLength] + `"} `))
	if err != nil || keys.Current() != 4294967295 {
		t.Fatalf("got %v, current %d", err, keys.Current())
	}
	if text := fmt.Sprintf("%v %+v %#v", keys, keys, keys); strings.Contains(text, secretText[:10]) {
		t.Errorf("printed it shows a key: %s", text)
	}
}

func FuzzParseKeyring(f *testing.F) {
	for _, seed := range []string{"", "null", "{}", `{"current":"1","1":"` + secretText + `"}`, `{"current":"2","2":"` + secretText + `","1":""}`, `{"1":1}`, rotating("2000000000"), rotating("")} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := ParseKeyring(text)
		if err != nil {
			return
		}
		token := keys.Mint(AccessToken, session, 7).Reveal()
		if _, err := keys.Open(AccessToken, token); err != nil {
			t.Fatalf("ParseKeyring(%q): its own token is refused: %v", text, err)
		}
	})
}

// A rotation adds a key: what the old one made stays good, what is new is of
// the new one; with the old key gone so is all that it made.
func TestReplace(t *testing.T) {
	keys := newKeyring(t, 1)
	old := keys.Mint(AccessToken, session, 0).Reveal()
	keys.Replace(newKeyring(t, 1, 2))
	if keys.Current() != 2 {
		t.Errorf("the current key is %d, want 2", keys.Current())
	}
	token, err := keys.Open(AccessToken, old)
	if err != nil || token.Key != 1 {
		t.Errorf("a token of the older key: %+v, %v", token, err)
	}
	newer := keys.Mint(AccessToken, session, 0).Reveal()
	if token, err := keys.Open(AccessToken, newer); err != nil || token.Key != 2 || newer == old {
		t.Errorf("a token of the newer key: %+v, %v", token, err)
	}
	keys.Replace(newKeyring(t, 2))
	if _, err := keys.Open(AccessToken, old); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("a token of a retired key: %v, want ErrUnknownKey", err)
	}
}

// A keyring with the same id for another key did not make the tokens.
func TestSameIDIsNotSameKey(t *testing.T) {
	token := newKeyring(t, 1).Mint(AccessToken, session, 0).Reveal()
	other, err := ParseKeyring([]byte(`{"current":"1","1":"` + secretText + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(AccessToken, token); !errors.Is(err, ErrForged) {
		t.Errorf("got %v, want ErrForged", err)
	}
}

func TestKeyringIsSafeForConcurrentUse(t *testing.T) {
	keys := newKeyring(t, 1)
	rings := []*Keyring{newKeyring(t, 1), newKeyring(t, 1, 2), newKeyring(t, 2, 1)}
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 100 {
				keys.Replace(rings[(worker+i)%len(rings)])
				useKeyring(t, keys)
			}
		})
	}
	group.Wait()
}

// useKeyring makes and checks one of each. Key 2 may be gone in between.
func useKeyring(t *testing.T, keys *Keyring) {
	client := oauth.Client{ID: "mobile", SecretKey: 1}
	token, err := keys.Open(OAuth1Token, keys.Mint(OAuth1Token, session, 1).Reveal())
	if err != nil && !errors.Is(err, ErrUnknownKey) {
		t.Errorf("its own token: %v", err)
	}
	if _, secretErr := keys.TokenSecret(token); err == nil && secretErr != nil && !errors.Is(secretErr, ErrUnknownKey) {
		t.Errorf("the token's secret: %v", secretErr)
	}
	if _, err := keys.ClientSecret(&client); err != nil {
		t.Errorf("the client's secret: %v", err)
	}
	box, err := keys.Seal("test", []byte("plain"), time.Time{})
	if err == nil {
		_, err = keys.Unseal("test", box, instant)
	}
	if err != nil && !errors.Is(err, ErrUnknownKey) {
		t.Errorf("its own sealed value: %v", err)
	}
}
