package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"gatehouse/bench/cold"
	"gatehouse/bench/engine"
	"gatehouse/bench/sample"
	"gatehouse/internal/dynamodb"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// atLambda is the compiled functions with a DynamoDB engine.
const atLambda = "functions"

// functions are environments of each function, with what their callers need.
type functions struct {
	*events
	keys   *seal.Keyring
	store  *dynamodb.Store
	tables dynamodb.Tables
	url    string // of the engine
	pools  map[string]pool
	nonces atomic.Int64
	ends   []func()
}

func (f *functions) end() {
	for _, end := range f.ends {
		end()
	}
}

// startFunctions starts the engine, makes tables with a client in them, and starts
// the functions.
func (p *plan) startFunctions(ctx context.Context, folder string) (*functions, error) {
	f := &functions{tables: engine.Tables("load"), pools: map[string]pool{}}
	var err error
	if f.events, err = readEvents(p.root); err != nil {
		return nil, err
	}
	if f.keys, err = seal.ParseKeyring([]byte(sample.Keyring)); err != nil {
		return nil, fmt.Errorf("read the keyring: %w", err)
	}
	running, err := engine.Start(p.root)
	if err != nil {
		return nil, err
	}
	f.url, f.ends = running.URL, append(f.ends, running.End)
	if err := p.furnish(ctx, f, folder); err != nil {
		f.end()
		return nil, err
	}
	return f, nil
}

