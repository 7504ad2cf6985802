package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/seed"
)

// shownClient is a client as client show --json prints it, and as client update
// --file reads it: the form of a seed file, with what only a registry knows.
type shownClient struct {
	seed.Client
	Secret     string `json:"secret,omitempty"` // never printed
	SecretKind string `json:"secret_kind"`      // none, derived or brought
	SecretKey  uint32 `json:"secret_key"`       // id of the key that it is derived from or sealed with; 0: none
	Revision   uint32 `json:"revision"`         // raised by each write
}

func show(c *oauth.Client) shownClient {
	shown := shownClient{Client: seed.Written(c), SecretKind: "derived", SecretKey: uint32(seal.ClientKey(c)), Revision: c.Revision}
	switch {
	case c.Public:
		shown.SecretKind = "none"
	case c.SealedSecret != "":
		shown.SecretKind = "brought"
	}
	return shown
}

// printJSON writes one document.
func (p *program) printJSON(document any) error {
	encoder := json.NewEncoder(p.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

func (p *program) clientListCommand() *cobra.Command {
	var t target
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the clients",
		Long: `List the clients of a deployment by their ids. --json prints one array of what
client show --json prints of each.
` + targetHelp,
		Example: `  gatehouse client list --stack gatehouse
  gatehouse client list --stack gatehouse --json | jq -r '.[] | select(.disabled) | .id'`,
		Args: exactly(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return p.listClients(c.Context(), t, asJSON) },
	}
	t.addFlags(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (p *program) listClients(ctx context.Context, t target, asJSON bool) error {
	_, store, err := p.openRecords(ctx, t)
	if err != nil {
		return err
	}
	clients, err := store.AllClients(ctx)
	if err != nil {
		return fmt.Errorf("list the clients: %w", rootCause(err))
	}
	if asJSON {
		all := make([]shownClient, len(clients))
		for i := range clients {
			all[i] = show(&clients[i])
		}
		return p.printJSON(all)
	}
	table := p.newTable("client", "state", "secret", "grants", "scopes", "name")
	for i := range clients {
		c := show(&clients[i])
		table.row(c.ID, state(c.Disabled), c.SecretKind, joined(c.Grants), joined(c.Scopes), c.Name)
	}
	return table.flush()
}

func state(disabled bool) string {
	if disabled {
		return "disabled"
	}
	return "enabled"
}

func (p *program) clientShowCommand() *cobra.Command {
	var t target
	var asJSON bool
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show a client, without its secret",
		Long: `Show all of a client but its secret. --json prints it in the form of a seed file,
with secret_kind (none, derived or brought), secret_key and revision; client update
--file reads that.
` + targetHelp,
		Example: `  gatehouse client show mobile --stack gatehouse
  gatehouse client show mobile --stack gatehouse --json > mobile.json`,
		Args: exactly(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			_, store, err := p.openRecords(c.Context(), t)
			if err != nil {
				return err
			}
			client, err := findClient(c.Context(), store, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return p.printJSON(show(&client))
			}
			return p.printFields(show(&client))
		},
	}
	t.addFlags(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (p *program) printFields(c shownClient) error {
	table := p.newTable("id", c.ID)
	for _, field := range fieldsOf(&c.Client) {
		table.row(field.name, field.value)
	}
	secret := c.SecretKind
	if c.SecretKey != 0 {
		secret += fmt.Sprintf(", key %d", c.SecretKey)
	}
	table.row("secret", secret)
	table.row("revision", fmt.Sprint(c.Revision))
	return table.flush()
}

// field is what a client has of one field, for people.
type field struct{ name, value string }

// fieldsOf are all fields but the id and the secret.
func fieldsOf(c *seed.Client) []field {
	otherwise := func(value, otherwise string) string {
		if value == "" {
			return otherwise
		}
		return value
	}
	return []field{
		{"name", otherwise(c.Name, "-")},
		{"state", state(c.Disabled)},
		{"public", yesNo(c.Public)},
		{"grants", joined(c.Grants)},
		{"scopes", otherwise(joined(c.Scopes), "none")},
		{"redirect_uris", otherwise(joined(c.RedirectURIs), "none")},
		{"signature_methods", otherwise(joined(c.SignatureMethods), "all but PLAINTEXT")},
		{"rsa_public_key", otherwise(strings.Join(strings.Fields(c.RSAPublicKey), ""), "none")},
		{"origins", otherwise(joined(c.Origins), "any")},
		{"linked_clients", otherwise(joined(c.LinkedClients), "none")},
		{"oauth1_sunset", otherwise(c.Sunset, "never")},
		{"diagnose", yesNo(c.Diagnose)},
		{"imported", yesNo(c.Imported)},
		{"binding", otherwise(string(c.Binding), "as the deployment says")},
		{"on_mismatch", otherwise(string(c.OnMismatch), "as the deployment says")},
	}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func joined[T ~string](list []T) string { return strings.Join(texts(list), ", ") }
