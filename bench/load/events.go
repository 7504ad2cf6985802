package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gatehouse/bench/contender"
	"gatehouse/bench/turns"
)

// events are what API Gateway hands over, but for the credentials.
type events struct {
	check []string // an authorizer's, where the Authorization header is in between
	token []string // the token function's, where the body is in between
}

// checkURI is where the authorizer's event is from.
const checkURI = "https://api.example.com/v1/me"

func readEvents(root string) (*events, error) {
	turn, err := turns.New(contender.Authorizer, root, time.Now())
	if err != nil {
		return nil, err
	}
	e := &events{check: strings.Split(turn.Event, "Bearer TOKEN")}
	path := filepath.Join(root, "internal/apigateway/testdata/rest-proxy-form.json")
	text, err := os.ReadFile(path) // #nosec G304 -- of whoever calls
	if err != nil {
		return nil, fmt.Errorf("read the event: %w", err)
	}
	e.token, err = unsigned(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

// unsigned makes the event of the token route from that of another, which is
// signed.
func unsigned(text []byte) ([]string, error) {
	const body = "BODY"
	var event map[string]any
	if err := json.Unmarshal(text, &event); err != nil {
		return nil, err
	}
	event["resource"], event["path"], event["body"] = tokenPath, tokenPath, body
	for _, name := range []string{"headers", "multiValueHeaders"} {
		headers, ok := event[name].(map[string]any)
		if !ok || headers["authorization"] == nil {
			return nil, fmt.Errorf("there are other %s", name)
		}
		delete(headers, "authorization")
	}
	made, err := json.Marshal(event)
	return strings.Split(string(made), body), err
}

// checking is the event of an authorizer.
func (e *events) checking(authorization string) []byte {
	return []byte(strings.Join(e.check, strings.ReplaceAll(authorization, `"`, `\"`)))
}

// asking is the event of the token function. An encoded form has nothing that JSON
// would have to quote.
func (e *events) asking(form string) []byte { return []byte(strings.Join(e.token, form)) }
