package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// errDead is a token that is not live.
var errDead = errors.New("the token is not live")

// tokenOptions are the flags of token inspect.
type tokenOptions struct {
	target
	variable        string
	offline, asJSON bool
}

func (p *program) tokenInspectCommand() *cobra.Command {
	var o tokenOptions
	c := &cobra.Command{
		Use:   "inspect",
		Short: "Say what a token is, and whether and why it is live",
		Long: `Say what a token is: an OAuth 2 access or refresh token, or an OAuth 1.0 token, which
may be one that an older provider issued and that was imported; which key made it, and of which session and generation it is; whether it is live now, and
if not, why: it expired, a refresh replaced it, it was killed and by what, its session
was revoked, or its client is disabled. The token is not used by that, and no part of
it that could be is printed.

The token is on standard input, or in the variable that --env names. As an argument
it would be in the list of processes, which all users of a machine can read: then it
works too, with a warning.

--offline looks at the keyring alone: what the token is, and whether a key made it.

The exit code is 22 when the token is not live, or, with --offline, when no key of the
keyring made it. reason of --json is one of malformed, unknown, unknown_key, forged,
session_gone, session_expired, expired, replaced, killed, not_yet_issued,
other_protocol, client_gone, client_disabled, oauth1_ended and refused.
` + targetHelp + keysHelp,
		Example: `  gatehouse token inspect --stack gatehouse < token.txt
  gatehouse token inspect --local --env GATEHOUSE_BEARER
  printf %s "$TOKEN" | gatehouse token inspect --stack gatehouse --json
  gatehouse token inspect --offline --keys gatehouse-keys.json`,
		Args: exactly(0, 1),
		RunE: func(c *cobra.Command, args []string) error { return p.inspectToken(c.Context(), &o, args) },
	}
	o.addKeysFlags(c)
	c.Flags().StringVar(&o.variable, "env", "", "name of the environment variable that has the token")
	c.Flags().BoolVar(&o.offline, "offline", false, "look at the keyring alone")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	return c
}

func (p *program) inspectToken(ctx context.Context, o *tokenOptions, args []string) error {
	inspector, err := p.openInspector(ctx, o)
	if err != nil {
		return err
	}
	token, err := p.presentedToken(ctx, o.variable, args)
	if err != nil {
		return err
	}
	found, err := inspector.inspect(ctx, token)
	if err != nil {
		return err
	}
	if o.asJSON {
		err = p.printJSON(found)
	} else {
		err = p.printInspection(found)
	}
	if err == nil && found.Live != nil && !*found.Live {
		err = fmt.Errorf("%w: %s", errDead, found.Reason)
	}
	return err
}

// openInspector reads the keyring, and reaches the store unless nobody asks it.
func (p *program) openInspector(ctx context.Context, o *tokenOptions) (*inspector, error) {
	found := &inspector{now: p.clock()}
	if !o.offline {
		where, err := p.locate(ctx, o.target, o.variables()...)
		if err != nil {
			return nil, err
		}
		if found.grace, err = where.grace(); err != nil {
			return nil, err
		}
		if found.store, err = where.open(ctx); err != nil {
			return nil, err
		}
	}
	var err error
	found.keys, err = p.openKept(ctx, o.target)
	return found, err
}

// presentedToken reads a token from where it is.
func (p *program) presentedToken(ctx context.Context, variable string, args []string) (token string, err error) {
	switch {
	case len(args) > 0 && variable != "":
		return "", usage("there is more than one token: an argument, and --env")
	case len(args) > 0:
		p.say("warning: other users of this machine can read arguments: give the token on standard input, or by --env")
		token = args[0]
	case variable != "":
		if token = p.env(variable); token == "" {
			return "", usage("--env: variable %s is not set", variable)
		}
	default:
		if token, err = p.askPassword(ctx, "token", false); err != nil {
			return "", err
		}
	}
	if token = withoutScheme(token); token == "" {
		return "", usage("which token? give it on standard input, or name its variable with --env")
	}
	return token, nil
}

// withoutScheme is the token of what may be a whole header (RFC 9110 §11.6.2).
func withoutScheme(text string) string {
	text = strings.TrimSpace(text)
	if name, value, isHeader := strings.Cut(text, ":"); isHeader && strings.EqualFold(name, "Authorization") {
		text = strings.TrimSpace(value)
	}
	scheme, token, _ := strings.Cut(text, " ")
	if strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "DPoP") {
		return strings.TrimSpace(token)
	}
	return text
}

func (p *program) printInspection(i *inspection) error {
	table := p.newFields("token", i.kindText())
	if i.Kind != "" {
		table.row("key", i.Key+", "+i.keyText())
		table.row("session", i.Session)
		table.row("generation", strconv.FormatUint(uint64(*i.Generation), 10))
	}
	if i.Live != nil {
		table.row("live", yesNo(*i.Live))
	}
	if i.Detail != "" {
		table.row("because", i.Detail)
	}
	if v := i.Found; v != nil {
		table.row("client", v.Client)
		table.row("user", v.whose())
		if i.Known {
			table.row("scope", i.Scope)
			table.row("ends", untilText(i.Ends))
		}
		v.addTimes(table)
		table.row("bound to", v.bindingText())
		v.addKilled(table)
	}
	return table.flush()
}

func (i *inspection) kindText() string {
	if i.Kind == "" {
		return "none"
	}
	return strings.ReplaceAll(strings.Replace(i.Kind, "oauth1", "OAuth 1.0", 1), "_", " ")
}

// keyText says what is known of the key that a token names.
func (i *inspection) keyText() string {
	switch {
	case i.Kind == kindImported:
		return i.KeyState + ", which sealed its secret"
	case i.KeyState == keyMissing:
		return "which the keyring does not have"
	case !i.Made:
		return i.KeyState + ", which did not make it"
	}
	return i.KeyState + ", which made it"
}
