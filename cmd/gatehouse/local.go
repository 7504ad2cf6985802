package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/operator"
)

// running is a deployment that `gatehouse serve` is on this machine.
type running struct {
	program *program
	client  *operator.Client
	about   operator.About
}

// locateLocal finds the server that clients reach at addr.
func (p *program) locateLocal(ctx context.Context, addr string) (place, error) {
	port, ok := localPort(addr)
	if !ok {
		return nil, usage("--local takes the address of a server on this machine, such as %s, not %q; only the port tells servers apart", defaultAddr, addr)
	}
	client, about, err := operator.Dial(ctx, operator.Folders(p.env), port)
	if errors.Is(err, operator.ErrNoServer) {
		return nil, fmt.Errorf("no gatehouse serve of this user is at %s: start one, or give the address of another, such as --local 127.0.0.1:9000", addr)
	}
	if errors.Is(err, operator.ErrSilent) {
		return nil, fmt.Errorf("the gatehouse serve at %s does not answer: is it stopped, or busy?", addr)
	}
	if err != nil {
		return nil, err
	}
	return &running{p, client, about}, nil
}

// localPort is the port of an address of this machine.
func localPort(addr string) (port int, ok bool) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return 0, false
	}
	ip, err := netip.ParseAddr(host)
	here := host == "" || host == "localhost" || err == nil && (ip.IsLoopback() || ip.IsUnspecified())
	number, err := strconv.ParseUint(text, 10, 16)
	return int(number), here && err == nil && number > 0
}

// String says which server it is.
func (r *running) String() string { return "gatehouse serve at " + r.about.URL }

// name is where the server is.
func (r *running) name() string { return r.String() }

// open returns the store of the server.
func (r *running) open(context.Context) (records, error) { return r.client, nil }

// grace is that of the server.
func (r *running) grace() (time.Duration, error) { return r.about.Grace, nil }

// openKeys reads the keyring of the server, and writes it there.
func (r *running) openKeys(ctx context.Context) (*keptKeys, error) {
	text, err := r.client.ReadKeys(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := newKeptKeys(r.String(), text, r.program.clock())
	if err != nil {
		return nil, err
	}
	kept.write = func(ctx context.Context, newer []byte) error {
		err := r.client.ReplaceKeys(ctx, text, newer)
		if errors.Is(err, oauth.ErrChanged) {
			return errChanged
		}
		return err
	}
	return kept, nil
}
