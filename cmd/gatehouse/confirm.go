package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
)

var errUnconfirmed = errors.New("nothing was done")

// confirm asks a person to type name before what cannot be undone, unless yes
// says that they have made up their mind.
func (p *program) confirm(ctx context.Context, what, name string, yes bool) error {
	if yes {
		return nil
	}
	if !isTerminal(p.in) {
		return fmt.Errorf("%s cannot be undone, and there is no terminal to ask: give --yes", what)
	}
	return p.askFor(ctx, what, name)
}

// askFor reads a line, which must be name.
func (p *program) askFor(ctx context.Context, what, name string) error {
	ctx, stop := untilInterrupted(ctx)
	defer stop()
	fmt.Fprintf(p.err, "%s cannot be undone. Type %s to go on: ", what, name)
	typed, err := await(ctx, func() (string, error) {
		lines := bufio.NewScanner(p.in)
		lines.Scan()
		return lines.Text(), lines.Err()
	})
	if err != nil {
		return err
	}
	if typed != name {
		return errUnconfirmed
	}
	return nil
}
