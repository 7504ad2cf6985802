package main

import (
	"errors"
	"fmt"
)

// Exit codes.
const (
	exitFine    = 0
	exitFailure = 1
	exitUsage   = 2  // flags or arguments are wrong
	exitMissing = 3  // the client, user, session or key that was named is not there
	exitRefused = 22 // `request` was answered with status 400 or more, as curl -f has it; `doctor` found a mistake; the token of `token inspect` is not live
)

// errRefused is an answer of status 400 or more.
var errRefused = errors.New("the request was refused")

// ending is an error with the exit code that it ends the program with.
type ending struct {
	error
	code int
}

// Unwrap returns the error itself.
func (e *ending) Unwrap() error { return e.error }

// usage is what is wrong with flags or arguments, and how it is mended.
func usage(format string, args ...any) error {
	return &ending{fmt.Errorf(format, args...), exitUsage}
}

// missing says that what was named is not there.
func missing(format string, args ...any) error {
	return &ending{fmt.Errorf(format, args...), exitMissing}
}

// exitCode is what the program ends with after err.
func exitCode(err error) int {
	var ends *ending
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errRefused) || errors.Is(err, errWrong) || errors.Is(err, errDead):
		return exitRefused
	case errors.As(err, &ends):
		return ends.code
	}
	return exitFailure
}
