package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"text/tabwriter"

	"gatehouse/cmd/gatehouse/demo"
	"gatehouse/internal/doctor"
	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

const (
	demoClient     = "demo"
	demoPageClient = "web" // has no secret
	demoUser       = "alice"
	demoPassword   = "correct horse"
)

// beginDemo begins with the demo's clients and user, and puts the demo page
// before the gateway. local is the URL of the listener.
func (p *program) beginDemo(ctx context.Context, s *opened, local string) (http.Handler, error) {
	site := demo.Site{Local: parseURL(local), Public: s.settings.BaseURL, Stage: s.stage}
	if s.settings.Look.Scopes == nil {
		s.settings.Look.Scopes = map[string]string{"read": "See your notes", "write": "Change your notes"}
	}
	gateway, secrets, err := p.furnish(ctx, s, demoFile(&site))
	if err != nil {
		return nil, err
	}
	page := &demo.Page{Site: site, Client: demoClient, Secret: secrets[0].Secret, PublicClient: demoPageClient, User: demoUser, Password: demoPassword,
		Know: p.knows(s), Clock: p.clock, Rand: p.rand}
	handler, err := page.Handler(gateway)
	if err != nil {
		return nil, err
	}
	return handler, p.printDemo(site.URL(), s, secrets[0])
}

// knows returns what the demo page asks of client and token of a request.
func (p *program) knows(s *opened) func(context.Context, *doctor.Case) error {
	return func(ctx context.Context, c *doctor.Case) error {
		c.Window = s.settings.Window
		claim, signed := doctor.Claimed(c.Request)
		if !signed {
			return nil // which is what the diagnosis says
		}
		return p.addKnown(ctx, c, claim, s.keys, s.store)
	}
}

// demoFile is what there is without a seed file. An app on this machine may
// use the first client too, with any port.
func demoFile(site *demo.Site) *seed.File {
	scopes := []string{"read", "write"}
	return &seed.File{
		Clients: []seed.Client{{
			ID:   demoClient,
			Name: "Demo",
			Grants: []oauth.Grant{oauth.GrantXAuth, oauth.GrantOAuth1, oauth.GrantTokenExchange, oauth.GrantPassword,
				oauth.GrantRefreshToken, oauth.GrantClientCredentials},
			Scopes:           scopes,
			RedirectURIs:     append([]string{"http://127.0.0.1/callback"}, site.Redirects()...),
			SignatureMethods: []oauth.SignatureMethod{oauth.HMACSHA1, oauth.HMACSHA256, oauth.HMACSHA512, oauth.Plaintext},
		}, {
			ID:           demoPageClient,
			Name:         "Demo page",
			Public:       true,
			Grants:       []oauth.Grant{oauth.GrantPassword, oauth.GrantRefreshToken, oauth.GrantAuthorizationCode},
			Scopes:       scopes,
			RedirectURIs: site.Redirects(),
			Origins:      site.Origins(),
		}},
		Users: []seed.User{{Name: demoUser, Password: demoPassword}},
	}
}

func (p *program) announce(s *opened) {
	fmt.Fprintf(p.out, "Gatehouse serves %s\nIt %s, with %s.\n", s.url, s.storeName, s.keysName)
	if s.settings.Upstream != nil {
		fmt.Fprintf(p.out, "Valid requests to %s/api/ go to %s\n", s.url, s.settings.Upstream)
	}
}

// printSecrets shows the secrets that were derived: nobody knows them yet.
func (p *program) printSecrets(secrets []seed.Secret) error {
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, secret := range secrets {
		if secret.Derived {
			fmt.Fprintf(table, "client %s\tsecret %s\n", secret.Client, secret.Secret.Reveal())
		}
	}
	return table.Flush()
}

// printDemo prints what to paste. Lines that begin with spaces are commands;
// nothing in them is special to any shell but what is meant to be.
func (p *program) printDemo(page string, s *opened, secret seed.Secret) error {
	hint := ""
	if s.settings.Terms.Binding.To == oauth.BindDPoP {
		hint = demoProofs
	}
	_, err := fmt.Fprint(p.out, strings.NewReplacer(
		"{program}", programName(),
		"{page}", page,
		"{url}", s.url,
		"{hint}", hint,
		"{client}", demoClient,
		"{secret}", secret.Secret.Reveal(),
		"{user}", demoUser,
		"{password}", demoPassword,
	).Replace(demoText))
	return err
}

const demoText = `
Open {page} to try it in a browser.

client {client}, secret {secret}
user {user}, password {password}
{hint}
Or paste these into another terminal, one after another.

First, names for what the others use:
  URL={url}
  gatehouse() { command {program} "$@"; }
  export GATEHOUSE_CONSUMER_KEY={client} GATEHOUSE_CONSUMER_SECRET={secret}

OAuth 2. Sign in by the password grant, and call with the bearer token:
  TOKENS=$(curl -s $URL/oauth/token -u {client}:{secret} -d grant_type=password -d username={user} --data-urlencode 'password={password}'); echo "$TOKENS"
  ACCESS=$(echo "$TOKENS" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  REFRESH=$(echo "$TOKENS" | sed 's/.*"refresh_token":"\([^"]*\)".*/\1/')
  curl -s $URL/oauth/session -H "Authorization: Bearer $ACCESS"

Ask as an API's server what the token stands for, and get a token for no user:
  curl -s $URL/oauth/introspect -u {client}:{secret} -d token=$ACCESS
  curl -s $URL/oauth/token -u {client}:{secret} -d grant_type=client_credentials -d scope=read

Refresh, then revoke; the token is refused afterwards:
  TOKENS=$(curl -s $URL/oauth/token -u {client}:{secret} -d grant_type=refresh_token -d refresh_token=$REFRESH); echo "$TOKENS"
  ACCESS=$(echo "$TOKENS" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -s -w 'revoked: %{http_code}\n' $URL/oauth/revoke -u {client}:{secret} -d token=$ACCESS
  curl -s -w '\n' $URL/oauth/session -H "Authorization: Bearer $ACCESS"

OAuth 1.0. Sign in by xAuth and call with a signed request:
  TOKENS=$(gatehouse request --xauth {user} --password '{password}' $URL/oauth/access_token); echo "$TOKENS"
  export GATEHOUSE_TOKEN=$(echo "$TOKENS" | sed 's/.*oauth_token=\([^&]*\).*/\1/')
  export GATEHOUSE_TOKEN_SECRET=$(echo "$TOKENS" | sed 's/.*oauth_token_secret=\([^&]*\).*/\1/')
  gatehouse request $URL/oauth/session

Exchange the token for OAuth 2, then revoke it by a signed request:
  gatehouse request -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange $URL/oauth/token
  gatehouse request -i POST $URL/oauth/revoke
  gatehouse request $URL/oauth/session

`

// demoProofs is for those whom the demo's clients can't serve.
const demoProofs = `
With TOKEN_BINDING=dpop each request for OAuth 2 tokens needs a proof, which neither
the page in the browser nor curl makes: they get invalid_dpop_proof. OAuth 1.0 works
as printed. interop/node/openid_client_dpop.mjs shows a client that makes proofs.
`

// programName is how a shell in any folder calls this program.
func programName() string {
	path, err := os.Executable()
	if err != nil {
		return "gatehouse"
	}
	if found, err := exec.LookPath("gatehouse"); err == nil && found == path {
		return "gatehouse"
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
