package main

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"gatehouse/bench/sample"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/signing"
)

// xauth gets a token of OAuth 1.0 for a name and a password.
func (g *gateway) xauth() (*sample.Signer, error) {
	const path = "/oauth/access_token" // #nosec G101 -- a path
	r := &signing.Request{Method: http.MethodPost, URL: &url.URL{Scheme: "http", Host: g.address, Path: path}, Header: http.Header{},
		Form: oauth.Params{{Name: "x_auth_mode", Value: "client_auth"}, {Name: "x_auth_username", Value: userName(0)},
			{Name: "x_auth_password", Value: secretOfAll}}}
	signer := signing.Credentials{ConsumerKey: sample.ClientID, Place: signing.InBody,
		Signer: oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: g.secret}}
	if _, err := signer.Sign(r, time.Now(), "xauth"); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	status, body, err := g.wires[0].send(post(g.address, path, string(r.Content())))
	if err != nil {
		return nil, err
	}
	values, err := url.ParseQuery(string(body))
	if err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("xAuth is answered %d: %s", status, body)
	}
	return sample.NewSigner(g.keys, values.Get("oauth_token"))
}

// chain is the session that a caller refreshes: which token it shows next.
type chain struct {
	keys    *seal.Keyring
	session oauth.SessionID
	next    uint32
}

// newChain begins with a refresh token.
func newChain(keys *seal.Keyring, token string) (*chain, error) {
	opened, err := keys.Open(seal.RefreshToken, token)
	if err != nil {
		return nil, fmt.Errorf("open the refresh token: %w", err)
	}
	return &chain{keys, opened.Session, opened.Generation}, nil
}

// shown is the token that is due.
func (c *chain) shown() string { return c.keys.Mint(seal.RefreshToken, c.session, c.next).Reveal() }

// refresh has ask show the token, whose answer must have the one after it.
func (c *chain) refresh(ask func(token, successor string) error) error {
	token := c.shown()
	c.next++
	return ask(token, c.shown())
}

// refresh has a session for each caller.
func (g *gateway) refresh() (subject, error) {
	chains := make([]*chain, mostCallers)
	for i := range chains {
		t, err := g.signIn(i)
		if err != nil {
			return subject{}, err
		}
		if chains[i], err = newChain(g.keys, t.Refresh); err != nil {
			return subject{}, err
		}
	}
	request := func(token string) []byte { return g.form("grant_type", "refresh_token", "refresh_token", token) }
	return subject{what: refreshName, ask: func(caller int) error {
		return chains[caller].refresh(func(token, successor string) error {
			return g.wires[caller].want(request(token), http.StatusOK, successor)
		})
	}, wrong: func() error {
		return g.wires[0].want(request("x"+chains[0].shown()), http.StatusBadRequest, oauth.InvalidGrant)
	}}, nil
}
