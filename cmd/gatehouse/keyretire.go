package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/audit"
	"gatehouse/internal/deployment"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// retireOptions are the flags of key retire.
type retireOptions struct {
	target
	keepSecrets, dropSecrets, yes, asJSON bool
}

func (p *program) keyRetireCommand() *cobra.Command {
	var o retireOptions
	c := &cobra.Command{
		Use:   "retire ID",
		Short: "Remove a key, and end what it made",
		Long: `Remove an older key from the keyring for good. Within ` + spoken(deployment.KeysAge) + ` every function
refuses what it made: access and refresh tokens, OAuth 1.0 tokens, authorization
codes, and the cookies of browsers that are signed in. A refresh gives tokens of the
current key; an OAuth 1.0 token never moves to another, so its user has to sign in
again. Sessions are not deleted.

Clients have secrets that are derived from the key or sealed with it. While there are
any they are named, and nothing is done. The same goes for tokens that were imported
from an older provider, whose secrets are sealed: they are counted, for which all
sessions are read. --keep-secrets seals these secrets with the current key first, so
that they stay as they are, and waits until no function remembers the clients as they
were. --drop-secrets goes on without: those clients are refused until client
rotate-secret gives them another secret, and those tokens until their users sign in
again. After a leak of the key that is what to do, since whoever has the key has the
secrets derived from it.

It asks for the id again; without a terminal it needs --yes.
` + targetHelp + keysHelp,
		Example: `  gatehouse key retire 1 --stack gatehouse --keep-secrets
  gatehouse key retire 1 --stack gatehouse --drop-secrets --yes`,
		Args: exactly(1, 1),
		RunE: func(c *cobra.Command, args []string) error { return p.retireKey(c.Context(), args[0], &o) },
	}
	o.addKeysFlags(c)
	c.Flags().BoolVar(&o.keepSecrets, "keep-secrets", false, "move secrets of clients to the current key first")
	c.Flags().BoolVar(&o.dropSecrets, "drop-secrets", false, "go on although clients lose their secrets")
	c.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print JSON: key and state")
	return c
}

func (p *program) retireKey(ctx context.Context, text string, o *retireOptions) error {
	ctx, stop := untilInterrupted(ctx)
	defer stop()
	id, err := seal.ParseKeyID(text)
	if err != nil {
		return usage("%q is no key id, which is a number: see key list", text)
	}
	if o.keepSecrets && o.dropSecrets {
		return usage("--keep-secrets and --drop-secrets: give one of them")
	}
	clients, err := p.openRegistry(ctx, o.target)
	if err != nil {
		return err
	}
	if err := p.confirmRetiring(ctx, id, o, clients); err != nil {
		return err
	}
	if o.keepSecrets {
		if err := p.moveSecrets(ctx, id, o.target, clients); err != nil {
			return err
		}
	}
	kept, err := p.openKept(ctx, o.target)
	if err != nil {
		return err
	}
	newer, err := kept.without(id)
	if err != nil {
		return err
	}
	if err := checkNeeds(ctx, clients, id, kept.keys.Current(), o.dropSecrets); err != nil {
		return err
	}
	if err := p.changeKeys(ctx, kept, newer, audit.KeyRetired, fmt.Sprintf("key %s", id)); err != nil {
		return err
	}
	return p.sayRetired(id, o.asJSON)
}

func (p *program) sayRetired(id seal.KeyID, asJSON bool) error {
	if asJSON {
		return p.printJSON(keyView{Key: id.String(), State: "retired"})
	}
	_, err := fmt.Fprintf(p.out, "key %s is retired. Within %s every function refuses what it made.\n", id, spoken(deployment.KeysAge))
	return err
}

// confirmRetiring asks, unless what is to be done would be refused anyway: whoever
// says yes beforehand is told of that later.
func (p *program) confirmRetiring(ctx context.Context, id seal.KeyID, o *retireOptions, clients records) error {
	if o.yes {
		return nil
	}
	kept, err := p.openKept(ctx, o.target)
	if err != nil {
		return err
	}
	if _, err := kept.without(id); err != nil {
		return err
	}
	if err := checkNeeds(ctx, clients, id, kept.keys.Current(), o.keepSecrets || o.dropSecrets); err != nil {
		return err
	}
	return p.confirm(ctx, "Retiring key "+id.String(), id.String(), false)
}

