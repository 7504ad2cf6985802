package apigateway

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// TrustedProxies are the proxies in front of the API, whose word on where a
// request came from is believed. The zero value believes nobody.
type TrustedProxies struct {
	networks []netip.Prefix
	hops     int // where set, whoever they are
}

// ErrTrustedProxies is the cause of all errors of ParseTrustedProxies.
var ErrTrustedProxies = errors.New("trusted proxies are addresses and networks separated by commas, such as 192.0.2.7,198.51.100.0/24, or a number of hops from 1 to 9")

// maxTrusted bounds what is looked through for each request.
const maxTrusted = 200

// ParseTrustedProxies reads addresses and networks separated by commas, or the
// number of proxies that every request comes through, 1 to 9. No text is no
// proxy. Errors wrap ErrTrustedProxies.
func ParseTrustedProxies(text string) (TrustedProxies, error) {
	if strings.TrimSpace(text) == "" {
		return TrustedProxies{}, nil
	}
	if hops, err := strconv.Atoi(text); err == nil {
		if hops < 1 || hops > 9 {
			return TrustedProxies{}, fmt.Errorf("%w, not %d", ErrTrustedProxies, hops)
		}
		return TrustedProxies{hops: hops}, nil
	}
	var t TrustedProxies
	for entry := range strings.SplitSeq(text, ",") {
		network, err := parseNetwork(strings.TrimSpace(entry))
		if err != nil {
			return TrustedProxies{}, err
		}
		t.networks = append(t.networks, network)
	}
	if len(t.networks) > maxTrusted {
		return TrustedProxies{}, fmt.Errorf("%w: there are more than %d", ErrTrustedProxies, maxTrusted)
	}
	return t, nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	network, err := netip.ParsePrefix(text)
	if addr, alone := netip.ParseAddr(text); alone == nil {
		network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	switch {
	case err != nil || strings.Contains(text, "%") || network.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("%w: %q is neither address nor network", ErrTrustedProxies, text)
	case network != network.Masked():
		return netip.Prefix{}, fmt.Errorf("%w: %s is not the first address of a network, which would be %s", ErrTrustedProxies, text, network.Masked())
	case network.Bits() == 0:
		return netip.Prefix{}, fmt.Errorf("%w: %s is everybody, and then callers choose their address", ErrTrustedProxies, text)
	}
	return network, nil
}

// nobody reports whether no proxy's word is believed.
func (t TrustedProxies) nobody() bool { return t.hops == 0 && len(t.networks) == 0 }

// source is where the request of an event comes from. Where no proxy's word is
// believed, none is looked for among its headers.
func (s site) source(e *event) netip.Addr {
	peer := parseSource(e.sourceIP())
	if s.trusted.nobody() {
		return peer
	}
	return s.trusted.source(peer, e.forwardedFor())
}

// source is where a request comes from that the gateway got from peer, by the
// X-Forwarded-For headers that it came with. Each proxy appends whom it got the
// request from, so they are read from the right, as far as the word of the one
// before is trusted. What is further left anybody may have written.
func (t TrustedProxies) source(peer netip.Addr, forwarded []string) netip.Addr {
	rest := strings.Join(forwarded, ",")
	if before, last := cutLast(rest); parseHop(last) == peer {
		rest = before // what the gateway itself appended
	}
	for hop := 0; t.trusts(peer, hop); hop++ {
		before, last := cutLast(rest)
		next := parseHop(last)
		if !next.IsValid() {
			break
		}
		peer, rest = next, before
	}
	return peer
}

// trusts reports whether the word of peer is believed, who has hop others
// between itself and the gateway.
func (t TrustedProxies) trusts(peer netip.Addr, hop int) bool {
	within := func(network netip.Prefix) bool { return network.Contains(peer) }
	return peer.IsValid() && (hop < t.hops || slices.ContainsFunc(t.networks, within))
}

func cutLast(list string) (before, last string) {
	comma := strings.LastIndexByte(list, ',')
	return list[:max(comma, 0)], list[comma+1:]
}

// parseHop reads one entry of X-Forwarded-For. Some proxies write a port, and
// brackets around an IPv6 address. What is no address is the zero one.
func parseHop(text string) netip.Addr {
	text = strings.Trim(text, " \t")
	if hop, err := netip.ParseAddrPort(text); err == nil {
		return hop.Addr().Unmap().WithZone("")
	}
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		text = text[1 : len(text)-1]
	}
	return parseSource(text)
}

// forwardedFor are the values of X-Forwarded-For in the order they came in.
// Names that differ in case leave the order in doubt, and are as none.
func (e *event) forwardedFor() (values []string) {
	names := 0
	for name, several := range e.MultiHeaders {
		if strings.EqualFold(name, "X-Forwarded-For") {
			names, values = names+1, several
		}
	}
	for name, value := range e.Headers {
		if strings.EqualFold(name, "X-Forwarded-For") {
			names, values = names+1, []string{value}
		}
	}
	if names > 1 {
		return nil
	}
	return values
}
