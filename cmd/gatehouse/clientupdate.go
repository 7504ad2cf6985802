package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/internal/audit"
	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

// updateOptions are the flags of client update.
type updateOptions struct {
	act
	clientFlags
	file string
}

func (p *program) clientUpdateCommand() *cobra.Command {
	var o updateOptions
	c := &cobra.Command{
		Use:   "update ID {FLAGS | --file FILE}",
		Short: "Change what a client may do",
		Long: `Change what the flags say of a client, leave all else as it is, and print what
changed. A list that is given takes the place of the whole list; an empty value
clears: --origin '' lets any page use the client, --binding '' is as the deployment
says.

--file takes the place of the whole client by what client show --json printed, with
your changes; - is standard input. It is refused when another changed the client
since, by its revision. The secret stays: see client rotate-secret.

Functions see a change within ` + spoken(oauth.ClientAge) + `. Sessions that have begun keep the scopes that
they were granted; what they are bound to follows at their next refresh. --json prints
client, as client show --json does, and changed.
` + targetHelp,
		Example: `  gatehouse client update mobile --stack gatehouse --scopes read,write
  gatehouse client update mobile --stack gatehouse --origin ''
  gatehouse client show mobile --stack gatehouse --json > mobile.json
  gatehouse client update mobile --stack gatehouse --file mobile.json`,
		Args: exactly(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			change, err := p.clientChange(&o, args[0], c.Flags().Changed)
			if err != nil {
				return err
			}
			return p.updateClient(c.Context(), &o.act, args[0], change)
		},
	}
	o.clientFlags.add(c.Flags())
	c.Flags().StringVar(&o.file, "file", "", "JSON file of the whole client, as client show --json prints it; - is standard input")
	o.addJSON(c)
	o.addFlags(c)
	return c
}

// clientChange is what flags or a file make of a client.
func (p *program) clientChange(o *updateOptions, id string, given func(string) bool) (func(*oauth.Client) error, error) {
	changes := slices.ContainsFunc(clientFlagNames(), given)
	switch {
	case changes && o.file != "":
		return nil, usage("--file says all of the client: give it or the other flags")
	case o.file != "":
		return p.changeByFile(o.file, id)
	case !changes:
		return nil, usage("what is to change? see client update --help")
	}
	return func(client *oauth.Client) error {
		written := seed.Written(client)
		if err := o.change(&written, given); err != nil {
			return err
		}
		if err := written.Check(); err != nil {
			return asFlag(err)
		}
		return written.Change(client)
	}, nil
}

// changeByFile is the change to what a file says.
func (p *program) changeByFile(path, id string) (func(*oauth.Client) error, error) {
	text, err := p.readFile(path)
	if err != nil {
		return nil, fmt.Errorf("--file: %w", err)
	}
	var file shownClient
	if err := seed.Decode(text, &file); err != nil {
		return nil, usage("--file: %w", err)
	}
	switch {
	case file.ID != id:
		return nil, usage("--file is of client %q, not %q: an id never changes", oauth.Printable(file.ID), oauth.Printable(id))
	case file.Secret != "":
		return nil, usage("--file: secret: see client rotate-secret --secret-stdin")
	case file.Revision == 0:
		return nil, usage("--file: revision: is missing; client show --json prints it")
	}
	if err := file.Check(); err != nil {
		return nil, usage("--file: %w", err)
	}
	return func(client *oauth.Client) error {
		switch {
		case file.Revision != client.Revision:
			return fmt.Errorf("the file is of revision %d of the client, which has revision %d by now: begin with client show --json again", file.Revision, client.Revision)
		case file.Public != client.Public:
			return usage("--file: public: a client stays public or confidential; create another")
		}
		return file.Change(client)
	}, nil
}

// readFile reads a file, or standard input where that is -.
func (p *program) readFile(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(p.in)
	}
	return os.ReadFile(path) // #nosec G304 -- the file that its user names
}

func (p *program) updateClient(ctx context.Context, a *act, id string, change func(*oauth.Client) error) error {
	where, store, err := p.openRecords(ctx, a.target)
	if err != nil {
		return err
	}
	before, after, err := p.changeClient(ctx, store, id, change)
	if err != nil {
		return err
	}
	if before.Equal(&after) {
		return p.tellClient(a.asJSON, &after, false, "so already")
	}
	p.audit(ctx, where, audit.Event{Name: audit.ClientUpdated, Client: id})
	return p.printChange(&before, &after, a.asJSON)
}

// printChange says what changed, and where that takes effect later.
func (p *program) printChange(before, after *oauth.Client, asJSON bool) error {
	was, is := seed.Written(before), seed.Written(after)
	old := fieldsOf(&was)
	text := fmt.Sprintf("client %s\n", shown(after.ID))
	for i, field := range fieldsOf(&is) {
		if field != old[i] {
			text += fmt.Sprintf("  %s: %s -> %s\n", field.name, shown(old[i].value), shown(field.value))
		}
	}
	err := p.tell(asJSON, clientOutcome{Client: show(after), Changed: true}, text)
	p.say("Functions see it within %s.", spoken(oauth.ClientAge))
	if !oauth.Covers(after.Scopes, before.Scopes) {
		p.say("Sessions that have begun keep the scopes that they were granted, until they end: end those of a user with user sign-out.")
	}
	if before.Binding != after.Binding {
		p.say("Sessions that have begun are bound as before until their next refresh; OAuth 1.0 tokens, which have none, until they end.")
	}
	if before.Allows(oauth.GrantRefreshToken) && !after.Allows(oauth.GrantRefreshToken) {
		p.say("Sessions that have begun cannot be refreshed any more, and end with their access tokens.")
	}
	return err
}
