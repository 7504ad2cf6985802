package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/importer"
	"gatehouse/internal/oauth"
)

// completes adds what shells complete to the commands below root: values of
// flags that take one of some, names of files, and ids where they cost nothing.
func (p *program) completes(root *cobra.Command) {
	// Unless it is said otherwise shells would complete names of files.
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	addScripts(root)
	for _, c := range below(root) {
		for name, values := range closedSets() {
			if c.Flags().Lookup(name) != nil {
				completeFlag(c, name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
					return values, cobra.ShellCompDirectiveNoFileComp
				})
			}
		}
		for name, values := range closedLists() {
			if c.Flags().Lookup(name) != nil {
				completeFlag(c, name, listOf(values))
			}
		}
		for _, name := range []string{"keys", "seed", "http", "file", "rsa-public-key", "report", "state"} {
			if c.Flags().Lookup(name) != nil {
				completeFlag(c, name, files)
			}
		}
		if c.ValidArgsFunction == nil {
			c.ValidArgsFunction = p.completeArguments
		}
	}
}

// addScripts adds the command that prints what shells need, whose mistakes of use
// are told as those of the others.
func addScripts(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		c.Args, c.RunE = cobra.ArbitraryArgs, onlyCommands
		for _, shell := range c.Commands() {
			shell.Args = exactly(0, 0)
		}
	}
}

func below(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, command := range c.Commands() {
		all = append(all, below(command)...)
	}
	return all
}

// completeFlag fails for flags that are not there alone, and who calls it has
// looked.
func completeFlag(c *cobra.Command, name string, complete cobra.CompletionFunc) {
	_ = c.RegisterFlagCompletionFunc(name, complete)
}

func files(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// closedSets are the flags that take one of some values.
func closedSets() map[string][]string {
	return map[string][]string{
		"binding":     texts(oauth.Bindings()),
		"on-mismatch": texts(oauth.OnMismatches()),
		"format":      texts(importer.Formats()),
		"type":        texts(importer.Kinds()),
		"store":       {"memory", "dynamodb"},
	}
}

// closedLists are the flags that take a list of some values.
func closedLists() map[string][]string {
	return map[string][]string{
		"grants":            texts(oauth.Grants()),
		"signature-methods": texts(oauth.SignatureMethods()),
	}
}

func texts[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = string(value)
	}
	return all
}

// listOf completes the last element of a list with commas by what is not in it.
func listOf(values []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) (found []string, _ cobra.ShellCompDirective) {
		before := typed[:strings.LastIndex(typed, ",")+1]
		given := strings.Split(before, ",")
		for _, value := range values {
			if !slices.Contains(given, value) {
				found = append(found, before+value)
			}
		}
		return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completing is how long a shell is kept waiting for ids.
const completing = 2 * time.Second

// completeArguments knows the ids of clients and keys of a server on this
// machine. In a deployment on AWS they are not looked up: to list the clients is
// to read the whole table.
func (p *program) completeArguments(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	flag := c.Flags().Lookup("local")
	if len(args) > 0 || flag == nil || flag.Value.String() == "" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(context.Background(), completing)
	defer cancel()
	ids, err := p.idsOf(ctx, c, flag.Value.String())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// idsOf are those that the command takes of the server at addr.
func (p *program) idsOf(ctx context.Context, c *cobra.Command, addr string) (ids []string, err error) {
	takesID := strings.HasSuffix(c.Use, " ID") && c.Name() != "create"
	kind := c.Parent().Name()
	if !takesID || kind != "client" && kind != "key" {
		return nil, nil
	}
	where, err := p.locateLocal(ctx, addr)
	if err != nil {
		return nil, err
	}
	if kind == "key" {
		kept, err := where.openKeys(ctx)
		if err != nil {
			return nil, err
		}
		for _, id := range kept.keys.IDs() {
			ids = append(ids, id.String()+"\t"+kept.state(id))
		}
		return ids, nil
	}
	store, err := where.open(ctx)
	if err != nil {
		return nil, err
	}
	clients, err := store.AllClients(ctx)
	for i := range clients {
		ids = append(ids, clients[i].ID+"\t"+clients[i].Name)
	}
	return ids, err
}
