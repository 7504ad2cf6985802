package operator

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"net/http"

	"gatehouse/internal/oauth"
)

// operation is what a Client asks of a server, by its name: it takes A and
// returns R. Both travel as gob, which keeps each byte and instant as it is.
type operation[A, R any] string

// none is what an operation takes or returns that has nothing to tell.
type none = bool

// reply is the answer to an operation. Some return a value and an error.
type reply[R any] struct {
	Value    R
	Fault    string // empty: none
	Sentinel string // that the fault is
}

// prefix has the version of what travels. A server of another does not know the
// paths.
const prefix = "/2/"

// sentinels are the errors that callers tell apart.
func sentinels() []error {
	return []error{oauth.ErrNotFound, oauth.ErrExpired, oauth.ErrExists, oauth.ErrSpent, oauth.ErrReused, oauth.ErrNotOwner,
		oauth.ErrNotLive, oauth.ErrScope, oauth.ErrOtherAgent, oauth.ErrOtherKey, oauth.ErrChanged, oauth.ErrNoAttempt}
}

// fault is an error of the server as the client sees it.
type fault struct {
	text     string
	sentinel error // nil: none
}

func (f *fault) Error() string { return f.text }

func (f *fault) Unwrap() error { return f.sentinel }

// serve answers the operation by what do does.
func (o operation[A, R]) serve(mux *http.ServeMux, do func(context.Context, A) (R, error)) {
	mux.HandleFunc("POST "+prefix+string(o), func(w http.ResponseWriter, r *http.Request) {
		var asked A
		if err := gob.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		value, err := do(r.Context(), asked)
		answer := reply[R]{Value: value}
		if err != nil {
			answer.Fault, answer.Sentinel = err.Error(), sentinelOf(err)
		}
		_ = gob.NewEncoder(w).Encode(answer) // who asked has gone
	})
}

func sentinelOf(err error) string {
	for _, sentinel := range sentinels() {
		if errors.Is(err, sentinel) {
			return sentinel.Error()
		}
	}
	return ""
}

// ask has the server of c do the operation.
func (o operation[A, R]) ask(ctx context.Context, c *Client, a A) (R, error) {
	var body bytes.Buffer
	var answer reply[R]
	if err := gob.NewEncoder(&body).Encode(a); err != nil {
		return answer.Value, fmt.Errorf("operator: %s: %w", o, err)
	}
	// The host is in no use: c connects to its socket whatever it is.
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://gatehouse"+prefix+string(o), &body)
	if err != nil {
		return answer.Value, fmt.Errorf("operator: %s: %w", o, err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return answer.Value, fmt.Errorf("operator: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return answer.Value, fmt.Errorf("operator: the server does not know how to %s: it is of another version", o)
	}
	if err := gob.NewDecoder(response.Body).Decode(&answer); err != nil {
		return answer.Value, fmt.Errorf("operator: %s: %w", o, err)
	}
	return answer.Value, faultOf(answer.Fault, answer.Sentinel)
}

func faultOf(text, name string) error {
	if text == "" {
		return nil
	}
	for _, sentinel := range sentinels() {
		if sentinel.Error() == name {
			return &fault{text, sentinel}
		}
	}
	return &fault{text: text}
}