// without is the text of the keyring without the key id.
func (k *keptKeys) without(id seal.KeyID) ([]byte, error) {
	newer, err := seal.RemoveKey(k.text, id, k.now)
	switch {
	case errors.Is(err, seal.ErrUnknownKey):
		return nil, missing("there is no key %s: see key list", id)
	case errors.Is(err, seal.ErrKeyInUse) && id == k.keys.Current():
		return nil, fmt.Errorf("key %s is the current one: first key rotate, and wait until the new key has taken over", id)
	case errors.Is(err, seal.ErrKeyInUse):
		return nil, fmt.Errorf("key %s is the next one, which is yet to take over", id)
	}
	return newer, err
}

// checkNeeds refuses to take a key away from clients that need it, and names
// them, or from imported tokens.
func checkNeeds(ctx context.Context, clients records, id, current seal.KeyID, dropSecrets bool) error {
	if dropSecrets {
		return nil
	}
	all, err := allClients(ctx, clients)
	if err != nil {
		return err
	}
	needy := needing(all, id)
	if len(needy) == 0 {
		return checkTokens(ctx, clients, all, id, current)
	}
	return fmt.Errorf("key %s gives these clients (%d) their secrets: %s; --keep-secrets moves them to key %s, --drop-secrets goes on without",
		id, len(needy), someOf(needy), current)
}

// namedMost is how many clients are named on one line.
const namedMost = 10

// someOf names clients of one key, and counts those that are too many to name.
func someOf(clients []oauth.Client) string {
	var names []string
	for i := range clients[:min(len(clients), namedMost)] {
		names = append(names, oauth.Printable(clients[i].ID))
	}
	text := strings.Join(names, ", ")
	if more := len(clients) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more, which have secret_key %s in client list --json", more, seal.ClientKey(&clients[0]))
	}
	return text
}

func allClients(ctx context.Context, clients oauth.ClientList) ([]oauth.Client, error) {
	all, err := clients.AllClients(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the clients: %w", err)
	}
	return all, nil
}

// needing are those of all clients that have no secret without the key id.
func needing(all []oauth.Client, id seal.KeyID) (needy []oauth.Client) {
	for i := range all {
		if seal.ClientKey(&all[i]) == id {
			needy = append(needy, all[i])
		}
	}
	return needy
}

// forgetting is how long functions may remember a client as it was, with some
// seconds for clocks and for requests that have begun.
const forgetting = oauth.ClientAge + 10*time.Second

// moveSecrets seals with the current key what the key id gives to clients and to
// imported tokens.
func (p *program) moveSecrets(ctx context.Context, id seal.KeyID, t target, clients records) error {
	kept, err := p.openKept(ctx, t)
	if err != nil {
		return err
	}
	if _, err := kept.without(id); err != nil {
		return err
	}
	all, err := allClients(ctx, clients)
	if err != nil {
		return err
	}
	if err := p.moveTokens(ctx, kept.keys, id, clients, all); err != nil {
		return err
	}
	needy := needing(all, id)
	if len(needy) == 0 {
		return nil
	}
	for i := range needy {
		if err := p.moveSecret(ctx, kept.keys, &needy[i], clients); err != nil {
			return fmt.Errorf("secret of client %q: %w", needy[i].ID, err)
		}
	}
	p.say("waiting %s until no function remembers them as they were", forgetting)
	return p.wait(ctx, forgetting)
}

// moveSecret leaves a client alone that others changed or deleted meanwhile:
// checkNeeds looks at it again.
func (p *program) moveSecret(ctx context.Context, keys *seal.Keyring, client *oauth.Client, clients oauth.ClientSecrets) error {
	secret, err := keys.ClientSecret(client)
	if err != nil {
		return err
	}
	moved := *client
	if err := keys.GiveSecret(&moved, secret); err != nil {
		return err
	}
	id := oauth.Printable(client.ID)
	switch err := clients.Reseal(ctx, *client, moved.SealedSecret); {
	case errors.Is(err, oauth.ErrNotFound):
		p.say("client %s was changed or deleted meanwhile, and is left as it is", id)
		return nil
	case err != nil:
		return rootCause(err)
	}
	p.say("client %s keeps its secret, now by key %s", id, keys.Current())
	return nil
}