// furnish fills what startFunctions has begun.
func (p *plan) furnish(ctx context.Context, f *functions, folder string) error {
	var err error
	if f.store, err = engine.Create(ctx, engine.Config(f.url, nil), f.tables); err != nil {
		return err
	}
	client := oauth.Client{ID: sample.ClientID, SecretKey: 1, Scopes: []string{"read"}, Grants: []oauth.Grant{oauth.GrantRefreshToken}}
	if err := f.store.CreateClient(ctx, client); err != nil {
		return fmt.Errorf("create the client: %w", err)
	}
	secrets, end, err := cold.Serve(&cold.AWS{Secret: sample.Keyring})
	if err != nil {
		return err
	}
	f.ends = append(f.ends, end)
	env := []string{"SESSIONS_TABLE=" + f.tables.Sessions, "REPLAY_TABLE=" + f.tables.Replay, "REGISTRY_TABLE=" + f.tables.Registry,
		"AWS_ENDPOINT_URL_DYNAMODB=" + f.url, "AWS_ENDPOINT_URL_SECRETS_MANAGER=http://" + secrets, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=anyone", "AWS_SECRET_ACCESS_KEY=anything", "KEYS_SECRET_ARN=keys"}
	for _, name := range []string{"bare", "authorizer", "token"} {
		started, err := startPool(ctx, p.callers, filepath.Join(p.cache, "functions", name), env, folder)
		if err != nil {
			return err
		}
		f.pools[name], f.ends = started, append([]func(){started.end}, f.ends...)
	}
	return nil
}

// session makes one, and returns its token of a kind.
func (f *functions) session(ctx context.Context, n int, protocol oauth.Protocol, kind seal.Kind) (string, error) {
	session := sample.Session(n, protocol, time.Now())
	if err := f.store.Create(ctx, session); err != nil {
		return "", fmt.Errorf("create a session: %w", err)
	}
	return f.keys.Mint(kind, session.ID, session.Generation).Reveal(), nil
}

// subjects are what the functions are asked.
func (p *plan) subjects(ctx context.Context, f *functions) ([]subject, error) {
	var all []subject
	for _, asked := range []func(context.Context) (subject, error){f.bearer, f.signed, f.refresh, f.bare, f.read, f.write} {
		s, err := asked(ctx)
		if err != nil {
			return nil, err
		}
		s.at, s.count = atLambda, p.atLambda
		all = append(all, s)
	}
	return all, nil
}

// allows has a caller's authorizer answer, and is an error unless it does as
// wanted.
func (f *functions) allows(caller int, authorization string, wanted bool) error {
	said, err := f.pools["authorizer"][caller].invoke(f.checking(authorization))
	if !wanted && err != nil && strings.Contains(err.Error(), `"Unauthorized"`) {
		return nil // as API Gateway wants to be told
	}
	if err != nil {
		return err
	}
	if allowed := bytes.Contains(said, []byte(`"Effect":"Allow"`)); allowed != wanted {
		return fmt.Errorf("it answers %s", said)
	}
	return nil
}

func (f *functions) bearer(ctx context.Context) (subject, error) {
	token, err := f.session(ctx, 0, oauth.OAuth2, seal.AccessToken)
	return subject{what: bearerName, limits: []string{bareName, readName}, pids: f.pools["authorizer"].pids(),
		ask:   func(caller int) error { return f.allows(caller, "Bearer "+token, true) },
		wrong: func() error { return f.allows(0, "Bearer x"+token, false) }}, err
}

func (f *functions) signed(ctx context.Context) (subject, error) {
	token, err := f.session(ctx, 1, oauth.OAuth1, seal.OAuth1Token)
	if err != nil {
		return subject{}, err
	}
	signer, err := sample.NewSigner(f.keys, token)
	header := func() (string, error) {
		return signer.Header(checkURI, time.Now(), strconv.FormatInt(f.nonces.Add(1), 10))
	}
	return subject{what: signedName, limits: []string{bareName, readName, writeName}, pids: f.pools["authorizer"].pids(), ask: func(caller int) error {
		authorization, err := header()
		if err != nil {
			return err
		}
		return f.allows(caller, authorization, true)
	}, wrong: func() error {
		authorization, err := header()
		if err != nil {
			return err
		}
		if err := f.allows(0, authorization, true); err != nil {
			return err
		}
		return f.allows(0, authorization, false)
	}}, err
}

// refresh has a session for each caller.
func (f *functions) refresh(ctx context.Context) (subject, error) {
	secret, err := sample.ClientSecret(f.keys)
	if err != nil {
		return subject{}, err
	}
	chains := make([]*chain, len(f.pools["token"]))
	for i := range chains {
		token, err := f.session(ctx, 2+i, oauth.OAuth2, seal.RefreshToken)
		if err != nil {
			return subject{}, err
		}
		if chains[i], err = newChain(f.keys, token); err != nil {
			return subject{}, err
		}
	}
	ask := func(caller int, token, inside string) error {
		form := url.Values{"client_id": {sample.ClientID}, "client_secret": {secret.Reveal()}, "grant_type": {"refresh_token"}, "refresh_token": {token}}
		said, err := f.pools["token"][caller].invoke(f.asking(form.Encode()))
		if err == nil && !bytes.Contains(said, []byte(inside)) {
			err = fmt.Errorf("it answers %s", said)
		}
		return err
	}
	return subject{what: refreshName, limits: []string{bareName, writeName}, pids: f.pools["token"].pids(),
		ask: func(caller int) error {
			return chains[caller].refresh(func(token, successor string) error { return ask(caller, token, successor) })
		},
		wrong: func() error { return ask(0, "x"+chains[0].shown(), oauth.InvalidGrant) }}, nil
}

// bare is a function that does nothing, which shows what the stand-in of Lambda
// takes.
func (f *functions) bare(context.Context) (subject, error) {
	return subject{what: bareName, pids: f.pools["bare"].pids(), ask: func(caller int) error {
		said, err := f.pools["bare"][caller].invoke(f.checking("Bearer x"))
		if err == nil && !bytes.Contains(said, []byte(`"Allow"`)) {
			err = fmt.Errorf("it answers %s", said)
		}
		return err
	}}, nil
}

// loadFunctions measures the functions beside the engine alone.
func (p *plan) loadFunctions(ctx context.Context, r *results) error {
	folder, err := os.MkdirTemp("", "gatehouse-load-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(folder)
	f, err := p.startFunctions(ctx, folder)
	if err != nil {
		return err
	}
	defer f.end()
	all, err := p.subjects(ctx, f)
	if err != nil {
		return err
	}
	return p.measure(ctx, all, r)
}
