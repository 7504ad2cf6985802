package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/audit"
	"gatehouse/internal/deployment"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// openKept reads the keyring of a file, or else of a deployment's secret.
func (p *program) openKept(ctx context.Context, t target) (*keptKeys, error) {
	if t.keys != "" {
		return p.keysOfFile(t.keys)
	}
	where, err := p.locate(ctx, t, t.secret()...)
	if err != nil {
		return nil, err
	}
	kept, err := where.openKeys(ctx)
	if err != nil {
		return nil, err
	}
	kept.where = where
	return kept, nil
}

// changeKeys writes the keyring anew, and what was done to which key.
func (p *program) changeKeys(ctx context.Context, kept *keptKeys, newer []byte, did audit.Name, what string) error {
	if err := kept.write(ctx, newer); err != nil {
		return err
	}
	p.audit(ctx, kept.where, audit.Event{Name: did, Reason: what})
	return nil
}

func (p *program) keyListCommand() *cobra.Command {
	var t target
	c := &cobra.Command{
		Use:   "list",
		Short: "List the keys, and how many clients need each",
		Long: `List the keys of a keyring: id, state, and how many clients have a secret that is
derived from the key or sealed with it. The current key makes what is new; the next
one takes over at the time that is shown; what older ones made is still good.

With --keys and no deployment the clients are left out.
` + targetHelp + keysHelp,
		Example: `  gatehouse key list --stack gatehouse
  gatehouse key list --keys gatehouse-keys.json`,
		Args: exactly(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return p.listKeys(c.Context(), t) },
	}
	t.addKeysFlags(c)
	return c
}

func (p *program) listKeys(ctx context.Context, t target) error {
	counted := t.keys == "" || t.stack != "" || p.env("REGISTRY_TABLE") != ""
	var clients []oauth.Client
	if counted {
		registry, err := p.openRegistry(ctx, t)
		if err != nil {
			return err
		}
		if clients, err = registry.AllClients(ctx); err != nil {
			return fmt.Errorf("list the clients: %w", err)
		}
	}
	kept, err := p.openKept(ctx, t)
	if err != nil {
		return err
	}
	return p.printKeys(kept, clients, counted)
}

func (p *program) openRegistry(ctx context.Context, t target) (records, error) {
	where, err := p.locate(ctx, t, t.variables()...)
	if err != nil {
		return nil, err
	}
	return where.open(ctx)
}

func (p *program) printKeys(kept *keptKeys, clients []oauth.Client, counted bool) error {
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	row := func(id, state, count string) {
		if counted {
			state += "\t" + count
		}
		fmt.Fprintf(table, "%s\t%s\n", id, state)
	}
	row("key", "state", "clients")
	needs := map[seal.KeyID][]string{}
	for i := range clients {
		id := seal.ClientKey(&clients[i])
		needs[id] = append(needs[id], clients[i].ID)
	}
	for _, id := range kept.keys.IDs() {
		row(id.String(), kept.state(id), strconv.Itoa(len(needs[id])))
		delete(needs, id)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for i := range clients {
		if id := seal.ClientKey(&clients[i]); !clients[i].Public && len(needs[id]) > 0 {
			fmt.Fprintf(p.out, "client %s has no secret: its key %s is not there\n", oauth.Printable(clients[i].ID), id)
		}
	}
	return nil
}

func (k *keptKeys) state(id seal.KeyID) string {
	next, from := k.keys.Next()
	switch id {
	case k.keys.Current():
		return "current"
	case next:
		return "next, from " + moment(from)
	}
	return "older"
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func (p *program) keyRotateCommand() *cobra.Command {
	var t target
	var atOnce bool
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Add a key, which takes over when every function knows it",
		Long: `Add a random key to the keyring. It takes over in ` + spoken(deployment.TakeoverWait) + `: functions that run read
the keyring again within ` + spoken(deployment.KeysAge) + `, so that none meets a token of a key that it has
yet to learn of. What older keys made stays good, until they are retired.

--now is for an emergency: the key takes over at once, and so does one that waits
to. A function that has yet to learn of it may refuse what it made for up to half a
minute.

Whoever calls it needs to read the secret, to put versions of it and to move their
labels: secretsmanager:GetSecretValue, PutSecretValue and UpdateSecretVersionStage.
` + targetHelp + keysHelp,
		Example: `  gatehouse key rotate --stack gatehouse
  gatehouse key rotate --keys gatehouse-keys.json`,
		Args: exactly(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return p.rotateKeys(c.Context(), t, atOnce) },
	}
	t.addKeysFlags(c)
	c.Flags().BoolVar(&atOnce, "now", false, "take over at once, in an emergency")
	return c
}

// spoken is a number of minutes for people.
func spoken(d time.Duration) string {
	if d == time.Minute {
		return "a minute"
	}
	return fmt.Sprintf("%.0f minutes", d.Minutes())
}

func (p *program) rotateKeys(ctx context.Context, t target, atOnce bool) error {
	kept, err := p.openKept(ctx, t)
	if err != nil {
		return err
	}
	if next, from := kept.keys.Next(); next != 0 {
		if atOnce {
			return p.hasten(ctx, kept, next, from)
		}
		return fmt.Errorf("key %s is yet to take over, at %s: wait for that, or let it take over with --now", next, moment(from))
	}
	key, err := p.newKey()
	if err != nil {
		return err
	}
	from := kept.now
	if !atOnce {
		from = from.Add(deployment.TakeoverWait)
	}
	text, id, err := seal.AddKey(kept.text, key, kept.now, from)
	if errors.Is(err, seal.ErrNoKeyID) {
		return errors.New("the keyring has a key of the highest id there is, so none can follow it")
	}
	if err != nil {
		return err
	}
	if err := p.changeKeys(ctx, kept, text, audit.KeyRotated, fmt.Sprintf("key %s from %s", id, moment(from))); err != nil {
		return err
	}
	if atOnce {
		return p.sayTakenOver(id)
	}
	_, err = fmt.Fprintf(p.out, "key %s\nIt takes over from key %s at %s, in %s, when every function knows it.\n"+
		"What older keys made stays good until you retire them: see gatehouse key retire --help\n",
		id, kept.keys.Current(), moment(from), spoken(deployment.TakeoverWait))
	return err
}

// hasten lets the next key take over before its time.
func (p *program) hasten(ctx context.Context, kept *keptKeys, next seal.KeyID, from time.Time) error {
	text, err := seal.Advance(kept.text, from)
	if err != nil {
		return err
	}
	if err := p.changeKeys(ctx, kept, text, audit.KeyRotated, fmt.Sprintf("key %s from %s", next, moment(kept.now))); err != nil {
		return err
	}
	return p.sayTakenOver(next)
}

func (p *program) sayTakenOver(id seal.KeyID) error {
	_, err := fmt.Fprintf(p.out, "key %s\nIt is the current key. Functions that run use it within %s.\n", id, spoken(deployment.KeysAge))
	return err
}
