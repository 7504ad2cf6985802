package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/internal/importer"
	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

// importOptions are the flags of import.
type importOptions struct {
	target
	format, kind, report, state string
	grants, scopes              []string
	parallel                    int
	dryRun, asJSON              bool
}

func (p *program) importCommand() *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "Import clients, users and OAuth 1.0 tokens of an older provider",
		Long: `Import clients with their secrets, users with their password hashes, and OAuth 1.0
tokens with their secrets, which apps go on to use unchanged. Secrets are sealed.

A FILE is one of these, by its name or --format; - is standard input.
  CSV    a line with the names of the columns, then a record on each line; lists are
         separated by spaces. The column type says client, user or token, or --type.
  JSON   a record on each line, an object with such a field, or a seed file.
         Also hashes of Redis: {"hash": KEY, "fields": what HGETALL gives}
  SQL    a dump of mysqldump, pg_dump or sqlite3.
The fields are those of a seed file: see docs/migration.md. SQL, and CSV with such
columns, has the tables oauth_apps, oauth_consumer_tokens and oauth_user_tokens of the
older xAuth provider, which may be in files of their own. Clients that come without
get --grants and --scopes.

Nothing that is there is written over: the same again is no change, and what differs
is refused. But a user who changed the password at the older provider, and never signed
in here, gets the new one. A record that is refused stops none of the others. Ctrl-C, or
a fault, keeps what was written: run the same command again to go on. With --state that
passes over what was done and is the same yet, also what was revoked or deleted since.
The file of --state is of one deployment.

--dry-run checks and looks up everything, and writes nothing. The exit code is 1 when
any record was refused; --report lists them by file, line and field.
` + targetHelp + keysHelp,
		Example: `  gatehouse import tokens.csv --type token --stack gatehouse --dry-run
  gatehouse import dump.sql --grants xauth,token_exchange --scopes read,write --stack gatehouse --state done.jsonl --report refused.jsonl
  gatehouse import users.jsonl clients.jsonl --stack gatehouse`,
		Args: atLeast(1),
		RunE: func(c *cobra.Command, args []string) error { return p.importFiles(c.Context(), &o, args) },

		ValidArgsFunction: files,
	}
	o.addFlags(c)
	return c
}

func (o *importOptions) addFlags(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&o.format, "format", "", "format of the files: csv, json or sql (default: by their names)")
	flags.StringVar(&o.kind, "type", "", "type of the records of CSV without a column for it: client, user or token")
	flags.StringSliceVar(&o.grants, "grants", []string{string(oauth.GrantXAuth)}, "grants of clients that come without, separated by commas")
	flags.StringSliceVar(&o.scopes, "scopes", nil, "scopes of clients that come without, separated by commas")
	flags.BoolVar(&o.dryRun, "dry-run", false, "write nothing")
	flags.StringVar(&o.report, "report", "", "file for a line of JSON about each record that was refused")
	flags.StringVar(&o.state, "state", "", "file that remembers what was done, for the next run")
	flags.IntVar(&o.parallel, "parallel", 32, "how many records to write at once, 1 to 256")
	flags.BoolVar(&o.asJSON, "json", false, "print JSON")
	o.addKeysFlags(c)
}

func (p *program) importFiles(ctx context.Context, o *importOptions, files []string) (err error) {
	ctx, stop := untilInterrupted(ctx)
	defer stop()
	if err := o.checkApart(files); err != nil {
		return err
	}
	in, err := p.readImport(o, files)
	if err != nil {
		return err
	}
	report, err := openReport(o.report)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, report.close()) }()
	result, fault := p.writeImport(ctx, o, in)
	if result == nil {
		return fault
	}
	if err := p.reportImport(o, in, result, report); err != nil {
		return errors.Join(fault, err)
	}
	if refused := len(result.Refused); fault == nil && refused > 0 {
		return fmt.Errorf("%s of %s refused", counted(refused), plural(in.Total(), "record"))
	}
	return fault
}

// readImport reads all files; each is in memory once.
func (p *program) readImport(o *importOptions, files []string) (*importer.Input, error) {
	if o.parallel < 1 || o.parallel > 256 {
		return nil, usage("--parallel takes a number from 1 to 256, not %d", o.parallel)
	}
	kind, format := importer.Kind(o.kind), importer.Format(o.format)
	if o.kind != "" && !slices.Contains(importer.Kinds(), kind) {
		return nil, usage("--type takes client, user or token, not %q", o.kind)
	}
	if o.format != "" && !slices.Contains(importer.Formats(), format) {
		return nil, usage("--format takes csv, json or sql, not %q", o.format)
	}
	defaults, err := o.defaults()
	if err != nil {
		return nil, err
	}
	var sources []importer.Source
	for _, file := range files {
		source := importer.Source{Name: file, Format: format, Kind: kind}
		if format == "" {
			source.Format = importer.FormatOf(file)
		}
		if source.Format == "" {
			return nil, usage("what is in %s? its name does not say, so give --format csv, json or sql", file)
		}
		if source.Text, err = p.readFile(file); err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	return importer.Read(sources, defaults)
}

// defaults are what clients get that come without, checked though all may have
// their own.
func (o *importOptions) defaults() (importer.Defaults, error) {
	defaults := importer.Defaults{Scopes: o.scopes}
	for _, grant := range o.grants {
		defaults.Grants = append(defaults.Grants, oauth.Grant(grant))
	}
	var fault *seed.FieldError
	if errors.As(defaults.Check(), &fault) {
		field, _, _ := strings.Cut(fault.Field, "[")
		return defaults, usage("--%s: %s", field, fault.Reason)
	}
	return defaults, nil
}
