package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"text/tabwriter"

	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

const (
	demoClient   = "demo"
	demoUser     = "alice"
	demoPassword = "correct horse"
)

// demoFile is what there is without a seed file.
func demoFile() *seed.File {
	return &seed.File{
		Clients: []seed.Client{{
			ID:               demoClient,
			Name:             "Demo",
			Grants:           []oauth.Grant{oauth.GrantXAuth, oauth.GrantPassword, oauth.GrantRefreshToken},
			Scopes:           []string{"read", "write"},
			SignatureMethods: []oauth.SignatureMethod{oauth.HMACSHA1, oauth.HMACSHA256, oauth.HMACSHA512, oauth.Plaintext},
		}},
		Users: []seed.User{{Name: demoUser, Password: demoPassword}},
	}
}

func (p *program) announce(url string, s *opened) {
	fmt.Fprintf(p.out, "Gatehouse serves %s\nIt %s, with %s.\n", url, s.storeName, s.keysName)
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
func (p *program) printDemo(url string, secret seed.Secret) error {
	_, err := fmt.Fprint(p.out, strings.NewReplacer(
		"{program}", programName(),
		"{url}", url,
		"{client}", demoClient,
		"{secret}", secret.Secret.Reveal(),
		"{user}", demoUser,
		"{password}", demoPassword,
	).Replace(demoText))
	return err
}

const demoText = `
client {client}, secret {secret}
user {user}, password {password}

Paste these into another terminal, one after another.

First, names for what the others use:
  URL={url}
  gatehouse() { {program} "$@"; }
  export GATEHOUSE_CONSUMER_KEY={client} GATEHOUSE_CONSUMER_SECRET={secret}

OAuth 2. Sign in by the password grant, and call with the bearer token:
  TOKENS=$(curl -s $URL/oauth/token -u {client}:{secret} -d grant_type=password -d username={user} --data-urlencode 'password={password}'); echo "$TOKENS"
  ACCESS=$(echo "$TOKENS" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  REFRESH=$(echo "$TOKENS" | sed 's/.*"refresh_token":"\([^"]*\)".*/\1/')
  curl -s $URL/oauth/session -H "Authorization: Bearer $ACCESS"

Refresh, then revoke; the token is refused afterwards:
  TOKENS=$(curl -s $URL/oauth/token -u {client}:{secret} -d grant_type=refresh_token -d refresh_token=$REFRESH); echo "$TOKENS"
  ACCESS=$(echo "$TOKENS" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -s -w 'revoked: %{http_code}\n' $URL/oauth/revoke -u {client}:{secret} -d token=$ACCESS
  curl -s -w '\n' $URL/oauth/session -H "Authorization: Bearer $ACCESS"

OAuth 1.0. Sign in by xAuth, call with a signed request, and revoke by one:
  TOKENS=$(gatehouse request --xauth {user} --password '{password}' $URL/oauth/access_token); echo "$TOKENS"
  export GATEHOUSE_TOKEN=$(echo "$TOKENS" | sed 's/.*oauth_token=\([^&]*\).*/\1/')
  export GATEHOUSE_TOKEN_SECRET=$(echo "$TOKENS" | sed 's/.*oauth_token_secret=\([^&]*\).*/\1/')
  gatehouse request $URL/oauth/session
  gatehouse request -i POST $URL/oauth/revoke
  gatehouse request $URL/oauth/session

`

// programName is how a shell in any folder calls this program.
func programName() string {
	path, err := os.Executable()
	if err != nil {
		return "gatehouse"
	}
	if found, err := exec.LookPath("gatehouse"); err == nil && found == path {
		return "command gatehouse"
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
