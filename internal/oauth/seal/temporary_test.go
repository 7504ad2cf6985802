package seal

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

func newTemporary(t *testing.T, keys *Keyring, expires time.Time) (identifier, secret string) {
	t.Helper()
	made, shared, err := keys.SealTemporary(Temporary{Client: "mobile", Callback: "https://app.example.com/cb"}, expires)
	if err != nil {
		t.Fatal(err)
	}
	return made.Reveal(), shared.Reveal()
}

func TestTemporaryRoundTrip(t *testing.T) {
	keys := newKeyring(t, 1)
	seen := map[string]bool{}
	for _, want := range []Temporary{{"mobile", oauth.OutOfBand}, {"mobile", oauth.OutOfBand}, {"ü", `https://a/"?b`}, {}} {
		identifier, secret, err := keys.SealTemporary(want, instant.Add(TemporaryLifetime))
		if err != nil {
			t.Fatal(err)
		}
		got, again, err := keys.OpenTemporary(identifier.Reveal(), instant)
		if err != nil || got != want || !again.Equal(secret) || secret.Empty() {
			t.Errorf("%+v, %v, want %+v and the same secret", got, err, want)
		}
		seen[identifier.Reveal()], seen[secret.Reveal()] = true, true
	}
	if len(seen) != 8 {
		t.Errorf("%d different identifiers and secrets, want 8", len(seen))
	}
}

func TestTemporaryEndsAtItsTime(t *testing.T) {
	keys := newKeyring(t, 1)
	identifier, _ := newTemporary(t, keys, instant)
	temporary, secret, err := keys.OpenTemporary(identifier, instant)
	if !errors.Is(err, ErrExpired) || temporary != (Temporary{}) || !secret.Empty() {
		t.Errorf("%+v, %v, want only ErrExpired", temporary, err)
	}
}

// The secret is that of the key that sealed the identifier, whichever is
// current: a rotation between two steps of the dance changes nothing.
func TestTemporaryAcrossARotation(t *testing.T) {
	before, after := newKeyring(t, 1), newKeyring(t, 1, 2)
	identifier, want := newTemporary(t, before, time.Time{})
	if _, secret, err := after.OpenTemporary(identifier, instant); err != nil || secret.Reveal() != want {
		t.Errorf("the secret changed with the current key: %v", err)
	}
	newer, _ := newTemporary(t, after, time.Time{})
	if _, secret, err := before.OpenTemporary(newer, instant); !errors.Is(err, ErrUnknownKey) || !secret.Empty() {
		t.Errorf("a key that is not there: %v, want ErrUnknownKey", err)
	}
	verifier := reveal(t)(after.SealVerifier(identifier, Verifier{User: "u1"}, time.Time{}))
	if got, err := after.OpenVerifier(identifier, verifier, instant); err != nil || got.User != "u1" {
		t.Errorf("a newer key's verifier of an older key's credentials: %+v, %v", got, err)
	}
	if _, err := before.OpenVerifier(identifier, verifier, instant); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("a verifier of a key that is not there: %v, want ErrUnknownKey", err)
	}
}

func TestVerifierIsForItsOwnCredentials(t *testing.T) {
	keys := newKeyring(t, 1)
	identifier, secret := newTemporary(t, keys, time.Time{})
	other, _ := newTemporary(t, keys, time.Time{})
	want := Verifier{User: "u1", UserName: "alice", Scope: []string{"read"}}
	verifier := reveal(t)(keys.SealVerifier(identifier, want, instant.Add(VerifierLifetime)))
	if got, err := keys.OpenVerifier(identifier, verifier, instant); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	for _, stranger := range []string{"", other, secret, verifier, identifier + "A", identifier[:len(identifier)-1], identifier[len(temporaryPrefix):]} {
		if got, err := keys.OpenVerifier(stranger, verifier, instant); !errors.Is(err, ErrForged) || !reflect.DeepEqual(got, Verifier{}) {
			t.Errorf("for %q: %+v, %v, want ErrForged", stranger, got, err)
		}
	}
	if got, err := keys.OpenVerifier(identifier, verifier, instant.Add(VerifierLifetime)); !errors.Is(err, ErrExpired) || !reflect.DeepEqual(got, Verifier{}) {
		t.Errorf("at its end: %+v, %v, want ErrExpired", got, err)
	}
}

func TestEveryChangeOfTemporaryCredentialsIsRefused(t *testing.T) {
	keys := newKeyring(t, 1)
	identifier, _ := newTemporary(t, keys, time.Time{})
	verifier := reveal(t)(keys.SealVerifier(identifier, Verifier{User: "u1"}, time.Time{}))
	for _, changed := range changes(identifier) {
		if temporary, secret, err := keys.OpenTemporary(changed, instant); err == nil || temporary != (Temporary{}) || !secret.Empty() {
			t.Errorf("OpenTemporary(%q) = %+v, %v, want a refusal", changed, temporary, err)
		}
	}
	for _, changed := range changes(verifier) {
		if got, err := keys.OpenVerifier(identifier, changed, instant); err == nil || !reflect.DeepEqual(got, Verifier{}) {
			t.Errorf("OpenVerifier(%q) = %+v, %v, want a refusal", changed, got, err)
		}
	}
}

// changes are all that differ from text by a character, and what a decoder may
// take for it; text has a prefix of five.
func changes(text string) []string {
	all := misspelt(text)
	for i := 5; i < len(text); i++ {
		all = append(all, swapped(text, i)...)
	}
	for _, body := range misspelt(text[5:]) {
		all = append(all, text[:5]+body)
	}
	return all
}
