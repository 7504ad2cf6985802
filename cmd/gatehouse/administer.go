package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"gatehouse/internal/operator"
)

// administered lets the commands of this user administer the server that listens
// at listener, until the function it returns is called. A server goes on without
// where that cannot be.
func (p *program) administered(ctx context.Context, s *opened, listener net.Listener) (end func()) {
	socket, err := operator.Listen(ctx, operator.Folders(p.env), portOf(listener))
	if err != nil {
		p.say("warning: other commands cannot administer this server: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
		return func() {}
	}
	self := operator.About{URL: s.url, Grace: s.settings.Terms.Grace}
	server := &http.Server{Handler: operator.Handler(s.store, s.held, self), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(socket) // until it is closed
	}()
	return func() {
		_ = server.Close() // which removes the socket
		<-done
	}
}

func portOf(listener net.Listener) int {
	if addr, ok := listener.Addr().(*net.TCPAddr); ok {
		return addr.Port
	}
	return 0
}
