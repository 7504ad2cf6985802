package seal

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

func clientSecret(t *testing.T, keys *Keyring, client oauth.Client) string {
	t.Helper()
	secret, err := keys.ClientSecret(&client)
	if err != nil {
		t.Fatalf("the secret of %+v: %v", client, err)
	}
	return secret.Reveal()
}

func TestDerivedClientSecretsDiffer(t *testing.T) {
	keys := newKeyring(t, 1, 2)
	seen := map[string]oauth.Client{}
	for _, client := range []oauth.Client{
		{ID: "mobile", SecretKey: 1},
		{ID: "mobile", SecretKey: 2},
		{ID: "mobile", SecretKey: 1, SecretVersion: 1},
		{ID: "mobile", SecretKey: 1, SecretVersion: 1 << 24},
		{ID: "other", SecretKey: 1},
		{ID: "mobil", SecretKey: 1},
		{ID: "mobile\x00", SecretKey: 1},
		{ID: "\x00mobile", SecretKey: 1},
		{ID: "", SecretKey: 1},
	} {
		secret := clientSecret(t, keys, client)
		if other, taken := seen[secret]; taken {
			t.Errorf("%+v and %+v have the same secret", client, other)
		}
		seen[secret] = client
		if len(secret) != 43 || strings.ContainsAny(secret, "+/=") {
			t.Errorf("the secret of %+v is no 43 characters of base64url", client)
		}
		if again := clientSecret(t, newKeyring(t, 1, 2), client); again != secret {
			t.Errorf("the same keys derive another secret for %+v", client)
		}
	}
}

// The name or scopes of a client may change and its secret stays.
func TestClientSecretRestsOnTheIDAlone(t *testing.T) {
	keys := newKeyring(t, 1)
	plain := oauth.Client{ID: "mobile", SecretKey: 1}
	full := oauth.Client{ID: "mobile", SecretKey: 1, Name: "Mobile", Disabled: true, Scopes: []string{"read"}}
	if clientSecret(t, keys, plain) != clientSecret(t, keys, full) {
		t.Error("the secret changed with another field")
	}
}

func TestClientSecretOfNobody(t *testing.T) {
	keys := newKeyring(t, 1)
	for _, client := range []oauth.Client{{ID: "a", Public: true}, {ID: "a", Public: true, SecretKey: 1, SealedSecret: "junk"}} {
		if secret := clientSecret(t, keys, client); secret != "" {
			t.Errorf("the public client %+v has a secret", client)
		}
	}
	for _, key := range []uint32{0, 2, 1 << 31} {
		secret, err := keys.ClientSecret(&oauth.Client{ID: "a", SecretKey: key})
		if !errors.Is(err, ErrUnknownKey) || !secret.Empty() {
			t.Errorf("key %d: %v, want ErrUnknownKey", key, err)
		}
	}
}

func TestGiveSecret(t *testing.T) {
	keys := newKeyring(t, 1, 2)
	for _, text := range []string{"s", "a secret & more", strings.Repeat("s", 1000)} {
		client := oauth.Client{ID: "mobile"}
		if err := keys.GiveSecret(&client, oauth.NewSecret(text)); err != nil {
			t.Fatal(err)
		}
		if got := clientSecret(t, keys, client); got != text {
			t.Errorf("sealed %q, unsealed %q", text, got)
		}
		if strings.Contains(fmt.Sprintf("%+v", client), text) && len(text) > 1 {
			t.Errorf("the client shows its secret: %+v", client)
		}
		if err := keys.GiveSecret(&client, oauth.Secret{}); err != nil || client.SealedSecret != "" || client.SecretKey != 2 {
			t.Errorf("derived again: %+v, %v", client, err)
		}
	}
	public := oauth.Client{ID: "web", Public: true}
	if err := keys.GiveSecret(&public, oauth.Secret{}); err != nil || public.SecretKey != 0 {
		t.Errorf("a public client: %+v, %v", public, err)
	}
	if err := keys.GiveSecret(&public, oauth.NewSecret("s")); err == nil || public.SealedSecret != "" {
		t.Errorf("a secret for a public client: %+v, %v", public, err)
	}
}

// Who can write the Registry cannot give a client another's secret.
func TestSealedSecretIsOneClients(t *testing.T) {
	keys := newKeyring(t, 1)
	client := oauth.Client{ID: "mobile"}
	if err := keys.GiveSecret(&client, oauth.NewSecret("s")); err != nil {
		t.Fatal(err)
	}
	sealed := client.SealedSecret
	box, err := keys.Seal("another purpose", []byte("s"), instant)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		client oauth.Client
		keys   *Keyring
		want   error
	}{
		{"another client", oauth.Client{ID: "other", SealedSecret: sealed}, keys, ErrForged},
		{"another purpose", oauth.Client{ID: "mobile", SealedSecret: box}, keys, ErrForged},
		{"junk", oauth.Client{ID: "mobile", SealedSecret: "junk"}, keys, ErrMalformed},
		{"a retired key", oauth.Client{ID: "mobile", SealedSecret: sealed}, newKeyring(t, 2), ErrUnknownKey},
	} {
		if secret, err := test.keys.ClientSecret(&test.client); !errors.Is(err, test.want) || !secret.Empty() {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func TestTokenSecret(t *testing.T) {
	keys := newKeyring(t, 1, 2)
	seen := map[string]Token{}
	for _, token := range []Token{
		{Key: 1, Session: session},
		{Key: 2, Session: session},
		{Key: 1, Session: session, Generation: 1},
		{Key: 1, Session: session, Generation: 1 << 24},
		{Key: 1, Session: oauth.SessionID{1}},
		{Key: 1},
	} {
		secret, err := keys.TokenSecret(token)
		if err != nil || len(secret.Reveal()) != 43 {
			t.Fatalf("the secret of %+v: %v", token, err)
		}
		if other, taken := seen[secret.Reveal()]; taken {
			t.Errorf("%+v and %+v have the same secret", token, other)
		}
		seen[secret.Reveal()] = token
		text := keys.Mint(OAuth1Token, token.Session, token.Generation).Reveal()
		if strings.Contains(text, secret.Reveal()) || strings.Contains(secret.Reveal(), text[30:]) {
			t.Errorf("the token of %+v shows its secret", token)
		}
	}
	if _, err := keys.TokenSecret(Token{Key: 3, Session: session}); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("a key that is not there: %v, want ErrUnknownKey", err)
	}
}

// No two purposes meet, even for the same bytes.
func TestPurposesHaveTheirOwnKeys(t *testing.T) {
	keys := newKeyring(t, 1)
	seen := map[string]purpose{}
	for p := forNothing + 1; p < purposes; p++ {
		subkey, err := keys.subkey(1, p)
		if err != nil || len(subkey.bytes) != 32 {
			t.Fatalf("%s: %d bytes, %v", p, len(subkey.bytes), err)
		}
		if other, taken := seen[string(subkey.bytes)]; taken {
			t.Errorf("%s and %s have the same key", p, other)
		}
		seen[string(subkey.bytes)] = p
	}
}
