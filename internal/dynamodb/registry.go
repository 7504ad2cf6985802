package dynamodb

import (
	"context"

	"gatehouse/internal/oauth"
)

// The registry's attributes have the names of the seed file where it has them:
// people read and change them in the console.
const (
	clientPrefix = "client#"
	userPrefix   = "user#"

	attrName     = "name"
	attrDisabled = "disabled" // BOOL
	attrRevision = "revision" // N; absent: from before it was counted

	attrPublic           = "public" // BOOL
	attrGrants           = "grants" // L of S, as the next five
	attrScopes           = "scopes"
	attrRedirectURIs     = "redirect_uris"
	attrSignatureMethods = "signature_methods"
	attrOrigins          = "origins"
	attrLinkedClients    = "linked_clients"
	attrSunset           = "oauth1_sunset" // N, epoch seconds; absent: never
	attrDiagnose         = "diagnose"      // BOOL
	attrBinding          = "binding"
	attrOnMismatch       = "on_mismatch"
	attrImported         = "imported" // BOOL
	attrRSAPublicKey     = "rsa_public_key"
	attrSecretKey        = "secret_key"     // N
	attrSecretVersion    = "secret_version" // N
	attrSealedSecret     = "sealed_secret"  // of a session too

	attrUserID       = "user_id"
	attrPasswordHash = "password_hash"
)

// Client returns the client called id; see oauth.Clients. Half a read unit.
func (s *Store) Client(ctx context.Context, id string) (oauth.Client, error) {
	stored, err := s.get(ctx, s.tables.Registry, item{attrKey: text(clientPrefix + id)}, false)
	if err != nil {
		return oauth.Client{}, err
	}
	if stored == nil {
		return oauth.Client{}, oauth.ErrNotFound
	}
	return parseClient(id, stored)
}

func parseClient(id string, stored item) (oauth.Client, error) {
	r := &reader{item: stored}
	client := oauth.Client{
		ID:               id,
		Name:             r.text(attrName),
		Public:           r.boolean(attrPublic),
		Disabled:         r.boolean(attrDisabled),
		Grants:           textsOf[oauth.Grant](r, attrGrants),
		Scopes:           textsOf[string](r, attrScopes),
		RedirectURIs:     textsOf[string](r, attrRedirectURIs),
		SignatureMethods: textsOf[oauth.SignatureMethod](r, attrSignatureMethods),
		RSAPublicKey:     r.text(attrRSAPublicKey),
		Origins:          textsOf[string](r, attrOrigins),
		LinkedClients:    textsOf[string](r, attrLinkedClients),
		Sunset:           r.seconds(attrSunset),
		Diagnose:         r.boolean(attrDiagnose),
		Binding:          oauth.BindTo(r.text(attrBinding)),
		OnMismatch:       oauth.OnMismatch(r.text(attrOnMismatch)),
		Imported:         r.boolean(attrImported),
		SecretKey:        r.uint32(attrSecretKey),
		SecretVersion:    r.uint32(attrSecretVersion),
		SealedSecret:     r.text(attrSealedSecret),
		Revision:         r.uint32(attrRevision),
	}
	if r.err != nil {
		return oauth.Client{}, r.err
	}
	return client, nil
}

// clientItem is the inverse of parseClient.
func clientItem(c *oauth.Client) item {
	return item{
		attrKey:              text(clientPrefix + c.ID),
		attrName:             text(c.Name),
		attrPublic:           boolean(c.Public),
		attrDisabled:         boolean(c.Disabled),
		attrGrants:           textList(c.Grants),
		attrScopes:           textList(c.Scopes),
		attrRedirectURIs:     textList(c.RedirectURIs),
		attrSignatureMethods: textList(c.SignatureMethods),
		attrRSAPublicKey:     text(c.RSAPublicKey),
		attrOrigins:          textList(c.Origins),
		attrLinkedClients:    textList(c.LinkedClients),
		attrSunset:           seconds(oauth.End(c.Sunset)),
		attrDiagnose:         boolean(c.Diagnose),
		attrBinding:          text(string(c.Binding)),
		attrOnMismatch:       text(string(c.OnMismatch)),
		attrImported:         boolean(c.Imported),
		attrSecretKey:        number(int64(c.SecretKey)),
		attrSecretVersion:    number(int64(c.SecretVersion)),
		attrSealedSecret:     text(c.SealedSecret),
		attrRevision:         number(int64(c.Revision)),
	}
}

