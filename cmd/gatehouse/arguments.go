package main

import (
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// settled are args as the flags of pflag want them.
func settled(args []string) []string { return namesLast(joinLocal(args)) }

// joinLocal makes --local=ADDR of --local ADDR: the flag can be without an
// address, so what follows it would be taken for an argument.
func joinLocal(args []string) []string {
	var joined []string
	for i, arg := range args {
		if arg == "--" {
			return append(joined, args[i:]...)
		}
		if _, isAddr := localPort(arg); isAddr && i > 0 && args[i-1] == "--local" {
			joined[len(joined)-1] += "=" + arg
			continue
		}
		joined = append(joined, arg)
	}
	return joined
}

// namesLast puts the ids of sessions that begin with a hyphen, as one in 64 does,
// behind all flags: they would be taken for some.
func namesLast(args []string) []string {
	isName := func(arg string) bool {
		_, err := oauth.ParseSessionID(arg)
		return err == nil && strings.HasPrefix(arg, "-")
	}
	if len(args) == 0 || args[0] != "session" || slices.Contains(args, "--") || !slices.ContainsFunc(args, isName) {
		return args
	}
	names := slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return !isName(arg) })
	others := slices.DeleteFunc(slices.Clone(args), isName)
	return slices.Concat(others, []string{"--"}, names)
}
