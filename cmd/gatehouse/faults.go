package main

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gatehouse/internal/oauth"
)

// oneLine is what an error says to people: without the names of packages, which
// are for logs.
func oneLine(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	names := regexp.MustCompile(`(^|: |; )(?:apigateway|audit|authenticator|dynamodb|local|oauth|oauth1|oauth2|operator|password|proxy|seal): `)
	return names.ReplaceAllString(text, "$1")
}

// flagFault is what is wrong with a flag, in words of our own: those of the
// libraries that parse numbers and lists say how they do it.
func flagFault(c *cobra.Command, err error) error {
	text := err.Error()
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		text = fmt.Sprintf("--%s takes %s, not %q", wrong.GetFlag().Name, takes(wrong.GetFlag().Value.Type()), oauth.Printable(wrong.GetValue()))
	}
	return usage("%s; see %s --help", text, c.CommandPath())
}

// takes says what a flag of a type of pflag takes.
func takes(kind string) string {
	switch kind {
	case "bool":
		return "true or false, or nothing"
	case "int":
		return "a number"
	case "duration":
		return "a time such as 90s or 5m"
	}
	return "values with commas between them, and quotes around the whole of a value that has some"
}

// exactly refuses another number of arguments, with the usage.
func exactly(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) >= least && len(args) <= most {
			return nil
		}
		hint := ""
		if local := c.Flags().Lookup("local"); len(args) > most && local != nil && local.Changed {
			hint = "; after --local there can be the address of a server on this machine, such as " + defaultAddr
		}
		return usage("usage: %s; see --help%s", c.UseLine(), hint)
	}
}

// atLeast refuses fewer arguments, with the usage.
func atLeast(least int) cobra.PositionalArgs { return exactly(least, math.MaxInt) }
