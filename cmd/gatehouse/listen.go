package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

// defaultAddr is where serve listens unless it is told otherwise.
const defaultAddr = "127.0.0.1:8080"

// listen takes the address, and warns when other machines can reach it.
func (p *program) listen(ctx context.Context, addr string) (net.Listener, error) {
	if _, port, err := net.SplitHostPort(addr); err != nil || !isPort(port) {
		return nil, usage("--addr takes ADDRESS:PORT, such as 127.0.0.1:8080, not %q", addr)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken: stop what listens there, or choose another with --addr", addr)
	case isNameless(err):
		return nil, usage("--addr %s: no host has that name", addr)
	case err != nil:
		return nil, fmt.Errorf("--addr %s: %w", addr, rootCause(err))
	}
	if !loopback(listener.Addr()) {
		p.say("warning: other machines can reach %s, and what they send is not encrypted", listener.Addr())
	}
	return listener, nil
}

// isPort reports whether text is the number of a port; 0 is any that is free.
func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

// isNameless reports whether err is of a name that stands for no address.
func isNameless(err error) bool {
	lookup, failed := errors.AsType[*net.DNSError](err)
	return failed && lookup.IsNotFound
}

func loopback(addr net.Addr) bool {
	parsed, err := netip.ParseAddrPort(addr.String())
	return err == nil && parsed.Addr().Unmap().IsLoopback()
}

// address is the URL that clients use: the public one where it is set, else
// where the listener is, on this machine.
func address(listener net.Listener, public *url.URL, stage string) string {
	if public != nil {
		return public.String()
	}
	host := listener.Addr().String()
	if parsed, err := netip.ParseAddrPort(host); err == nil && parsed.Addr().IsUnspecified() {
		host = net.JoinHostPort("127.0.0.1", fmt.Sprint(parsed.Port()))
	}
	if stage != "" {
		stage = "/" + stage
	}
	return "http://" + host + stage
}

// drain is how long requests under way may take after Ctrl-C.
const drain = 10 * time.Second

// listenUntilDone serves until ctx is done, then lets requests under way end.
func (p *program) listenUntilDone(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return fmt.Errorf("requests were still under way after %s: %w", drain, err)
	}
	p.say("stopped")
	return nil
}

// rootCause is the error at the bottom, which says what happened without how
// the program came to know.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
