package clientauth

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// What is kept lets nobody in while the client can't be read, or once it is gone.
func TestKeptKeyNeedsTheClient(t *testing.T) {
	k := newKeeper(t)
	signer, later := k.signer("mobile", token(1)), instant.Add(oauth.ClientAge)
	k.want("at first", "mobile", signer, token(1), instant, "", "")
	source := k.Clients.(*oauth.CachedClients).Source.(*countedClients)
	source.err = errBroken
	for range 2 {
		client, refusal, err := k.SignedByToken(t.Context(), signBy(t, "mobile", signer), token(1), later)
		if !errors.Is(err, errBroken) || client.ID != "" {
			t.Errorf("a client that can't be read: %q, %+v, %v", client.ID, refusal, err)
		}
	}
	source.err = nil
	k.want("read again", "mobile", signer, token(1), later, "", "")
	if err := k.store.DeleteClient(t.Context(), "mobile"); err != nil {
		t.Fatal(err)
	}
	k.want("deleted", "mobile", signer, token(1), later.Add(oauth.ClientAge), oauth.ConsumerKeyUnknown, oauth.ConsumerKeyUnknown)
}

// A client that signs with RSA is held to the key it has now, and one of another
// method to that.
func TestKeptKeyOfRSA(t *testing.T) {
	k := newKeeper(t)
	private, public := rsaKey(t)
	client := oauth.Client{ID: "rsa", SecretKey: 1, RSAPublicKey: public}
	if err := k.store.CreateClient(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	signer := oauth1.Signer{Method: oauth.RSASHA256, RSAPrivateKey: private}
	byHMAC, unsigned := k.signer("rsa", token(1)), oauth1.Signer{Method: oauth.HMACSHA1}
	k.want("by RSA", "rsa", signer, token(1), instant, "", "")
	k.want("by HMAC", "rsa", byHMAC, token(1), instant, "", "")
	k.want("by no secret", "rsa", unsigned, token(1), instant, oauth.SignatureInvalid, oauth.SignatureInvalid)
	k.want("by another's RSA", "mobile", signer, token(1), instant, oauth.SignatureInvalid, oauth.SignatureInvalid)

	stored, err := k.store.Client(t.Context(), "rsa")
	if err != nil {
		t.Fatal(err)
	}
	newer, public := rsaKey(t)
	stored.RSAPublicKey = public
	if err := k.store.UpdateClient(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	later := instant.Add(oauth.ClientAge)
	k.want("by the key of before", "rsa", signer, token(1), later, oauth.SignatureInvalid, oauth.SignatureInvalid)
	signer.RSAPrivateKey = newer
	k.want("by the new key", "rsa", signer, token(1), later, "", "")
}

func rsaKey(t *testing.T) (private *rsa.PrivateKey, public string) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return private, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
