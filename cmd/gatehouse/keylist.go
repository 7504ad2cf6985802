package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// keysView is a keyring as key list --json prints it.
type keysView struct {
	Keys []keyView `json:"keys"`
	Lost []string  `json:"clients_without_secret,omitempty"` // whose key is not there
	lost []seal.KeyID
}

// keyView is a key without what it is.
type keyView struct {
	Key     string     `json:"key"`
	State   string     `json:"state"`
	From    *time.Time `json:"from,omitempty"`    // when it takes over
	Clients *int       `json:"clients,omitempty"` // that need it; nil: nobody looked
}

func (p *program) keyListCommand() *cobra.Command {
	var t target
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the keys, and how many clients need each",
		Long: `List the keys of a keyring: id, state, and how many clients have a secret that is
derived from the key or sealed with it. The current key makes what is new; the next
one takes over at the time that is shown; what older ones made is still good.

With --keys and no deployment the clients are left out. --json prints key, state
(current, next or older), from and clients of each, and in clients_without_secret
the ids of those whose key is not there.
` + targetHelp + keysHelp,
		Example: `  gatehouse key list --stack gatehouse
  gatehouse key list --keys gatehouse-keys.json`,
		Args: exactly(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return p.listKeys(c.Context(), t, asJSON) },
	}
	t.addKeysFlags(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (p *program) listKeys(ctx context.Context, t target, asJSON bool) error {
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
	view := kept.view(clients, counted)
	if asJSON {
		return p.printJSON(view)
	}
	return p.printKeys(view)
}

// view is what is known of the keys and of the clients that need them.
func (k *keptKeys) view(clients []oauth.Client, counted bool) keysView {
	needs := map[seal.KeyID]int{}
	var view keysView
	for i := range clients {
		id := seal.ClientKey(&clients[i])
		if needs[id]++; !clients[i].Public && !slices.Contains(k.keys.IDs(), id) {
			view.Lost, view.lost = append(view.Lost, clients[i].ID), append(view.lost, id)
		}
	}
	for _, id := range k.keys.IDs() {
		key := k.viewOf(id)
		if count := needs[id]; counted {
			key.Clients = &count
		}
		view.Keys = append(view.Keys, key)
	}
	return view
}

// viewOf is one key, whatever clients need it.
func (k *keptKeys) viewOf(id seal.KeyID) keyView {
	view := keyView{Key: id.String(), State: k.stateName(id)}
	if _, from := k.keys.Next(); view.State == keyNext {
		view.From = instant(from)
	}
	return view
}

func (v *keyView) stateText() string {
	if v.From != nil {
		return v.State + ", from " + moment(*v.From)
	}
	return v.State
}

func (p *program) printKeys(view keysView) error {
	heading := []string{"key", "state"}
	if view.Keys[0].Clients != nil {
		heading = append(heading, "clients")
	}
	table := p.newTable(heading...)
	for _, key := range view.Keys {
		cells := []string{key.Key, key.stateText()}
		if key.Clients != nil {
			cells = append(cells, strconv.Itoa(*key.Clients))
		}
		table.row(cells...)
	}
	err := table.flush()
	for i, client := range view.Lost {
		fmt.Fprintf(p.out, "client %s has no secret: its key %s is not there\n", oauth.Printable(client), view.lost[i])
	}
	return err
}
