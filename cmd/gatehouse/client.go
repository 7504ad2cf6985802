package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

// clientOptions are the flags of client create.
type clientOptions struct {
	target
	client               seed.Client
	grants, methods      []string
	rsaKey               string
	secretStdin, replace bool
}

func (p *program) clientCreateCommand() *cobra.Command {
	var o clientOptions
	c := &cobra.Command{
		Use:   "create ID",
		Short: "Create a client and print its secret",
		Long: `Create a client in a deployment and print its secret, which is shown only here.

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
			o.client.ID = args[0]
			return p.createClient(c.Context(), &o)
		},
	}
	o.addFlags(c)
	return c
}

func (o *clientOptions) addFlags(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&o.client.Name, "name", "", "name for people")
	flags.BoolVar(&o.client.Public, "public", false, "the client cannot keep a secret, and has none")
	flags.StringSliceVar(&o.grants, "grants", nil, "grants, separated by commas")
	flags.StringSliceVar(&o.client.Scopes, "scopes", nil, "scopes, separated by commas")
	flags.StringArrayVar(&o.client.RedirectURIs, "redirect-uri", nil, "redirect URI; may be repeated")
	flags.StringArrayVar(&o.client.Origins, "origin", nil, "origin of web pages that may use the client (default: all); may be repeated")
	flags.StringArrayVar(&o.client.LinkedClients, "linked-client", nil, "id of a client that may exchange this one's OAuth 1.0 tokens; may be repeated")
	flags.StringVar(&o.client.Sunset, "oauth1-sunset", "", "date or time when the client's OAuth 1.0 ends, such as 2027-01-31 (default: never)")
	flags.StringVar((*string)(&o.client.Binding), "binding", "", "what the client's sessions are bound to: none, agent, address, network, agent+address, agent+network or dpop (default: as the deployment says)")
	flags.StringVar((*string)(&o.client.OnMismatch), "on-mismatch", "", "what ends when a token is shown by another caller: token, session, or nothing with reject (default: as the deployment says)")
	flags.BoolVar(&o.client.Imported, "imported", false, "the client has OAuth 1.0 tokens of an older provider, or asks about them; import says so by itself")
	flags.BoolVar(&o.client.Diagnose, "diagnose", false, "say in the log what is wrong with the client's refused OAuth 1.0 requests")
	flags.StringSliceVar(&o.methods, "signature-methods", nil, "OAuth 1.0 signature methods, separated by commas (default: all but PLAINTEXT)")
	flags.StringVar(&o.rsaKey, "rsa-public-key", "", "file of the client's public key (PEM), for the RSA methods")
	flags.BoolVar(&o.secretStdin, "secret-stdin", false, "read a secret from an older provider from standard input, to keep it")
	flags.BoolVar(&o.replace, "replace", false, "replace a client of this id; its secret stays unless another is given")
	o.addKeysFlags(c)
}

func (p *program) createClient(ctx context.Context, o *clientOptions) error {
	if err := p.completeClient(o); err != nil {
		return err
	}
	if err := o.client.Check(); err != nil {
		return asFlag(err)
	}
	where, err := p.locate(ctx, o.target, o.variables()...)
	if err != nil {
		return err
	}
	registry, err := where.open(ctx)
	if err != nil {
		return err
	}
	_, err = registry.Client(ctx, o.client.ID)
	if err := taken("client", o.client.ID, err, o.replace); err != nil {
		return err
	}
	keys, err := p.keyring(ctx, where, o.keys)
	if err != nil {
		return err
	}
	secret, err := (&seed.Seeder{Registry: registry, Keys: keys, Rand: p.rand}).PutClient(ctx, &o.client)
	if err != nil {
		return err
	}
	return p.printClient(secret)
}

// completeClient reads what flags only point to.
func (p *program) completeClient(o *clientOptions) (err error) {
	for _, grant := range o.grants {
		o.client.Grants = append(o.client.Grants, oauth.Grant(grant))
	}
	for _, method := range o.methods {
		o.client.SignatureMethods = append(o.client.SignatureMethods, oauth.SignatureMethod(method))
	}
	if o.rsaKey != "" {
		text, err := os.ReadFile(o.rsaKey)
		if err != nil {
			return fmt.Errorf("--rsa-public-key: %w", err)
		}
		o.client.RSAPublicKey = string(text)
	}
	if !o.secretStdin {
		return nil
	}
	if o.client.Secret, err = p.readPassword(); err == nil && o.client.Secret == "" {
		err = errors.New("--secret-stdin: standard input is empty")
	}
	return err
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

// asFlag names a field of a seed file as the flag that it came from.
func asFlag(err error) error {
	var fault *seed.FieldError
	if !errors.As(err, &fault) {
		return err
	}
	field, _, _ := strings.Cut(fault.Field, "[")
	switch field {
	case "id", "name", "password":
		return usage("%s %s", field, fault.Reason)
	case "secret":
		field = "secret-stdin"
	case "redirect_uris", "origins", "linked_clients":
		field = strings.TrimSuffix(field, "s") // a flag for each
	}
	return usage("--%s %s", strings.ReplaceAll(field, "_", "-"), fault.Reason)
}

func (p *program) printClient(secret seed.Secret) (err error) {
	switch {
	case secret.Derived:
		_, err = fmt.Fprintf(p.out, "client %s\nsecret %s\n", secret.Client, secret.Secret.Reveal())
	case secret.Secret.Empty():
		_, err = fmt.Fprintf(p.out, "client %s, without a secret\n", secret.Client)
	default:
		_, err = fmt.Fprintf(p.out, "client %s, with the secret given\n", secret.Client)
	}
	return err
}
