package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

func TestWebhookSignatures(t *testing.T) {
	keys := newKeyring(t, 1, 3)
	message := []byte(`2051319845.{"username":"alice"}`)
	signatures := strings.Split(keys.SignForWebhook(message), ",")
	if len(signatures) != 2 {
		t.Fatalf("%d signatures, want one of each key", len(signatures))
	}
	seen := map[string]bool{}
	for i, id := range []KeyID{1, 3} {
		secret, err := keys.WebhookSecret(id)
		if err != nil || len(secret.Reveal()) < 43 || seen[secret.Reveal()] {
			t.Fatalf("secret of key %s: %d characters, %v", id, len(secret.Reveal()), err)
		}
		seen[secret.Reveal()] = true
		mac := hmac.New(sha256.New, []byte(secret.Reveal()))
		mac.Write(message)
		if want := id.String() + "=" + hex.EncodeToString(mac.Sum(nil)); signatures[i] != want {
			t.Errorf("signature %d is %s, want %s", i, signatures[i], want)
		}
	}
	if other := keys.SignForWebhook(append(message, ' ')); other == strings.Join(signatures, ",") {
		t.Error("another message has the same signature")
	}
}

// Who knew the old key's secret before a rotation verifies after it.
func TestWebhookSignatureOutlivesARotation(t *testing.T) {
	before, after := newKeyring(t, 1), newKeyring(t, 1, 2)
	message := []byte("message")
	if old := before.SignForWebhook(message); !strings.HasPrefix(after.SignForWebhook(message), old+",2=") {
		t.Errorf("%s is not among %s", old, after.SignForWebhook(message))
	}
	if _, err := before.WebhookSecret(2); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("a key that is not there: %v", err)
	}
}
