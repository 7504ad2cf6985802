package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"gatehouse/bench/sample"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/seed"
)

// atGateway is the local gateway, as make run starts it.
const atGateway = "gateway"

// Where bearer tokens and signed requests go, and those for tokens.
const (
	sessionPath = "/oauth/session"
	tokenPath   = "/oauth/token" // #nosec G101 -- a path
)

// signers is how many callers sign in side by side at most: each takes 19 MiB
// and a core for as long as it takes.
const signers = 8

// gateway is the local gateway with its keys and callers.
type gateway struct {
	*server
	keys   *seal.Keyring
	secret oauth.Secret // of the client
	wires  []*wire
	nonces atomic.Int64
}

// startGateway serves the program with a client, and a user for each who signs
// in.
func startGateway(ctx context.Context, program, folder string) (*gateway, error) {
	file := seed.File{Clients: []seed.Client{{ID: sample.ClientID, Scopes: []string{"read", "write"},
		Grants: []oauth.Grant{oauth.GrantPassword, oauth.GrantRefreshToken, oauth.GrantTokenExchange, oauth.GrantXAuth}}}}
	for i := range signers {
		file.Users = append(file.Users, seed.User{Name: userName(i), Password: secretOfAll})
	}
	text, err := json.Marshal(map[string]any{"clients": file.Clients, "users": file.Users})
	if err != nil {
		return nil, fmt.Errorf("encode the seed file: %w", err)
	}
	seeds, keyring := filepath.Join(folder, "seed.json"), filepath.Join(folder, "keys.json")
	for path, content := range map[string]string{seeds: string(text), keyring: sample.Keyring} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return nil, fmt.Errorf("write for the gateway: %w", err)
		}
	}
	g := &gateway{}
	if g.keys, err = seal.ParseKeyring([]byte(sample.Keyring)); err != nil {
		return nil, fmt.Errorf("read the keyring: %w", err)
	}
	if g.secret, err = sample.ClientSecret(g.keys); err != nil {
		return nil, err
	}
	if g.server, err = serve(ctx, folder, program, "serve", "--seed", seeds, "--keys", keyring, "--addr"); err != nil {
		return nil, err
	}
	g.wires = wires(g.address)
	return g, nil
}

func userName(caller int) string { return "user-" + strconv.Itoa(caller) }

// secretOfAll is the password of each user.
const secretOfAll = "correct horse battery staple" // #nosec G101 -- of nobody

// form is a request of the client for tokens.
func (g *gateway) form(pairs ...string) []byte {
	form := url.Values{"client_id": {sample.ClientID}, "client_secret": {g.secret.Reveal()}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1]) // #nosec G602 -- names and values come in pairs
	}
	return post(g.address, tokenPath, form.Encode())
}

// tokens are an answer of the token endpoint.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

// signIn makes a session of a caller's user.
func (g *gateway) signIn(caller int) (tokens, error) {
	var t tokens
	status, body, err := g.wires[caller].send(g.form("grant_type", "password", "username", userName(caller%signers), "password", secretOfAll))
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(body, &t); err != nil || status != 200 || t.Access == "" || t.Refresh == "" {
		return t, fmt.Errorf("signing in is answered %d: %s", status, body)
	}
	return t, nil
}

// subjects are what the gateway is asked.
func (g *gateway) subjects() ([]subject, error) {
	first, err := g.signIn(0)
	if err != nil {
		return nil, err
	}
	signed, err := g.signed()
	if err != nil {
		return nil, err
	}
	refresh, err := g.refresh()
	if err != nil {
		return nil, err
	}
	right, wrong := get(g.address, sessionPath, "Bearer "+first.Access), get(g.address, sessionPath, "Bearer x"+first.Access)
	bearer := subject{what: bearerName, ask: func(caller int) error { return g.wires[caller].want(right, 200, `"client":"mobile"`) },
		wrong: func() error { return g.wires[0].want(wrong, 401, "") }}
	signIns := subject{what: passwordName, ask: func(caller int) error { _, err := g.signIn(caller); return err },
		wrong: func() error {
			return g.wires[0].want(g.form("grant_type", "password", "username", userName(0), "password", "x"), 400, oauth.InvalidGrant)
		}}
	return []subject{bearer, signed, refresh, signIns}, nil
}

// signed is a request that OAuth 1.0 signs, with a nonce of its own each.
func (g *gateway) signed() (subject, error) {
	signer, err := g.xauth()
	if err != nil {
		return subject{}, err
	}
	header := func() (string, error) {
		return signer.Header("http://"+g.address+sessionPath, time.Now(), strconv.FormatInt(g.nonces.Add(1), 10))
	}
	return subject{what: signedName, ask: func(caller int) error {
		authorization, err := header()
		if err != nil {
			return err
		}
		return g.wires[caller].want(get(g.address, sessionPath, authorization), 200, `"client":"mobile"`)
	}, wrong: func() error {
		authorization, err := header()
		if err != nil {
			return err
		}
		again := get(g.address, sessionPath, authorization)
		if err := g.wires[0].want(again, 200, ""); err != nil {
			return err
		}
		return g.wires[0].want(again, 401, "")
	}}, nil
}
