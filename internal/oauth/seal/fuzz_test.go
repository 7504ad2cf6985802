package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"gatehouse/internal/oauth"
)

// flipped is text, base64url behind a prefix, with one bit of what it encodes
// changed.
func flipped(t *testing.T, prefix, text string, bit uint) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text[len(prefix):])
	if err != nil {
		t.Fatal(err)
	}
	bit %= uint(8 * len(raw))
	raw[bit/8] ^= 1 << (bit % 8)
	return prefix + base64.RawURLEncoding.EncodeToString(raw)
}

// FuzzSealed holds that what was sealed opens as it was, until it ends, for
// its purpose only, and with none of its bits changed.
func FuzzSealed(f *testing.F) {
	f.Add([]byte("x"), "purpose", "other", int64(0), int64(0), uint(0))
	f.Add([]byte{}, "", "p", int64(1), int64(1), uint(31))
	f.Add(bytes.Repeat([]byte{255}, 300), "client secret of a", "client secret of b", int64(2051326000), int64(2051326001), uint(95))
	f.Add([]byte("a"), "ab", "a", int64(-1), int64(5), uint(1<<20))
	keys := newKeyring(f, 1, 2)
	f.Fuzz(func(t *testing.T, plain []byte, purpose, other string, end, at int64, bit uint) {
		const most = 1 << 40 // some 34,000 years
		expires, now := time.Unix(end%most, 0), time.Unix(at%most, 0)
		sealed, err := keys.Seal(purpose, plain, expires)
		if err != nil {
			t.Fatal(err)
		}
		got, err := keys.Unseal(purpose, sealed, now)
		if expires.Unix() == 0 {
			expires = time.Unix(-1, 0) // 0 is for never
		}
		if ended := !now.Before(expires); ended && !errors.Is(err, ErrExpired) || !ended && (err != nil || !bytes.Equal(got, plain)) {
			t.Fatalf("sealed until %v, at %v: %q, %v", expires, now, got, err)
		}
		early := expires.Add(-time.Second)
		if purpose != other {
			if got, err := keys.Unseal(other, sealed, early); !errors.Is(err, ErrForged) || got != nil {
				t.Fatalf("sealed for %q, opened for %q: %q, %v", purpose, other, got, err)
			}
		}
		if got, err := keys.Unseal(purpose, flipped(t, "", sealed, bit), early); err == nil || got != nil {
			t.Fatalf("bit %d changed: %q", bit, got)
		}
	})
}

// FuzzTokens holds that a token says what it was minted for, and nothing to
// others nor with a bit changed.
func FuzzTokens(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), uint32(0), uint(0))
	f.Add([]byte{}, uint32(1<<32-1), uint(383))
	f.Add([]byte{255}, uint32(7), uint(200))
	keys, others := newKeyring(f, 1, 2), newKeyring(f, 3)
	f.Fuzz(func(t *testing.T, id []byte, generation uint32, bit uint) {
		var session oauth.SessionID
		copy(session[:], id)
		for _, kind := range kinds() {
			text := keys.Mint(kind, session, generation).Reveal()
			if got, err := keys.Open(kind, text); err != nil || got != (Token{kind, 2, session, generation}) {
				t.Fatalf("Open(%s) = %+v, %v", text, got, err)
			}
			changed := flipped(t, string(kind), text, bit)
			for _, wanted := range kinds() {
				wantRefused(t, keys, wanted, changed)
				wantRefused(t, others, wanted, text)
				if wanted != kind {
					wantRefused(t, keys, wanted, text)
					wantRefused(t, keys, wanted, string(wanted)+text[len(kind):])
				}
			}
		}
	})
}

