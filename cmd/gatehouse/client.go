package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/internal/audit"
	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

// clientOptions are the flags of client create.
type clientOptions struct {
	act
	clientFlags
	public, secretStdin, replace bool
}

func (p *program) clientCreateCommand() *cobra.Command {
	var o clientOptions
	c := &cobra.Command{
		Use:   "create ID",
		Short: "Create a client and print its secret",
		Long: `Create a client in a deployment and print its secret, which is shown only here.
--json prints client, as client show --json does, secret, and changed.

The grants are xauth, password, refresh_token, authorization_code,
client_credentials, oauth1 and token_exchange.
` + targetHelp + keysHelp,
		Example: `  gatehouse client create mobile --stack gatehouse --grants xauth,password,refresh_token --scopes read,write
  gatehouse client create web --stack gatehouse --public --grants authorization_code,refresh_token \
    --redirect-uri https://app.example.com/callback --origin https://app.example.com
  gatehouse client create old --stack gatehouse --grants xauth --secret-stdin < secret.txt
  gatehouse client create mobile --stack gatehouse --grants xauth --scopes read --replace
  gatehouse client create mobile --stack gatehouse --grants xauth --linked-client app2 --oauth1-sunset 2027-01-31 --replace
  gatehouse client create mobile --stack gatehouse --grants xauth --binding agent+network --on-mismatch session --replace`,
		Args: exactly(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			client := seed.Client{ID: args[0], Public: o.public}
			if err := o.change(&client, c.Flags().Changed); err != nil {
				return err
			}
			return p.createClient(c.Context(), &o, &client)
		},
	}
	flags := c.Flags()
	o.clientFlags.add(flags)
	flags.BoolVar(&o.public, "public", false, "the client cannot keep a secret, and has none")
	flags.BoolVar(&o.secretStdin, "secret-stdin", false, "read a secret from an older provider from standard input, to keep it")
	flags.BoolVar(&o.replace, "replace", false, "replace a client of this id; its secret stays unless another is given")
	o.addJSON(c)
	o.addKeysFlags(c)
	return c
}

func (p *program) createClient(ctx context.Context, o *clientOptions, client *seed.Client) (err error) {
	if o.secretStdin {
		if client.Secret, err = p.givenSecret(); err != nil {
			return err
		}
	}
	if err := client.Check(); err != nil {
		return asFlag(err)
	}
	where, store, keys, err := p.openWithKeys(ctx, o.target)
	if err != nil {
		return err
	}
	_, found := store.Client(ctx, client.ID)
	if err := taken("client", client.ID, found, o.replace); err != nil {
		return err
	}
	event, what := audit.Event{Name: audit.ClientUpdated, Client: client.ID}, "was replaced"
	if found != nil {
		event.Name, what = audit.ClientCreated, "was created"
	}
	secret, err := (&seed.Seeder{Registry: store, Keys: keys, Rand: p.rand}).PutClient(ctx, client)
	if err != nil {
		return changedMeanwhile(err)
	}
	p.audit(ctx, where, event)
	return unprinted(p.printClient(&secret, o.asJSON), &secret, what)
}

// givenSecret reads the secret of --secret-stdin.
func (p *program) givenSecret() (string, error) {
	secret, err := p.readPassword()
	if err == nil && secret == "" {
		err = usage("--secret-stdin: standard input is empty")
	}
	return secret, err
}

// taken refuses to write over what exists; found is the error of looking.
func taken(kind, name string, found error, replace bool) error {
	switch {
	case errors.Is(found, oauth.ErrNotFound) || found == nil && replace:
		return nil
	case found != nil:
		return fmt.Errorf("find %s %q: %w", kind, name, found)
	}
	return fmt.Errorf("%s %q exists already; --replace writes over it", kind, name)
}

// printClient prints a client with its secret, unless somebody brought that.
func (p *program) printClient(secret *seed.Secret, asJSON bool) error {
	outcome := clientOutcome{Client: show(&secret.Stored), Changed: true}
	var text string
	switch {
	case secret.Derived:
		outcome.Secret = secret.Secret.Reveal()
		text = fmt.Sprintf("client %s\nsecret %s\n", secret.Client, outcome.Secret)
	case secret.Secret.Empty():
		text = fmt.Sprintf("client %s, without a secret\n", secret.Client)
	default:
		text = fmt.Sprintf("client %s, with the secret given\n", secret.Client)
	}
	return p.tell(asJSON, outcome, text)
}