// Reseal seals a client's secret anew; see oauth.ClientSecrets. One write. A
// retry whose first answer was lost finds the new secret.
func (s *Store) Reseal(ctx context.Context, old oauth.Client, sealed string) error {
	e := newExpression()
	e.assign(attrSealedSecret, text(sealed))
	secret := e.name(attrSealedSecret)
	before := "attribute_not_exists(" + secret + ")"
	if old.SealedSecret != "" {
		before = secret + " = " + e.value("old", text(old.SealedSecret))
	}
	condition := secret + " = " + e.value("new_"+attrSealedSecret, text(sealed)) +
		" OR attribute_exists(" + e.name(attrKey) + ") AND " + before +
		" AND " + stillIs(e, attrSecretKey, old.SecretKey) + " AND " + stillIs(e, attrSecretVersion, old.SecretVersion)
	return s.amend(ctx, "seal a client's secret", clientPrefix+old.ID, condition, e)
}

// stillIs is the condition that an attribute reads as n.
func stillIs(e *expression, attribute string, n uint32) string {
	is := e.name(attribute) + " = " + e.value("old_"+attribute, number(int64(n)))
	if n != 0 {
		return is
	}
	return "(attribute_not_exists(" + e.name(attribute) + ") OR " + is + ")"
}

// User returns the user called name; see oauth.Users. One read unit.
func (s *Store) User(ctx context.Context, name string) (oauth.User, error) {
	stored, err := s.get(ctx, s.tables.Registry, item{attrKey: text(userPrefix + name)}, true)
	if err != nil {
		return oauth.User{}, err
	}
	if stored == nil {
		return oauth.User{}, oauth.ErrNotFound
	}
	return parseUser(name, stored)
}

func parseUser(name string, stored item) (oauth.User, error) {
	r := &reader{item: stored}
	user := oauth.User{
		ID:           r.text(attrUserID),
		Name:         name,
		PasswordHash: r.text(attrPasswordHash),
		Disabled:     r.boolean(attrDisabled),
		Revision:     r.uint32(attrRevision),
	}
	r.need(attrUserID)
	if r.err != nil {
		return oauth.User{}, r.err
	}
	return user, nil
}

// userItem is the inverse of parseUser.
func userItem(u *oauth.User) item {
	return item{
		attrKey:          text(userPrefix + u.Name),
		attrUserID:       text(u.ID),
		attrPasswordHash: text(u.PasswordHash),
		attrDisabled:     boolean(u.Disabled),
		attrRevision:     number(int64(u.Revision)),
	}
}

// Rehash replaces a password hash; see oauth.Passwords. One write. A retry whose
// first answer was lost finds the new hash.
func (s *Store) Rehash(ctx context.Context, name, old, renewed string) error {
	e := newExpression()
	condition := e.swap(attrPasswordHash, old, renewed)
	return s.amend(ctx, "replace a password hash", userPrefix+name, condition, e)
}

// amend updates what is registered by key where condition holds, as its next
// revision, and else returns oauth.ErrNotFound.
func (s *Store) amend(ctx context.Context, what, key, condition string, e *expression) error {
	e.raise(attrRevision, 1)
	_, err := s.client.UpdateItem(ctx, e.updating(s.tables.Registry, item{attrKey: text(key)}, condition))
	return written(what, err, oauth.ErrNotFound)
}
