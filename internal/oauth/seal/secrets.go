package seal

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"gatehouse/internal/oauth"
)

// TokenSecret derives the shared secret of an OAuth 1.0 token (RFC 5849 §2)
// from the token itself, with the key that made it. ErrUnknownKey when the
// keyring does not have that key.
func (k *Keyring) TokenSecret(token Token) (oauth.Secret, error) {
	subkey, err := k.subkey(token.Key, forTokenSecret)
	if err != nil {
		return oauth.Secret{}, err
	}
	message := append(token.Session[:], 0, 0, 0, 0)
	binary.BigEndian.PutUint32(message[16:], token.Generation)
	return derive(subkey, message), nil
}

// ClientSecret returns a client's secret: derived from its id, key and
// version, or unsealed when it came from an older provider. Empty for a public
// client. ErrUnknownKey when the key was retired; ErrForged when what is
// sealed belongs to another client.
func (k *Keyring) ClientSecret(client *oauth.Client) (oauth.Secret, error) {
	if client.Public {
		return oauth.Secret{}, nil
	}
	if client.SealedSecret != "" {
		plain, err := k.Unseal(clientSecretPurpose(client.ID), client.SealedSecret, time.Time{})
		return oauth.NewSecret(string(plain)), err
	}
	subkey, err := k.subkey(KeyID(client.SecretKey), forClientSecret)
	if err != nil {
		return oauth.Secret{}, err
	}
	message := binary.BigEndian.AppendUint32(make([]byte, 0, 64), client.SecretVersion)
	return derive(subkey, append(message, client.ID...)), nil
}

// ClientKey returns the id of the key without which the client has no secret:
// it is derived from it, or sealed with it. Zero where no key gives one, as for
// a public client.
func ClientKey(client *oauth.Client) KeyID {
	switch {
	case client.Public:
		return 0
	case client.SealedSecret == "":
		return KeyID(client.SecretKey)
	}
	return keyOfSealed(client.SealedSecret)
}

// GiveSecret sets how the client's secret comes about: from the keyring when
// secret is empty, else sealed as it is. A public client gets none, and a
// secret for it is an error.
func (k *Keyring) GiveSecret(client *oauth.Client, secret oauth.Secret) error {
	if client.Public {
		if !secret.Empty() {
			return errors.New("seal: a public client has no secret")
		}
		return nil
	}
	if secret.Empty() {
		client.SealedSecret, client.SecretKey = "", uint32(k.Current())
		return nil
	}
	sealed, err := k.Seal(clientSecretPurpose(client.ID), []byte(secret.Reveal()), time.Time{})
	client.SealedSecret = sealed
	return err
}

func clientSecretPurpose(id string) string { return "client secret of " + id }

func derive(key *subkey, message []byte) oauth.Secret {
	sum := key.sum(message)
	return oauth.NewSecret(base64.RawURLEncoding.EncodeToString(sum[:]))
}
