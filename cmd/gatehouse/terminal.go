package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// progress tells a person at a terminal how far something long is, in a line that
// the next one replaces; a log has no use for that.
func (p *program) progress(format string, args ...any) {
	if isTerminal(p.err) {
		fmt.Fprintf(p.err, "\r\x1b[K"+format+"\r", args...)
	}
}

// tick is how often a person at a terminal is told how long to wait yet.
const tick = time.Second

// wait sleeps for as long as d, and says to people how long it takes yet.
func (p *program) wait(ctx context.Context, d time.Duration) error {
	for isTerminal(p.err) && d > tick {
		p.progress("%s to go", d)
		if err := p.sleep(ctx, tick); err != nil {
			return err
		}
		d -= tick
	}
	p.progress("")
	return p.sleep(ctx, d)
}

// askPassword asks a person without showing what is typed, twice where a
// mistake would last. Without a terminal it reads one line of standard input.
func (p *program) askPassword(ctx context.Context, what string, twice bool) (string, error) {
	if !isTerminal(p.in) {
		return p.readPassword()
	}
	first, err := p.prompt(ctx, what)
	if err != nil || !twice {
		return first, err
	}
	second, err := p.prompt(ctx, what+", again")
	if err == nil && first != second {
		err = errors.New("the two are not the same")
	}
	return first, err
}

// prompt leaves the terminal as it found it, with Ctrl-C too: whoever typed in
// the dark could not see what they type next.
func (p *program) prompt(ctx context.Context, what string) (string, error) {
	terminal := int(p.in.(*os.File).Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return "", err
	}
	ctx, stop := untilInterrupted(ctx)
	defer stop()
	fmt.Fprintf(p.err, "%s: ", what)
	defer fmt.Fprintln(p.err)
	text, err := await(ctx, func() (string, error) {
		typed, err := term.ReadPassword(terminal)
		return string(typed), err
	})
	if errors.Is(err, errInterrupted) {
		err = errors.Join(err, term.Restore(terminal, before))
	}
	return text, err
}

// await returns what read does, or errInterrupted when ctx is done first; read
// then goes on until the program ends.
func await(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return "", errInterrupted
	}
}

// readPassword takes all of standard input, without the end of its last line.
func (p *program) readPassword() (string, error) {
	text, err := io.ReadAll(p.in)
	if err != nil {
		return "", fmt.Errorf("standard input: %w", err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}
