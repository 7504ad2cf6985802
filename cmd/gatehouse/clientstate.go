package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/internal/audit"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/seed"
)

func (p *program) clientRotateSecretCommand() *cobra.Command {
	var a act
	var secretStdin bool
	c := &cobra.Command{
		Use:   "rotate-secret ID",
		Short: "Give a client another secret, and print it",
		Long: `Give a client another secret and print it, which is shown only here. The old one
ends within ` + spoken(oauth.ClientAge) + `; until then a function may know either. Sessions stay: OAuth 2
clients refresh with the new secret, OAuth 1.0 requests are signed with it.

A secret that an older provider gave is replaced by one that is derived from the
keyring, or by another of standard input with --secret-stdin.

It asks before; without a terminal it needs --yes. --json prints client, as client show
--json does, secret, and changed.
` + targetHelp + keysHelp,
		Example: `  gatehouse client rotate-secret mobile --stack gatehouse
  gatehouse client rotate-secret old --stack gatehouse --secret-stdin --yes < secret.txt`,
		Args: exactly(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			var given string
			if secretStdin {
				var err error
				if given, err = p.givenSecret(); err != nil {
					return err
				}
			}
			return p.rotateSecret(c.Context(), &a, args[0], given)
		},
	}
	a.addKeysFlags(c)
	c.Flags().BoolVar(&secretStdin, "secret-stdin", false, "read the secret from standard input")
	a.addAsking(c)
	return c
}

// rotateSecret does not try again where another changed the client meanwhile:
// that may have been its secret, which somebody has been told.
func (p *program) rotateSecret(ctx context.Context, a *act, id, given string) error {
	where, store, keys, err := p.openWithKeys(ctx, a.target)
	if err != nil {
		return err
	}
	client, err := findClient(ctx, store, id)
	if err != nil {
		return err
	}
	if client.Public {
		return usage("client %q is public, and has no secret", oauth.Printable(id))
	}
	written := seed.Written(&client)
	if written.Secret = given; given != "" {
		if err := written.Check(); err != nil {
			return asFlag(err)
		}
	}
	if err := p.agree(ctx, "ends the secret that client "+shown(id)+" has", a.yes); err != nil {
		return err
	}
	client.SecretVersion++
	if err := keys.GiveSecret(&client, oauth.NewSecret(given)); err != nil {
		return fmt.Errorf("secret of client %q: %w", oauth.Printable(id), err)
	}
	if err := missingMeanwhile(store.UpdateClient(ctx, client)); err != nil {
		return changedMeanwhile(err)
	}
	p.audit(ctx, where, audit.Event{Name: audit.ClientSecretRotated, Client: id})
	client.Revision++ // as the write raised it
	return p.printRotated(keys, &client, given == "", a.asJSON)
}

func (p *program) printRotated(keys *seal.Keyring, client *oauth.Client, derived, asJSON bool) error {
	secret, err := keys.ClientSecret(client)
	if err != nil {
		return fmt.Errorf("secret of client %q: %w", oauth.Printable(client.ID), err)
	}
	told := &seed.Secret{Client: client.ID, Secret: secret, Derived: derived, Stored: *client}
	err = unprinted(p.printClient(told, asJSON), told, "has another secret")
	p.say("The old secret ends within %s.", spoken(oauth.ClientAge))
	return err
}

func (p *program) clientDisableCommand() *cobra.Command {
	return stateCommand(true, p.setClientState, &cobra.Command{
		Use:   "disable ID",
		Short: "Refuse a client and all of its tokens",
		Long: `Refuse a client and all of its tokens, of both protocols, within ` + spoken(oauth.ClientAge) + `. Its
sessions are kept: client enable lets those go on that have not ended by then.

It asks before; without a terminal it needs --yes.
` + targetHelp,
		Example: `  gatehouse client disable mobile --stack gatehouse`,
	})
}

func (p *program) clientEnableCommand() *cobra.Command {
	return stateCommand(false, p.setClientState, &cobra.Command{
		Use:   "enable ID",
		Short: "Let a client that was disabled go on",
		Long: `Let a client that was disabled go on, within ` + spoken(oauth.ClientAge) + `, with its secret and with those of
its sessions that have not ended.
` + targetHelp,
		Example: `  gatehouse client enable mobile --stack gatehouse`,
	})
}

func (p *program) setClientState(ctx context.Context, a *act, id string, disabled bool) error {
	where, store, err := p.openRecords(ctx, a.target)
	if err != nil {
		return err
	}
	if disabled {
		if err := p.agreeToDisable(ctx, store, id, a.yes); err != nil {
			return err
		}
	}
	before, after, err := p.changeClient(ctx, store, id, func(c *oauth.Client) error {
		c.Disabled = disabled
		return nil
	})
	if err != nil {
		return err
	}
	if before.Disabled == disabled {
		return p.tellClient(a.asJSON, &after, false, state(disabled)+" already")
	}
	event := audit.Event{Name: audit.ClientEnabled, Client: id}
	if disabled {
		event.Name = audit.ClientDisabled
	}
	p.audit(ctx, where, event)
	return p.tellClient(a.asJSON, &after, true, state(disabled))
}

// agreeToDisable asks, unless the client is disabled already.
func (p *program) agreeToDisable(ctx context.Context, store records, id string, yes bool) error {
	client, err := findClient(ctx, store, id)
	if err != nil || client.Disabled {
		return err
	}
	return p.agree(ctx, "has client "+shown(id)+" and all of its tokens refused", yes)
}

func (p *program) clientDeleteCommand() *cobra.Command {
	var a act
	c := &cobra.Command{
		Use:   "delete ID",
		Short: "Delete a client for good",
		Long: `Delete a client for good. It and all of its tokens are refused within ` + spoken(oauth.ClientAge) + `, and
nobody can have its secret again. Its sessions stay in the table, of no use, until
their time is over; a client that is created with the same id before that would take
them over. client disable does the same, and can be undone.

It asks for the id again; without a terminal it needs --yes.
` + targetHelp,
		Example: `  gatehouse client delete mobile --stack gatehouse
  gatehouse client delete mobile --stack gatehouse --yes`,
		Args: exactly(1, 1),
		RunE: func(c *cobra.Command, args []string) error { return p.deleteClient(c.Context(), &a, args[0]) },
	}
	a.addFlags(c)
	a.addAsking(c)
	return c
}

func (p *program) deleteClient(ctx context.Context, a *act, id string) error {
	where, store, err := p.openRecords(ctx, a.target)
	if err != nil {
		return err
	}
	client, err := findClient(ctx, store, id)
	if err != nil {
		return err
	}
	if err := p.confirm(ctx, "Deleting client "+shown(id), id, a.yes); err != nil {
		return err
	}
	if err := store.DeleteClient(ctx, id); err != nil {
		return fmt.Errorf("delete client %q: %w", oauth.Printable(id), rootCause(err))
	}
	p.audit(ctx, where, audit.Event{Name: audit.ClientDeleted, Client: id})
	return p.tellClient(a.asJSON, &client, true, "deleted")
}
