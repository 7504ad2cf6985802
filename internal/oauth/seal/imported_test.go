package seal

import (
	"errors"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

func TestImported(t *testing.T) {
	seen := map[oauth.SessionID]string{}
	for _, token := range []string{"a", "b", "A", " a", "a ", "gth", "gth1", "gth1-x", "GTH1_x", "370773112-GmHx", strings.Repeat("x", 300)} {
		got, ok := Imported(token)
		again, _ := Imported(token)
		if !ok || got != again || got.Kind != OAuth1Token || got.Generation != 0 || got.Session == (oauth.SessionID{}) {
			t.Errorf("%.20q: %+v, %v", token, got, ok)
		}
		if other, taken := seen[got.Session]; taken {
			t.Errorf("%.20q and %.20q have one session", token, other)
		}
		seen[got.Session] = token
	}
	for _, token := range []string{"", "gth1_", "gth1_x", "gtha_x", "gthr_x", "gthc_x", "gtht_x", "gthv_x", "gthz_x"} {
		if got, ok := Imported(token); ok {
			t.Errorf("%q is taken for %+v", token, got)
		}
	}
}

// The id is what sessions are stored by: it must never change.
func TestImportedSessionStays(t *testing.T) {
	if token, _ := Imported("370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"); token.Session.String() != "5T9zcM1a8sNDz1PuFwzSqg" {
		t.Errorf("the session is %s", token.Session)
	}
}

func TestOpenFor(t *testing.T) {
	keys := newKeyring(t, 1)
	plain, moved := &oauth.Client{ID: "a"}, &oauth.Client{ID: "b", Imported: true}
	for _, kind := range []Kind{AccessToken, RefreshToken, OAuth1Token} {
		for _, client := range []*oauth.Client{plain, moved} {
			minted := keys.Mint(kind, oauth.SessionID{7}, 2).Reveal()
			if token, err := keys.OpenFor(client, minted); err != nil || token.Kind != kind || token.Session != (oauth.SessionID{7}) {
				t.Errorf("%s: %+v, %v", kind, token, err)
			}
			if _, err := keys.OpenFor(client, minted[:len(minted)-1]); err == nil {
				t.Errorf("%s, cut, is opened", kind)
			}
		}
	}
	if token, err := keys.OpenFor(moved, "foreign"); err != nil || token.Kind != OAuth1Token {
		t.Errorf("%+v, %v", token, err)
	}
	for _, client := range []*oauth.Client{plain, moved} {
		for _, token := range []string{"", "gth1_x", "gtht_x"} {
			if _, err := keys.OpenFor(client, token); !errors.Is(err, ErrMalformed) {
				t.Errorf("%q: %v", token, err)
			}
		}
	}
	if _, err := keys.OpenFor(plain, "foreign"); !errors.Is(err, ErrMalformed) {
		t.Errorf("a client without imported tokens: %v", err)
	}
}

func TestImportedSecret(t *testing.T) {
	keys := newKeyring(t, 1)
	session := &oauth.Session{ID: oauth.SessionID{1}}
	sealed, err := keys.SealTokenSecret(session.ID, oauth.NewSecret("s&cr=t"))
	if err != nil || strings.Contains(sealed, "cr") && strings.Contains(sealed, "s&") {
		t.Fatalf("%s, %v", sealed, err)
	}
	session.SealedSecret = sealed
	if secret, err := keys.ImportedSecret(session); err != nil || secret.Reveal() != "s&cr=t" || TokenKey(session) != keys.Current() {
		t.Errorf("%s, %v, of key %s", secret.Reveal(), err, TokenKey(session))
	}
	other := &oauth.Session{ID: oauth.SessionID{2}, SealedSecret: sealed}
	if _, err := keys.ImportedSecret(other); !errors.Is(err, ErrForged) {
		t.Errorf("another session's: %v", err)
	}
	asClient := &oauth.Client{ID: session.ID.String(), SealedSecret: sealed}
	if _, err := keys.ClientSecret(asClient); !errors.Is(err, ErrForged) {
		t.Errorf("a client's: %v", err)
	}
	for _, none := range []string{"", "x", sealed + "A"} {
		session.SealedSecret = none
		if _, err := keys.ImportedSecret(session); !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrForged) {
			t.Errorf("%q: %v", none, err)
		}
	}
	if key := TokenKey(&oauth.Session{}); key != 0 {
		t.Errorf("no secret is of key %s", key)
	}
}
