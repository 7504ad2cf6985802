package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"gatehouse/internal/doctor"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

// addParties adds client, token and secrets to a case, from flags and
// variables or from a deployment.
func (p *program) addParties(ctx context.Context, o *doctorOptions, c *doctor.Case) error {
	claim, signed := doctor.Claimed(c.Request)
	if !signed {
		return nil // which is what the diagnosis says
	}
	if o.consumerSecret == "" {
		o.consumerSecret = p.env("GATEHOUSE_CONSUMER_SECRET")
	}
	if o.tokenSecret == "" {
		o.tokenSecret = p.env("GATEHOUSE_TOKEN_SECRET")
	}
	if o.stack != "" || o.local != "" || o.consumerSecret == "" && o.rsaKey == "" && p.env("REGISTRY_TABLE") != "" {
		return p.addDeployed(ctx, o, c, claim)
	}
	return o.addGiven(c, claim)
}

// addGiven takes the secrets that were given. Nothing else is known of the
// client.
func (o *doctorOptions) addGiven(c *doctor.Case, claim doctor.Claim) error {
	isRSA := strings.HasPrefix(string(claim.Method), "RSA-")
	switch {
	case isRSA && o.rsaKey == "":
		return usage("%s needs --rsa-public-key, or --stack or --local", claim.Method)
	case !isRSA && o.consumerSecret == "":
		return usage("--consumer-secret is missing, and GATEHOUSE_CONSUMER_SECRET too: give one of them, or --stack or --local to look it up")
	case !isRSA && claim.Token != "" && o.tokenSecret == "" && !o.withTokenSecret:
		return usage("--token-secret is missing, and GATEHOUSE_TOKEN_SECRET too: the request has an oauth_token")
	}
	c.Known, c.Client = true, oauth.Client{ID: claim.Client, SignatureMethods: oauth.SignatureMethods()}
	c.Key = oauth1.Key{ClientSecret: oauth.NewSecret(o.consumerSecret), TokenSecret: oauth.NewSecret(o.tokenSecret)}
	if o.rsaKey == "" {
		return nil
	}
	text, err := os.ReadFile(o.rsaKey)
	if err != nil {
		return fmt.Errorf("--rsa-public-key: %w", err)
	}
	if _, err := oauth1.ParseRSAPublicKey(string(text)); err != nil {
		return fmt.Errorf("--rsa-public-key: %w", err)
	}
	c.Key.RSAPublicKey = string(text)
	return nil
}

// addDeployed looks up client and session, and derives both secrets.
func (p *program) addDeployed(ctx context.Context, o *doctorOptions, c *doctor.Case, claim doctor.Claim) error {
	where, err := p.locate(ctx, o.target, o.variables()...)
	if err != nil {
		return err
	}
	store, err := where.open(ctx)
	if err != nil {
		return err
	}
	keys, err := p.keyring(ctx, where, o.keys)
	if err != nil {
		return err
	}
	return p.addKnown(ctx, c, claim, keys, store)
}

// parties is where clients and sessions are found.
type parties interface {
	oauth.Clients
	oauth.Sessions
	oauth.Spendings
}

// addKnown adds what store and keys know of the claim of a request.
func (p *program) addKnown(ctx context.Context, c *doctor.Case, claim doctor.Claim, keys *seal.Keyring, store parties) (err error) {
	c.Client, err = store.Client(ctx, claim.Client)
	if errors.Is(err, oauth.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find client %q: %w", oauth.Printable(claim.Client), err)
	}
	c.Known, c.Key.RSAPublicKey = true, c.Client.RSAPublicKey
	if c.Key.ClientSecret, err = keys.ClientSecret(&c.Client); err != nil {
		return fmt.Errorf("secret of client %q: %w", c.Client.ID, err)
	}
	if err := addNonce(ctx, c, store); err != nil || claim.Token == "" {
		return err
	}
	return p.addToken(ctx, c, claim.Token, keys, store)
}

// addNonce says whether a request with this nonce was let through. One that
// can't be read has none that counts.
func addNonce(ctx context.Context, c *doctor.Case, store oauth.Spendings) (err error) {
	signed, refusal := oauth1.Parse(c.Request)
	if refusal != nil {
		return nil
	}
	spending, ok := signed.Spending(c.Now, c.Window, oauth.Attempt{})
	if !ok {
		return nil
	}
	if c.NonceSeen, err = store.Spent(ctx, spending.Key, c.Now); err != nil {
		return fmt.Errorf("look up the nonce: %w", err)
	}
	return nil
}

// addToken says what a deployment knows of a token, or of temporary
// credentials.
func (p *program) addToken(ctx context.Context, c *doctor.Case, presented string, keys *seal.Keyring, store parties) error {
	if token, ok := seal.Imported(presented); ok && c.Client.Imported {
		return p.addImported(ctx, c, token, keys, store)
	}
	token, err := keys.Open(seal.OAuth1Token, presented)
	if err != nil {
		p.addTemporary(c, presented, keys)
		return nil
	}
	if c.Key.TokenSecret, err = keys.TokenSecret(token); err != nil {
		return fmt.Errorf("secret of the token: %w", err)
	}
	_, err = p.addSession(ctx, c, token, store)
	return err
}

// addSession says what became of a token, and returns its session if it lives.
func (p *program) addSession(ctx context.Context, c *doctor.Case, token seal.Token, store parties) (oauth.Session, error) {
	session, err := store.Find(ctx, token.Session, p.clock(), oauth.Strong)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		c.Token = doctor.TokenRevoked
	case errors.Is(err, oauth.ErrExpired):
		c.Token = doctor.TokenExpired
	case err != nil:
		return session, fmt.Errorf("find the session: %w", err)
	case session.Killed.Covers(token.Generation):
		c.Token = doctor.TokenRevoked
	case session.Client != c.Client.ID:
		c.Token = doctor.TokenOfAnother
	}
	return session, nil
}

// addImported says what is known of a token of an older provider. One that is
// not there was never imported, as far as anybody can tell.
func (p *program) addImported(ctx context.Context, c *doctor.Case, token seal.Token, keys *seal.Keyring, store parties) error {
	session, err := p.addSession(ctx, c, token, store)
	if c.Token == doctor.TokenRevoked {
		c.Token = doctor.TokenForged
	}
	if err != nil || session.SealedSecret == "" {
		return err
	}
	if c.Key.TokenSecret, err = keys.ImportedSecret(&session); err != nil {
		return fmt.Errorf("secret of the imported token: %w", err)
	}
	return nil
}

func (p *program) addTemporary(c *doctor.Case, presented string, keys *seal.Keyring) {
	temporary, secret, err := keys.OpenTemporary(presented, p.clock())
	c.Key.TokenSecret = secret
	switch {
	case errors.Is(err, seal.ErrExpired):
		c.Token = doctor.TokenExpired
	case err != nil:
		c.Token = doctor.TokenForged
	case temporary.Client != c.Client.ID:
		c.Token = doctor.TokenOfAnother
	}
}
