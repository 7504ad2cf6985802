package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
)

var errUnconfirmed = errors.New("nothing was done")

// confirm asks a person to type name before what cannot be undone, unless yes
// says that they have made up their mind.
func (p *program) confirm(ctx context.Context, what, name string, yes bool) error {
	if yes {
		return nil
	}
	if !isTerminal(p.in) {
		return usage("%s cannot be undone, and there is no terminal to ask: give --yes", what)
	}
	return p.askFor(ctx, what, name)
}

// askFor reads a line, which must be name.
func (p *program) askFor(ctx context.Context, what, name string) error {
	typed, err := p.ask(ctx, fmt.Sprintf("%s cannot be undone. Type %s to go on: ", what, shown(name)))
	if err == nil && typed != name {
		err = errUnconfirmed
	}
	return err
}

// agree asks before what ends something that people notice, such as "ends a
// session", unless yes says so already.
func (p *program) agree(ctx context.Context, what string, yes bool) error {
	if yes {
		return nil
	}
	if !isTerminal(p.in) {
		return usage("this %s, and there is no terminal to ask: give --yes", what)
	}
	return p.askWhether(ctx, what)
}

// askWhether reads a line, which must be y or yes.
func (p *program) askWhether(ctx context.Context, what string) error {
	typed, err := p.ask(ctx, fmt.Sprintf("This %s. Go on? [y/N] ", what))
	typed = strings.ToLower(strings.TrimSpace(typed))
	if err == nil && typed != "y" && typed != "yes" {
		err = errUnconfirmed
	}
	return err
}

// ask reads a line of a person.
func (p *program) ask(ctx context.Context, question string) (string, error) {
	ctx, stop := untilInterrupted(ctx)
	defer stop()
	fmt.Fprint(p.err, question)
	return await(ctx, func() (string, error) {
		lines := bufio.NewScanner(p.in)
		lines.Scan()
		return lines.Text(), lines.Err()
	})
}
