package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func (p *program) authenticatorSecretCommand() *cobra.Command {
	var t target
	c := &cobra.Command{
		Use:   "secret",
		Short: "Print what a webhook verifies Gatehouse's questions with",
		Long: `Print what a webhook that checks passwords verifies Gatehouse's questions with: a
secret for each key of the keyring, by the id that Gatehouse-Signature names.
Questions are signed with all of them, so a webhook needs one; after key rotate
give it the new one, and do so before the old key is retired.
` + targetHelp + keysHelp,
		Example: `  gatehouse authenticator secret --stack gatehouse
  gatehouse authenticator secret --keys gatehouse-keys.json`,
		Args: exactly(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return p.printWebhookSecrets(c.Context(), t) },
	}
	t.addKeysFlags(c)
	return c
}

func (p *program) printWebhookSecrets(ctx context.Context, t target) error {
	kept, err := p.openKept(ctx, t)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "key\tstate\tsecret")
	for _, id := range kept.keys.IDs() {
		secret, err := kept.keys.WebhookSecret(id)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", id, kept.state(id), secret.Reveal())
	}
	return table.Flush()
}
