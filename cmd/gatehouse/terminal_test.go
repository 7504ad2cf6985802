package main

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"
)

// Ctrl-C ends a command that waits for somebody to type.
func TestCtrlCEndsACommandThatReads(t *testing.T) {
	c := command(t, nil, "request", "--consumer-key", "a", "--xauth", "b", "http://127.0.0.1:1/")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond) // until it reads
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("it ended as if all were well")
		}
	case <-time.After(5 * time.Second):
		_ = c.Process.Kill()
		t.Error("it goes on")
	}
}

func TestAwait(t *testing.T) {
	typed := func() (string, error) { return "typed", nil }
	if text, err := await(t.Context(), typed); text != "typed" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	forever := func() (string, error) { interrupt(); select {} }
	if text, err := await(ctx, forever); text != "" || !errors.Is(err, errInterrupted) {
		t.Errorf("got %q, %v", text, err)
	}
}
