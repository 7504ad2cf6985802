package main

import (
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"
)

// listing are the flags of a command that lists what can be many, in pages.
type listing struct {
	target
	limit  int
	after  string
	asJSON bool
}

// addFlags adds those of a list of what.
func (l *listing) addFlags(c *cobra.Command, what string) {
	l.target.addFlags(c)
	flags := c.Flags()
	flags.IntVar(&l.limit, "limit", 0, "how many "+what+" to list (default: all)")
	flags.StringVar(&l.after, "after", "", "where to go on, as the command before said")
	flags.BoolVar(&l.asJSON, "json", false, "print lines of JSON")
}

func (l *listing) checkLimit(what string) error {
	if l.limit < 0 {
		return usage("--limit takes how many %s to list, 0 for all", what)
	}
	return nil
}

// eachPage reads pages of at most size, which follow what is at after, and prints
// them, until there is no more or the limit is reached.
func eachPage[T any](p *program, l *listing, size int, read func(after string, size int) ([]T, string, error), print func([]T) error) error {
	for listed, after := 0, l.after; ; {
		if l.limit > 0 {
			size = min(size, l.limit-listed)
		}
		page, next, err := read(after, size)
		if err != nil {
			return err
		}
		if err := print(page); err != nil {
			return err
		}
		if listed, after = listed+len(page), next; next == "" {
			return nil
		}
		if l.limit > 0 && listed >= l.limit {
			p.say("There are more: --after %s", next)
			return nil
		}
	}
}

// jsonLines returns what prints a page as a line of JSON for each, so that lists
// of any length can be read as they come.
func jsonLines[T, V any](p *program, view func(*T) V) func([]T) error {
	encoder := json.NewEncoder(p.out)
	encoder.SetEscapeHTML(false)
	return func(page []T) (err error) {
		for i := range page {
			err = errors.Join(err, encoder.Encode(view(&page[i])))
		}
		return err
	}
}
