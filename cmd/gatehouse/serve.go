package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"gatehouse"
	"gatehouse/internal/apigateway"
	"gatehouse/internal/authenticator"
	"gatehouse/internal/authenticator/function"
	"gatehouse/internal/deployment"
	"gatehouse/internal/local"
	"gatehouse/internal/oauth/consent/pages"
	"gatehouse/internal/oauth/rules"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/operator"
	"gatehouse/internal/proxy"
	"gatehouse/internal/seed"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	addr, seed, store, stage, keys, rules, upstream, authenticator string
}

func (p *program) serveCommand() *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve all of it on this machine",
		Long: `Serve what template.yaml declares on this machine, as API Gateway would.

Other commands of the same user administer it while it runs, by --local.

A seed file's clients are made as it says, also where they are there already, but
stay disabled if they are. Its users, and its imported tokens, are made where they
were not there: another password stays, and a revoked token is not made again. Users
and clients that were deleted are.

Without a seed file there are clients and a user for trying it out: a demo page
is served at /, and commands to paste are printed. Settings come from the
environment variables that the functions have, such as ACCESS_TOKEN_LIFETIME and
PUBLIC_BASE_URL.

With --store dynamodb the SDK's own variables say where the tables are, such as
AWS_ENDPOINT_URL_DYNAMODB and AWS_REGION. Tables that are not there are created;
SESSIONS_TABLE, REPLAY_TABLE and REGISTRY_TABLE name others than gatehouse-sessions,
gatehouse-replay and gatehouse-registry.`,
		Example: `  gatehouse serve
  gatehouse serve --addr 127.0.0.1:9000 --stage prod --seed seed.json
  AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000 gatehouse serve --store dynamodb`,
		Args: exactly(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return p.serve(c.Context(), o) },
	}
	flags := c.Flags()
	flags.StringVar(&o.addr, "addr", defaultAddr, "address to listen on")
	flags.StringVar(&o.seed, "seed", "", "JSON file of clients and users to begin with")
	flags.StringVar(&o.store, "store", "memory", "where sessions, clients and users are: memory or dynamodb")
	flags.StringVar(&o.stage, "stage", "", "serve below /STAGE, as at API Gateway's own domain name")
	flags.StringVar(&o.rules, "rules", "", `which scope a route needs, such as "GET,HEAD /api/notes* read; * /api/health public" (default: ROUTE_SCOPES)`)
	flags.StringVar(&o.upstream, "upstream", "", "URL of a backend that gets the valid requests to /api/, such as http://127.0.0.1:3000 (default: UPSTREAM_URL)")
	flags.StringVar(&o.authenticator, "authenticator-url", "", "URL of a webhook that checks passwords, such as http://127.0.0.1:4000/check (default: AUTHENTICATOR_URL)")
	flags.StringVar(&o.keys, "keys", "", "JSON file of the keyring, created when it is not there (default: random keys for memory, "+keysFile+" for dynamodb)")
	return c
}

