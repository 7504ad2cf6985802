package seal

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"
)

func TestNonce(t *testing.T) {
	keys := newKeyring(t, 1)
	nonce := keys.Nonce(instant)
	if nonce != keys.Nonce(instant.Add(300*time.Millisecond)) || nonce == keys.Nonce(instant.Add(time.Second)) {
		t.Error("a nonce is of more or less than a second")
	}
	made := instant.Truncate(time.Second)
	for name, test := range map[string]struct {
		now   time.Time
		aging bool
		err   error
	}{
		"at once":                      {instant, false, nil},
		"by a clock that is behind":    {instant.Add(-time.Hour), false, nil},
		"a moment before half is over": {made.Add(NonceLifetime/2 - 1), false, nil},
		"when half is over":            {made.Add(NonceLifetime / 2), true, nil},
		"a moment before its end":      {made.Add(NonceLifetime - 1), true, nil},
		"at its end":                   {made.Add(NonceLifetime), false, ErrExpired},
		"long after":                   {made.AddDate(1, 0, 0), false, ErrExpired},
	} {
		if aging, err := keys.CheckNonce(nonce, test.now); aging != test.aging || !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
			t.Errorf("%s: %v, %v, want %v, %v", name, aging, err, test.aging, test.err)
		}
	}
}

func TestNonceOfOthers(t *testing.T) {
	keys := newKeyring(t, 1)
	nonce := keys.Nonce(instant)
	for i := range nonce {
		for _, changed := range swapped(nonce, i) {
			if _, err := keys.CheckNonce(changed, instant); err == nil {
				t.Fatalf("%s is taken for %s", changed, nonce)
			}
		}
	}
	for _, text := range append(misspelt(nonce), "junk", keys.Mint(AccessToken, session, 1).Reveal()) {
		if _, err := keys.CheckNonce(text, instant); err == nil {
			t.Errorf("%q is taken for a nonce", text)
		}
	}
	other, err := ParseKeyring([]byte(`{"current":"1","1":"a key of another deployment, of one id"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.CheckNonce(other.Nonce(instant), instant); !errors.Is(err, ErrForged) {
		t.Errorf("of another deployment: %v, want ErrForged", err)
	}
	if _, err := keys.CheckNonce(newKeyring(t, 2).Nonce(instant), instant); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("of another key: %v, want ErrUnknownKey", err)
	}
	if _, err := newKeyring(t, 1, 2).CheckNonce(nonce, instant); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil {
		t.Fatal(err)
	}
	copy(raw[12:], tokenMAC(&keys.held.Load().keys[1][forAccess], raw[:12])[:18])
	if _, err := keys.CheckNonce(base64.RawURLEncoding.EncodeToString(raw), instant); !errors.Is(err, ErrForged) {
		t.Errorf("with the key of another purpose: %v, want ErrForged", err)
	}
}