// FuzzCredentials holds of codes, temporary credentials and verifiers that
// they say what they were made of, and nothing as each other nor with a bit
// changed.
func FuzzCredentials(f *testing.F) {
	f.Add("mobile", "https://app.example.com/cb?a=1&b=<2>", "read", "u1", "alice", uint(0))
	f.Add("", "", "", "", "", uint(77))
	f.Add("\"\\", "oob", "a b", "ü", "\u2028\x00", uint(1000))
	keys := newKeyring(f, 1, 2)
	f.Fuzz(func(t *testing.T, client, redirect, scope, user, name string, bit uint) {
		if !utf8.ValidString(client + "\x00" + redirect + "\x00" + scope + "\x00" + user + "\x00" + name) {
			return // no registry or request has such
		}
		end := instant.Add(time.Hour)
		code := Code{Client: client, Redirect: redirect, Named: bit%2 == 0, Scope: []string{scope}, User: user, UserName: name, Challenge: redirect}
		temporary, verifier := Temporary{Client: client, Callback: redirect}, Verifier{User: user, UserName: name, Scope: []string{scope, client}}
		codeText := reveal(t)(keys.SealCode(code, end))
		identifier, secret, err := keys.SealTemporary(temporary, end)
		if err != nil {
			t.Fatal(err)
		}
		verifierText := reveal(t)(keys.SealVerifier(identifier.Reveal(), verifier, end))
		if got, _, err := keys.OpenCode(codeText, instant); err != nil || !reflect.DeepEqual(got, code) || !CodeEnd(codeText).Equal(end.Truncate(time.Second)) {
			t.Fatalf("%+v became %+v, %v", code, got, err)
		}
		if got, again, err := keys.OpenTemporary(identifier.Reveal(), instant); err != nil || got != temporary || again.Reveal() != secret.Reveal() {
			t.Fatalf("%+v became %+v, %v", temporary, got, err)
		}
		if got, err := keys.OpenVerifier(identifier.Reveal(), verifierText, instant); err != nil || !reflect.DeepEqual(got, verifier) {
			t.Fatalf("%+v became %+v, %v", verifier, got, err)
		}
		noneOpens(t, keys, identifier.Reveal(), codeText, verifierText, bit)
	})
}

// noneOpens shows each credential with a bit changed, and in the others' places
// behind either prefix.
func noneOpens(t *testing.T, keys *Keyring, identifier, code, verifier string, bit uint) {
	t.Helper()
	const prefix = len(codePrefix) // as long as the others
	made := []string{identifier, code, verifier}
	opens := []func(string) error{
		func(text string) error { _, _, err := keys.OpenTemporary(text, instant); return err },
		func(text string) error { _, _, err := keys.OpenCode(text, instant); return err },
		func(text string) error { _, err := keys.OpenVerifier(identifier, text, instant); return err },
	}
	for i, open := range opens {
		shown := []string{flipped(t, made[i][:prefix], made[i], bit)}
		for _, other := range slices.Concat(made[:i], made[i+1:]) {
			shown = append(shown, other, made[i][:prefix]+other[prefix:])
		}
		for _, text := range shown {
			if open(text) == nil {
				t.Fatalf("%s opens %q", made[i][:prefix], text)
			}
		}
	}
	if _, err := keys.OpenVerifier(identifier+"x", verifier, instant); !errors.Is(err, ErrForged) {
		t.Fatalf("the verifier of other temporary credentials: %v", err)
	}
}

// FuzzImportedSecrets holds that a secret that was brought along stays that of
// its client alone.
func FuzzImportedSecrets(f *testing.F) {
	f.Add("mobile", "s3cret", "other")
	f.Add("", "\x00\xff", "x")
	f.Add("a", "a", "a ")
	keys := newKeyring(f, 1)
	f.Fuzz(func(t *testing.T, id, secret, otherID string) {
		client := &oauth.Client{ID: id}
		if err := keys.GiveSecret(client, oauth.NewSecret(secret)); err != nil {
			t.Fatal(err)
		}
		got, err := keys.ClientSecret(client)
		if err != nil || secret != "" && got.Reveal() != secret || got.Empty() {
			t.Fatalf("%q became %q, %v", secret, got.Reveal(), err)
		}
		stolen := *client
		stolen.ID = otherID
		if of, err := keys.ClientSecret(&stolen); id != otherID && err == nil && of == got {
			t.Fatalf("%q has the secret of %q", otherID, id)
		}
	})
}
