package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gatehouse/bench/cold"
)

// environment is one process of a function with the Runtime API that it asks for
// events. As on Lambda it has one at a time, so that as many callers take as many
// environments.
type environment struct {
	process *exec.Cmd
	close   func()
	events  chan []byte
	answers chan answer
	ended   chan struct{}
	count   int // of the events handed out
}

// answer is what a function says to an event.
type answer struct {
	payload []byte
	failed  bool
}

// startEnvironment starts a program, whose log goes to a file of folder.
func startEnvironment(ctx context.Context, program string, env []string, folder string) (*environment, error) {
	e := &environment{events: make(chan []byte), answers: make(chan answer, 1), ended: make(chan struct{})}
	at, closeAPI, err := cold.Serve(e)
	if err != nil {
		return nil, err
	}
	log, err := os.CreateTemp(folder, filepath.Base(program)+"-*.log")
	if err != nil {
		closeAPI()
		return nil, fmt.Errorf("make a log: %w", err)
	}
	defer log.Close() // the process has its own
	e.close = closeAPI
	e.process = exec.CommandContext(ctx, program) // #nosec G204 -- a program of this repository
	e.process.Env = slices.Concat(env, cold.Environment(at))
	e.process.Stdout, e.process.Stderr = log, log
	if err := e.process.Start(); err != nil {
		closeAPI()
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go func() { defer close(e.ended); _ = e.process.Wait() }()
	return e, nil
}

func (e *environment) end() {
	_ = e.process.Process.Kill()
	<-e.ended
	e.close()
}

var errEnded = errors.New("the function has ended")

// invoke hands an event to the function and waits for the answer.
func (e *environment) invoke(event []byte) ([]byte, error) {
	select {
	case e.events <- event:
	case <-e.ended:
		return nil, errEnded
	case <-time.After(patience):
		return nil, errors.New("the function asks for no event")
	}
	select {
	case said := <-e.answers:
		if said.failed {
			return nil, fmt.Errorf("the function failed: %s", said.payload)
		}
		return said.payload, nil
	case <-e.ended:
		return nil, errEnded
	case <-time.After(patience):
		return nil, errors.New("the function does not answer")
	}
}

// ServeHTTP is the Runtime API.
func (e *environment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, "/2018-06-01/runtime/invocation/")
	switch {
	case ok && path == "next" && r.Method == http.MethodGet:
		select {
		case event := <-e.events:
			e.count++
			cold.HandOut(w, e.count, event)
		case <-r.Context().Done():
		}
	case ok && r.Method == http.MethodPost:
		payload, err := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		if err == nil {
			e.answers <- answer{payload, strings.HasSuffix(path, "/error")}
		}
	default:
		http.NotFound(w, r)
	}
}

// pool is as many environments of a function as there are callers.
type pool []*environment

func startPool(ctx context.Context, size int, program string, env []string, folder string) (pool, error) {
	var all pool
	for range size {
		e, err := startEnvironment(ctx, program, env, folder)
		if err != nil {
			all.end()
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func (p pool) end() {
	for _, e := range p {
		e.end()
	}
}

func (p pool) pids() (all []int) {
	for _, e := range p {
		all = append(all, e.process.Process.Pid)
	}
	return all
}
