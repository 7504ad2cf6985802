package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// askPassword asks a person without showing what is typed, twice where a
// mistake would last. Without a terminal it reads one line of standard input.
func (p *program) askPassword(what string, twice bool) (string, error) {
	if !isTerminal(p.in) {
		return p.readPassword()
	}
	first, err := p.prompt(what)
	if err != nil || !twice {
		return first, err
	}
	second, err := p.prompt(what + ", again")
	if err == nil && first != second {
		err = errors.New("the two are not the same")
	}
	return first, err
}

func (p *program) prompt(what string) (string, error) {
	fmt.Fprintf(p.err, "%s: ", what)
	text, err := term.ReadPassword(int(p.in.(*os.File).Fd()))
	fmt.Fprintln(p.err)
	return string(text), err
}

// readPassword takes all of standard input, without the end of its last line.
func (p *program) readPassword() (string, error) {
	text, err := io.ReadAll(p.in)
	if err != nil {
		return "", fmt.Errorf("standard input: %w", err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}
