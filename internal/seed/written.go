package seed

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"gatehouse/internal/oauth"
)

// Written is c as people write it down, without its secret.
func Written(c *oauth.Client) Client {
	sunset := ""
	if !c.Sunset.IsZero() {
		sunset = c.Sunset.UTC().Format(time.RFC3339)
	}
	return Client{ID: c.ID, Name: c.Name, Public: c.Public, Disabled: c.Disabled,
		Grants: copied(c.Grants), Scopes: copied(c.Scopes), RedirectURIs: copied(c.RedirectURIs),
		SignatureMethods: copied(c.SignatureMethods), RSAPublicKey: c.RSAPublicKey,
		Origins: copied(c.Origins), LinkedClients: copied(c.LinkedClients), Sunset: sunset,
		Diagnose: c.Diagnose, Binding: c.Binding, OnMismatch: c.OnMismatch, Imported: c.Imported}
}

// copied is never nil, which JSON would show as null.
func copied[T any](list []T) []T { return append([]T{}, list...) }

// Change has to be as c says, with its secret and revision as they are. c has
// passed Check.
func (c *Client) Change(to *oauth.Client) error {
	sunset, err := parseSunset(c.Sunset)
	if err != nil {
		return err
	}
	*to = oauth.Client{ID: c.ID, Name: c.Name, Public: c.Public, Disabled: c.Disabled,
		Grants: c.Grants, Scopes: c.Scopes, RedirectURIs: c.RedirectURIs,
		SignatureMethods: c.SignatureMethods, RSAPublicKey: c.RSAPublicKey,
		Origins: c.Origins, LinkedClients: c.LinkedClients, Sunset: sunset, Diagnose: c.Diagnose,
		Binding: c.Binding, OnMismatch: c.OnMismatch, Imported: c.Imported,
		SecretKey: to.SecretKey, SecretVersion: to.SecretVersion, SealedSecret: to.SealedSecret, Revision: to.Revision}
	return nil
}

// New is a client that is made as c says, which has passed Check, yet without a
// secret. The version of its secret is random, so that whoever knew the secret of
// one that was deleted does not know that of the next of its id.
func (c *Client) New(random io.Reader) (client oauth.Client, err error) {
	var version [4]byte
	if _, err := io.ReadFull(random, version[:]); err != nil {
		return client, fmt.Errorf("a random version of the secret: %w", err)
	}
	client.SecretVersion = binary.BigEndian.Uint32(version[:]) >> 1 // with room for rotations
	return client, c.Change(&client)
}

// Decode reads the JSON object of text into a struct: no field twice and none
// that the struct does not have. The error is one line, as of Parse.
func Decode(text []byte, into any) error {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if err := checkJSON(text); err != nil {
		return err
	}
	return decode(WholeFile, text, into)
}
