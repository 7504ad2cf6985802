package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"testing"
	"time"
)

const purposeOfTest = "a test"

func sealed(t *testing.T, keys *Keyring, plain string, expires time.Time) string {
	t.Helper()
	box, err := keys.Seal(purposeOfTest, []byte(plain), expires)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func TestSealRoundTrip(t *testing.T) {
	keys := newKeyring(t, 1)
	for _, plain := range []string{"", "a", "secret & more", string(make([]byte, 5000))} {
		box := sealed(t, keys, plain, time.Time{})
		got, err := keys.Unseal(purposeOfTest, box, instant)
		if err != nil || string(got) != plain {
			t.Errorf("%.20q: %.20q, %v", plain, got, err)
		}
		if again := sealed(t, keys, plain, time.Time{}); again == box {
			t.Errorf("%.20q was sealed the same twice", plain)
		}
		if raw, _ := base64.RawURLEncoding.DecodeString(box); len(plain) > 1 && bytes.Contains(raw, []byte(plain)) {
			t.Errorf("%.20q can be read in what is sealed", plain)
		}
	}
}

func TestSealedExpires(t *testing.T) {
	keys := newKeyring(t, 1)
	second := instant.Truncate(time.Second)
	for _, test := range []struct {
		name         string
		expires, now time.Time
		want         error
	}{
		{"never", time.Time{}, instant.AddDate(100, 0, 0), nil},
		{"a moment before", second, second.Add(-1), nil},
		{"at its end", second, second, ErrExpired},
		{"after", second, second.AddDate(1, 0, 0), ErrExpired},
		{"within the last second it is cut short", instant, second, ErrExpired},
		{"before 1970", time.Unix(-5, 0), instant, ErrExpired},
	} {
		plain, err := keys.Unseal(purposeOfTest, sealed(t, keys, "x", test.expires), test.now)
		if !errors.Is(err, test.want) || (err == nil) != (string(plain) == "x") {
			t.Errorf("%s: %q, %v, want %v", test.name, plain, err, test.want)
		}
	}
}

func TestSealedIsForOnePurposeAndMaker(t *testing.T) {
	keys := newKeyring(t, 1)
	box := sealed(t, keys, "x", time.Time{})
	for _, purpose := range []string{"", "a tes", "a test ", "A test", "another test"} {
		if plain, err := keys.Unseal(purpose, box, instant); !errors.Is(err, ErrForged) || plain != nil {
			t.Errorf("purpose %q: %q, %v, want ErrForged", purpose, plain, err)
		}
	}
	if _, err := newKeyring(t, 2).Unseal(purposeOfTest, box, instant); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("another keyring: %v, want ErrUnknownKey", err)
	}
	if plain, err := newKeyring(t, 1, 2).Unseal(purposeOfTest, box, instant); err != nil || string(plain) != "x" {
		t.Errorf("after a rotation: %q, %v", plain, err)
	}
}

// The expiry cannot be moved, nor the key, nor anything else.
func TestEveryBitOfASealedValueCounts(t *testing.T) {
	keys := newKeyring(t, 1)
	raw, err := base64.RawURLEncoding.DecodeString(sealed(t, keys, "plain text", instant.Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(raw) {
		changed := slices.Clone(raw)
		changed[bit/8] ^= 1 << (bit % 8)
		wantNotUnsealed(t, keys, base64.RawURLEncoding.EncodeToString(changed))
	}
	for length := range raw {
		wantNotUnsealed(t, keys, base64.RawURLEncoding.EncodeToString(raw[:length]))
	}
}

func TestSealedHasOneSpelling(t *testing.T) {
	keys := newKeyring(t, 1)
	for _, plain := range []string{"1", "12", "123"} { // one of each number of spare bits
		box := sealed(t, keys, plain, time.Time{})
		for _, text := range misspelt(box) {
			wantNotUnsealed(t, keys, text)
		}
		for _, text := range swapped(box, len(box)-1) {
			wantNotUnsealed(t, keys, text)
		}
	}
}

func wantNotUnsealed(t *testing.T, keys *Keyring, text string) {
	t.Helper()
	plain, err := keys.Unseal(purposeOfTest, text, instant)
	if plain != nil || !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrForged) && !errors.Is(err, ErrUnknownKey) {
		t.Errorf("Unseal(%q) = %q, %v, want a refusal", text, plain, err)
	}
}

func FuzzUnseal(f *testing.F) {
	keys := newKeyring(f, 1)
	box, err := keys.Seal(purposeOfTest, []byte("x"), instant)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(box)
	f.Add("")
	f.Add("AAAAAQ")
	f.Add(box[:20])
	f.Fuzz(func(t *testing.T, text string) {
		plain, err := keys.Unseal(purposeOfTest, text, instant.Add(-time.Hour))
		if err != nil {
			return
		}
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || base64.RawURLEncoding.EncodeToString(raw) != text || string(plain) != "x" {
			t.Fatalf("Unseal(%q) = %q", text, plain)
		}
	})
}
