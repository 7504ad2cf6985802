package seal

import (
	"crypto/sha256"
	"time"

	"gatehouse/internal/oauth"
)

// importedLabel keeps the ids of imported tokens' sessions apart from any other
// hash of a token.
const importedLabel = "gatehouse: session of an imported oauth1 token\x00"

// Imported returns what an OAuth 1.0 token of an older provider stands for: the
// session whose id is derived from it, at its only generation. Whether there is
// such a session only the store knows, and anybody can make up a token. ok is
// false for none, and for what begins as anything does that this package makes.
func Imported(token string) (t Token, ok bool) {
	if token == "" || ours(token) {
		return Token{}, false
	}
	sum := sha256.Sum256([]byte(importedLabel + token))
	return Token{Kind: OAuth1Token, Session: oauth.SessionID(sum[:16])}, true
}

// OpenFor checks a token of any kind that client asks about, as Open does; for a
// client that has imported tokens, what is of no kind of ours is taken for one.
func (k *Keyring) OpenFor(client *oauth.Client, presented string) (Token, error) {
	if token, ok := Imported(presented); ok && client.Imported {
		return token, nil
	}
	kind, _ := KindOf(presented)
	return k.Open(kind, presented)
}

// ours reports whether text begins with the prefix of a kind of token or of a
// sealed value, such as gth1_.
func ours(text string) bool {
	return len(text) > 4 && text[:3] == string(OAuth1Token[:3]) && text[4] == OAuth1Token[4]
}

// SealTokenSecret seals the secret of an imported token for its session alone.
func (k *Keyring) SealTokenSecret(session oauth.SessionID, secret oauth.Secret) (string, error) {
	return k.Seal(tokenSecretPurpose(session), []byte(secret.Reveal()), time.Time{})
}

// ImportedSecret returns the secret of an imported token. ErrUnknownKey when the
// key that sealed it was retired; ErrForged when it is another session's;
// ErrMalformed when the session is of no imported token.
func (k *Keyring) ImportedSecret(session *oauth.Session) (oauth.Secret, error) {
	plain, err := k.Unseal(tokenSecretPurpose(session.ID), session.SealedSecret, time.Time{})
	return oauth.NewSecret(string(plain)), err
}

// TokenKey returns the id of the key without which an imported token has no
// secret; zero for a session that is of none.
func TokenKey(session *oauth.Session) KeyID { return keyOfSealed(session.SealedSecret) }

// keyOfSealed is the key of a sealed value, zero for what is none.
func keyOfSealed(sealed string) KeyID {
	box, err := decodeBox(sealed)
	if err != nil {
		return 0
	}
	return keyOfBox(box)
}

func tokenSecretPurpose(session oauth.SessionID) string {
	return "secret of imported token " + session.String()
}
