package main

import (
	"context"
	"fmt"
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
	port := portOf(listener)
	socket, err := operator.Listen(ctx, operator.Folders(p.env), port)
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
	fmt.Fprintf(p.out, "Other commands administer it with --local, such as: %s user create bob %s\n", programName(), localFlag(port))
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

// localFlag is how a command is told of the server at port.
func localFlag(port int) string {
	if addr := fmt.Sprintf("127.0.0.1:%d", port); addr != defaultAddr {
		return "--local " + addr
	}
	return "--local"
}