// serve runs until it is interrupted.
func (p *program) serve(ctx context.Context, o serveOptions) error {
	ctx, stop := untilInterrupted(ctx)
	defer stop()
	if err := o.check(); err != nil {
		return err
	}
	settings, err := p.settings(o)
	if err != nil {
		return err
	}
	file, err := readSeed(o.seed)
	if err != nil {
		return err
	}
	listener, err := p.listen(ctx, o.addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	s, err := p.open(ctx, o, settings)
	if err != nil {
		return err
	}
	s.stage, s.url = o.stage, address(listener, settings.BaseURL, o.stage)
	var handler http.Handler
	if o.seed == "" && s.local {
		handler, err = p.beginDemo(ctx, s, address(listener, nil, ""))
	} else {
		handler, err = p.begin(ctx, s, file)
	}
	if err != nil {
		return err
	}
	defer p.administered(ctx, s, listener)()
	fmt.Fprintln(p.out, "Ctrl-C stops it. Requests:")
	return p.listenUntilDone(ctx, listener, handler)
}

// settings are those of the environment, with the flags that replace some.
func (p *program) settings(o serveOptions) (deployment.Settings, error) {
	settings, err := deployment.ReadSettings(p.env)
	settings.PlainHTTP = true
	if err == nil && o.rules != "" {
		if settings.Rules, err = rules.Parse(o.rules); err != nil {
			return settings, usage("--rules: %w", err)
		}
	}
	if err == nil && o.upstream != "" {
		if settings.Upstream, err = proxy.ParseUpstream(o.upstream); err != nil {
			return settings, usage("--upstream: %w", err)
		}
	}
	if err == nil && o.authenticator != "" {
		if settings.AuthWebhook, err = authenticator.ParseURL(o.authenticator); err != nil {
			return settings, usage("--authenticator-url %w", err)
		}
		settings.AuthFunction = ""
	}
	return settings, err
}

func (o *serveOptions) check() error {
	if o.store != "memory" && o.store != "dynamodb" {
		return usage("--store is memory or dynamodb, not %q", o.store)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{0,128}$`).MatchString(o.stage) {
		return usage("--stage takes up to 128 letters, digits, hyphens and underscores, not %q", o.stage)
	}
	return nil
}

// maxSeed is in bytes: a path to something else must not fill the memory.
const maxSeed = 10 << 20

// readSome reads a file, and one byte more than most of one that is longer.
func readSome(path string, most int64) ([]byte, error) {
	file, err := os.Open(path) // #nosec G304 -- the file that its user names
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, most+1))
}

// readSeed returns an empty file for no path.
func readSeed(path string) (*seed.File, error) {
	if path == "" {
		return &seed.File{}, nil
	}
	text, err := readSome(path, maxSeed)
	if err != nil {
		return nil, fmt.Errorf("the seed file: %w", err)
	}
	if len(text) > maxSeed {
		return nil, fmt.Errorf("%s: it is larger than %d MB; gatehouse import takes more, and other formats", path, maxSeed>>20)
	}
	file, err := seed.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}

// begin puts clients and users into the store, and says what there is.
func (p *program) begin(ctx context.Context, s *opened, file *seed.File) (http.Handler, error) {
	gateway, secrets, err := p.furnish(ctx, s, file)
	if err != nil {
		return nil, err
	}
	return gateway, p.printSecrets(secrets)
}

// furnish puts clients and users into the store and mounts the functions.
func (p *program) furnish(ctx context.Context, s *opened, file *seed.File) (http.Handler, []seed.Secret, error) {
	gateway, err := p.gateway(s)
	if err != nil {
		return nil, nil, err
	}
	seeder := &seed.Seeder{Registry: s.store, Keys: s.keys, Rand: p.rand, Sessions: s.store, Now: p.clock(), Fleeting: s.fleeting}
	seeded, err := seeder.Seed(ctx, file)
	if err != nil {
		return nil, nil, err
	}
	p.announce(s)
	if seeded.Absent > 0 {
		p.say("Tokens of the seed file that are not there, and were not made: %d. They were revoked, are over, or are new; import brings new ones.", seeded.Absent)
	}
	return gateway, seeded.Secrets, nil
}

// gateway mounts the functions as template.yaml says. The names are those of
// the folders that their code is in.
func (p *program) gateway(s *opened) (http.Handler, error) {
	log := local.NewLog(p.err, p.clock)
	d := &deployment.Deployment{Settings: s.settings, Keys: s.keys, ReadKeys: s.readKeys, Store: s.store, Clock: p.clock, Rand: p.rand, Log: log.Logger(), Audit: p.auditFile(),
		Function: function.New, AWS: s.aws, Pages: pages.Write}
	handlers := map[string]func() (apigateway.Handler, error){
		"functions/token": d.Token, "functions/authorize": d.Authorize, "functions/authorizer": d.Authorizer, "functions/revoke": d.Revoke,
	}
	parameters := map[string]string{"Realm": s.settings.Terms.Realm, "AllowedOrigin": s.settings.Origin}
	if s.settings.Upstream != nil {
		handlers["functions/proxy"], parameters["UpstreamUrl"] = d.Proxy, s.settings.Upstream.String()
	}
	functions := map[string]local.Handler{}
	for name, handler := range handlers {
		mounted, err := handler()
		if err != nil {
			return nil, err
		}
		functions[name] = mounted
	}
	return local.New(gatehouse.Template, functions, local.Options{
		Stage:      s.stage,
		Parameters: parameters,
		Log:        log,
		Clock:      p.clock,
		Rand:       p.rand,
	})
}

// opened is what serve works on.
type opened struct {
	store     store
	keys      *seal.Keyring
	held      *heldKeys
	readKeys  func(context.Context) (*seal.Keyring, error)
	local     bool   // the store is on this machine, and made for trying things out
	fleeting  bool   // the store ends with the program
	storeName string // for people
	keysName  string

	settings deployment.Settings
	aws      aws.Config // for an authenticator that is a Lambda function
	stage    string
	url      string // that clients use
}

// store is all that serve reads and writes.
type store interface {
	deployment.Store
	operator.Store
}

var errInterrupted = errors.New("interrupted")

func (p *program) open(ctx context.Context, o serveOptions, settings deployment.Settings) (*opened, error) {
	s := &opened{settings: settings}
	if o.store == "memory" {
		openMemory(s)
	} else if err := p.openDynamoDB(ctx, s); err != nil {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		return nil, err
	}
	if settings.AuthFunction != "" {
		cfg, err := p.awsConfig(ctx)
		if err != nil {
			return nil, err
		}
		s.aws = cfg
	}
	return s, p.openKeys(s, o)
}
