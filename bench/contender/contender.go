// Package contender is what the programs have in common whose speed is compared.
// Each reads a turn, does one kind of work over and over, and prints what it
// took. It needs the standard library only.
package contender

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// The kinds of work.
const (
	SignedGet  = "signed-get"   // verify an OAuth 1.0 GET
	SignedForm = "signed-form"  // verify an OAuth 1.0 POST of a form
	Bearer     = "bearer"       // check a bearer token
	Authorizer = "authorizer"   // answer the event of an authorizer
	SlowStore  = "slow-store"   // check an OAuth 1.0 request on a slow store
	SlowInTurn = "slow-in-turn" // the same, one call of the store after the other
)

// How long the calls of a slow store take.
const (
	SlowRead  = 3 * time.Millisecond
	SlowWrite = 5 * time.Millisecond
)

// Turn is what a program gets: the same for all that have the same work.
type Turn struct {
	Work         string    `json:"work"`
	Warm         float64   `json:"warm"` // seconds of work that do not count
	Take         float64   `json:"take"` // seconds of processor time at least
	Client       string    `json:"client"`
	ClientSecret string    `json:"client_secret"`
	Token        string    `json:"token"`
	TokenSecret  string    `json:"token_secret"`
	Base         string    `json:"base"`  // base string of the first request
	Right        []Request `json:"right"` // no two have the same nonce
	Wrong        []Request `json:"wrong"`
	Event        string    `json:"event"` // of an authorizer, with TOKEN for the token
}

// Request is an OAuth 1.0 request. TwoLegged is its Authorization header when
// signed with the client's secret alone, over the same base string, for those
// that know no other.
type Request struct {
	Why           string `json:"why"` // it is wrong
	Method        string `json:"method"`
	URL           string `json:"url"`
	Authorization string `json:"authorization"`
	TwoLegged     string `json:"two_legged"`
	ContentType   string `json:"content_type"`
	Body          string `json:"body"`
}

// Result is what a program prints.
type Result struct {
	Nanoseconds float64  `json:"ns"`     // of processor time for one
	Allocations *float64 `json:"allocs"` // for one; nil: not counted
	Count       int      `json:"count"`
}

// Subject does the work. Right does the nth of the turn and reports whether it
// was accepted, Wrong each does what must be refused.
type Subject struct {
	Right func(n int) bool
	Wrong []func() bool
	Renew func() // forgets the nonces; nil where each may be done again
	Bare  bool   // a limit, which refuses nothing

	Passing bool // what counts is the time that passes, not the processor's
	Batch   int  // how many are done between two looks at the clock; 0: the turn's
}

// Makers make a subject for a turn, by its work.
type Makers map[string]func(t *Turn) (*Subject, error)

// Main is the main function of a program: it reads a turn from standard input.
func Main(makers Makers) {
	if err := run(makers, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(makers Makers, in io.Reader, out io.Writer) error {
	t := &Turn{}
	if err := json.NewDecoder(in).Decode(t); err != nil {
		return fmt.Errorf("decode the turn: %w", err)
	}
	maker, ok := makers[t.Work]
	if !ok {
		return fmt.Errorf("this program does not do %q", t.Work)
	}
	s, err := maker(t)
	if err != nil {
		return err
	}
	if err := s.Prove(); err != nil {
		return err
	}
	if s.Batch == 0 {
		s.Batch = max(len(t.Right), 256)
	}
	result, err := s.measure(seconds(t.Warm), seconds(t.Take))
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Prove has the subject accept what is right and refuse what is wrong, a
// request shown again included. What errs is not measured.
func (s *Subject) Prove() error {
	if s.Bare {
		return nil
	}
	if !s.Right(0) {
		return errors.New("what is right is refused")
	}
	if s.Renew != nil && s.Right(0) {
		return errors.New("a nonce is accepted twice")
	}
	if len(s.Wrong) == 0 {
		return errors.New("there is nothing wrong to refuse")
	}
	for i, wrong := range s.Wrong {
		if wrong() {
			return fmt.Errorf("wrong request %d is accepted", i)
		}
	}
	return nil
}
