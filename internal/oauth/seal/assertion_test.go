package seal

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"testing"
)

// Every instance of a function derives the same key, and no two keys of a
// keyring or of two keyrings the same one.
func TestAssertionKeysAreDerived(t *testing.T) {
	keys := newKeyring(t, 1)
	first, again := keys.AssertionKey(), newKeyring(t, 1).AssertionKey()
	if first.ID != again.ID || !first.Private.Equal(again.Private) {
		t.Error("the same keyring has another key")
	}
	if len(first.ID) != 43 {
		t.Errorf("the id is %q", first.ID)
	}
	keys.Replace(newKeyring(t, 1, 2))
	second := keys.AssertionKey()
	if second.ID == first.ID || second.Private.Equal(first.Private) {
		t.Error("another key of the keyring has the same one")
	}
}

// After a rotation the new key signs and both are published; a retired key is
// not.
func TestAssertionKeysRotate(t *testing.T) {
	old := newKeyring(t, 1).AssertionKey()
	keys := newKeyring(t, 1, 2)
	all := keys.AssertionKeys()
	if len(all) != 2 || all[0].ID != old.ID || all[1].ID != keys.AssertionKey().ID {
		t.Fatalf("the keys are %v", all)
	}
	digest := sha256.Sum256([]byte("a message"))
	signature, err := ecdsa.SignASN1(rand.Reader, old.Private, digest[:])
	if err != nil || !ecdsa.VerifyASN1(&all[0].Private.PublicKey, digest[:], signature) {
		t.Errorf("what the old key signed does not verify: %v", err)
	}
	if ecdsa.VerifyASN1(&all[1].Private.PublicKey, digest[:], signature) {
		t.Error("what the old key signed verifies by the new one")
	}
	keys.Replace(newKeyring(t, 2))
	if left := keys.AssertionKeys(); len(left) != 1 || left[0].ID != all[1].ID {
		t.Errorf("after retirement the keys are %v", left)
	}
}

// The derivation must never change: backends that keep the public key, and
// instances of two versions, have to agree. Computed by hand with Python's
// hmac and an RFC 7638 implementation of its own.
func TestAssertionKeyIsStable(t *testing.T) {
	const want = "8RcU9OM7aYdy7rMSEW_UXZISAswuQcgqPPLfI6C6DtM"
	if got := newKeyring(t, 1).AssertionKey().ID; got != want {
		t.Errorf("the key of keyring 1 is %s, want %s", got, want)
	}
}
