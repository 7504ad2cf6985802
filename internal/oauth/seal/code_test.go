package seal

import (
	"encoding/base64"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

var granted = Code{Client: "mobile", Redirect: "https://app.example.com/cb", Named: true, Scope: []string{"read", "write"},
	User: "u1", UserName: "alice", Challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}

// reveal returns a function that fails the test on an error, so that what
// makes a secret fits in one line.
func reveal(t testing.TB) func(oauth.Secret, error) string {
	return func(secret oauth.Secret, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return secret.Reveal()
	}
}

func TestCodeRoundTrip(t *testing.T) {
	keys := newKeyring(t, 1)
	ids := map[oauth.SessionID]bool{}
	for _, code := range []Code{granted, {}, {Client: `"\`, User: "ü"}} {
		for range 2 {
			text := reveal(t)(keys.SealCode(code, instant.Add(CodeLifetime)))
			got, id, err := keys.OpenCode(text, instant)
			if err != nil || !reflect.DeepEqual(got, code) {
				t.Errorf("%+v, %v, want %+v", got, err, code)
			}
			if _, again, err := keys.OpenCode(text, instant.Add(time.Second)); err != nil || again != id {
				t.Errorf("opened again: session %v, %v, want %v", again, err, id)
			}
			ids[id] = true
			if !strings.HasPrefix(text, "gthc_") {
				t.Errorf("%s does not say what it is", text)
			}
		}
	}
	if len(ids) != 6 || ids[oauth.SessionID{}] {
		t.Errorf("sessions %v, want one for each code", ids)
	}
}

func TestCodeEndsAtItsTime(t *testing.T) {
	keys := newKeyring(t, 1)
	text := reveal(t)(keys.SealCode(granted, instant.Truncate(time.Second)))
	if _, _, err := keys.OpenCode(text, instant.Truncate(time.Second).Add(-1)); err != nil {
		t.Errorf("a moment before: %v", err)
	}
	code, id, err := keys.OpenCode(text, instant.Truncate(time.Second))
	if !errors.Is(err, ErrExpired) || !reflect.DeepEqual(code, Code{}) || id != (oauth.SessionID{}) {
		t.Errorf("at its end: %+v, %v, %v, want only ErrExpired", code, id, err)
	}
}

// The session of a code is that of the key that sealed it, whichever is
// current: a code is replayed after a rotation too.
func TestCodeAcrossARotation(t *testing.T) {
	before, after := newKeyring(t, 1), newKeyring(t, 1, 2)
	text := reveal(t)(before.SealCode(granted, instant.Add(time.Minute)))
	_, want, err := before.OpenCode(text, instant)
	if err != nil {
		t.Fatal(err)
	}
	if code, id, err := after.OpenCode(text, instant); err != nil || id != want || !reflect.DeepEqual(code, granted) {
		t.Errorf("%+v of session %v, %v, want session %v", code, id, err, want)
	}
	newer := reveal(t)(after.SealCode(granted, instant.Add(time.Minute)))
	if _, _, err := before.OpenCode(newer, instant); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("a key that is not there: %v, want ErrUnknownKey", err)
	}
	if _, _, err := newKeyring(t, 2).OpenCode(text, instant); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("a key that was retired: %v, want ErrUnknownKey", err)
	}
}

// An id is not secret, and must not tell the ids of other codes.
func TestSessionOfACodeNeedsTheKey(t *testing.T) {
	keys, forger := newKeyring(t, 1), mustParse(t, `{"current":"1","1":"`+strings.Repeat("another key", 4)+`"}`)
	text := reveal(t)(keys.SealCode(granted, time.Time{}))
	_, id, err := keys.OpenCode(text, instant)
	if err != nil {
		t.Fatal(err)
	}
	mac, err := forger.macOfValue(forCodeSession, codePrefix, text)
	if err != nil || oauth.SessionID(mac[:16]) == id {
		t.Errorf("another key of the same id gives the same session: %v", err)
	}
	if _, _, err := forger.OpenCode(text, instant); !errors.Is(err, ErrForged) {
		t.Errorf("another key of the same id: %v, want ErrForged", err)
	}
}

func mustParse(t *testing.T, text string) *Keyring {
	t.Helper()
	keys, err := ParseKeyring([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestSpendKey(t *testing.T) {
	keys := newKeyring(t, 1)
	one, other := reveal(t)(keys.SealCode(granted, time.Time{})), reveal(t)(keys.SealCode(granted, time.Time{}))
	if key := SpendKey(one); key != SpendKey(strings.Clone(one)) || key == SpendKey(other) || key == SpendKey(one+"A") {
		t.Error("the key is not that of the value alone")
	}
	for _, value := range []string{"", one, strings.Repeat("x", 1<<16)} {
		if key := SpendKey(value); key.Kind != oauth.SpentSealed || key.Sum == [32]byte{} {
			t.Errorf("SpendKey(%.20q) is %v", value, key)
		}
	}
}

// opens tells which of the credentials text is taken for.
func opens(keys *Keyring, text string) (as []string) {
	note := func(name string, err error) {
		if err == nil {
			as = append(as, name)
		}
	}
	_, _, err := keys.OpenCode(text, instant)
	note("code", err)
	_, _, err = keys.OpenTemporary(text, instant)
	note("temporary", err)
	for _, identifier := range []string{"", "gtht_x", text} {
		_, err = keys.OpenVerifier(identifier, text, instant)
		note("verifier of "+identifier, err)
	}
	for _, kind := range kinds() {
		_, err = keys.Open(kind, text)
		note(string(kind), err)
	}
	return as
}

// What was made as one credential is nothing as another, even in its dress.
func TestSealedCredentialsAreNotInterchangeable(t *testing.T) {
	keys := newKeyring(t, 1)
	end := instant.Add(time.Hour)
	identifier, secret, err := keys.SealTemporary(Temporary{Client: "mobile", Callback: oauth.OutOfBand}, end)
	if err != nil {
		t.Fatal(err)
	}
	prefixes := []string{"", codePrefix, temporaryPrefix, verifierPrefix, string(AccessToken), string(RefreshToken), string(OAuth1Token)}
	for name, text := range map[string]string{
		"code":                 reveal(t)(keys.SealCode(granted, end)),
		"temporary":            identifier.Reveal(),
		"verifier of gtht_x":   reveal(t)(keys.SealVerifier("gtht_x", Verifier{User: "u1"}, end)),
		"gtha_":                keys.Mint(AccessToken, session, 0).Reveal(),
		"a temporary secret":   "xxxxx" + secret.Reveal(),
		"sealed for no reason": "xxxxx" + sealed(t, keys, "{}", end),
	} {
		for _, prefix := range prefixes {
			as := opens(keys, prefix+text[5:])
			if right := prefix == text[:5]; right && !slices.Equal(as, []string{name}) || !right && as != nil {
				t.Errorf("%s with the prefix %q is taken for %q", name, prefix, as)
			}
		}
	}
}

// Bytes that the keyring sealed for the purpose but that are no JSON cannot
// come about; they are refused all the same.
func TestSealedCredentialThatSaysNothing(t *testing.T) {
	keys := newKeyring(t, 1)
	for _, plain := range []string{"", "x", "[]", `{"c":1}`} {
		box, err := keys.Seal(codePrefix, []byte(plain), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if code, _, err := keys.OpenCode(codePrefix+box, instant); !errors.Is(err, ErrMalformed) || !reflect.DeepEqual(code, Code{}) {
			t.Errorf("%q: %+v, %v, want ErrMalformed", plain, code, err)
		}
	}
}

func TestEveryChangeOfACodeIsRefused(t *testing.T) {
	keys := newKeyring(t, 1)
	text := reveal(t)(keys.SealCode(granted, instant.Add(time.Minute)))
	for _, changed := range changes(text) {
		if code, id, err := keys.OpenCode(changed, instant); err == nil || id != (oauth.SessionID{}) || !reflect.DeepEqual(code, Code{}) {
			t.Errorf("OpenCode(%q) = %+v, %v, %v, want a refusal", changed, code, id, err)
		}
	}
}

func FuzzOpenCode(f *testing.F) {
	keys := newKeyring(f, 1)
	f.Add(reveal(f)(keys.SealCode(granted, instant.Add(time.Hour))))
	f.Add(reveal(f)(keys.SealCode(Code{}, time.Time{})))
	f.Add(codePrefix)
	f.Add(codePrefix + "AAAAAQ")
	f.Add(codePrefix + base64.RawURLEncoding.EncodeToString(make([]byte, 64)))
	f.Fuzz(func(t *testing.T, text string) {
		code, id, err := keys.OpenCode(text, instant)
		if err == nil && (id == (oauth.SessionID{}) || !reflect.DeepEqual(code, granted) && !reflect.DeepEqual(code, Code{})) {
			t.Fatalf("OpenCode(%q) = %+v, %v", text, code, id)
		}
	})
}
