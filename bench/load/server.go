package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"
)

// server is a program that listens.
type server struct {
	address string
	process *exec.Cmd
	ended   chan struct{}
}

// serve starts a program that takes the address to listen on as its last
// argument, and returns once it does. Its log goes nowhere: a terminal would
// slow it down. What it makes while it runs is below folder, for it is not asked
// to end.
func serve(ctx context.Context, folder, name string, arguments ...string) (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find a port: %w", err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, fmt.Errorf("find a port: %w", err)
	}
	s := &server{address: address, process: exec.CommandContext(ctx, name, append(arguments, address)...), ended: make(chan struct{})} // #nosec G204 -- a program of this repository
	s.process.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+folder)
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() { defer close(s.ended); _ = s.process.Wait() }()
	for since := time.Now(); time.Since(since) < patience; time.Sleep(10 * time.Millisecond) {
		select {
		case <-s.ended:
			return nil, fmt.Errorf("%s ended at once: %s", name, s.process.ProcessState)
		default:
		}
		if conn, err := net.DialTimeout("tcp", address, patience); err == nil {
			return s, conn.Close()
		}
	}
	s.end()
	return nil, fmt.Errorf("%s does not listen", name)
}

func (s *server) end() {
	_ = s.process.Process.Kill()
	<-s.ended
}

// bareAnswer is as long as that of the route that is asked beside it.
const bareAnswer = `{"client":"mobile","expiry":2062345678,"protocol":"oauth2","scope":"read write","user_id":"user-0","user_name":"user-0"}`

// listenBare is the least that a server in Go is.
func listenBare(address string) error {
	server := &http.Server{Addr: address, ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(bareAnswer))
	})}
	return server.ListenAndServe()
}
