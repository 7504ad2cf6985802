package doctor

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// addressMistakes are about scheme, host and port (RFC 5849 §3.4.1.2).
func addressMistakes(r *reading, right *draft) []mistake {
	all := []mistake{otherScheme(right)}
	all = append(all, portMistakes(r, right)...)
	for _, host := range r.otherHosts(right) {
		all = append(all, otherHost(right, host))
	}
	all = append(all, r.otherAddresses(right)...)
	all = append(all, hostCases(right)...)
	all = append(all, loopbackNames(right)...)
	return append(all, toggledWWW(right))
}

func otherScheme(right *draft) mistake {
	other := "http"
	if right.scheme == other {
		other = "https"
	}
	m := of("scheme", fmt.Sprintf("the URL was signed with %s, and the request came by %s", other, right.scheme),
		"sign the URL that is called, with its scheme", func(d *draft) { d.scheme = other })
	m.field = "scheme"
	return m
}

func portMistakes(r *reading, right *draft) []mistake {
	if host, port, err := net.SplitHostPort(right.host); err == nil {
		return []mistake{of("port_left_out", "the URL was signed without its port "+port, "sign the port unless it is the scheme's own",
			func(d *draft) { d.host = strings.TrimSuffix(d.host, ":"+port) }),
			of("port_other", "the URL was signed with the port 443, not "+port, "sign the port that is called", setPort(host, "443"))}
	}
	ports := []string{"443", "80"}
	if right.scheme == "http" {
		slices.Reverse(ports)
	}
	ports = append(ports, r.c.Request.Header.Get("X-Forwarded-Port"), "8080", "8443", "3000")
	var all []mistake
	for _, port := range ports {
		if port != "" {
			all = append(all, of("port_added", fmt.Sprintf("the URL was signed with the port %s, which the server's address does not have", oauth.Printable(port)),
				"leave out the scheme's own port, and sign no port that only servers behind it see", addPort(port)))
		}
	}
	return all
}

func addPort(port string) func(*draft) {
	return func(d *draft) { d.host += ":" + port }
}

func setPort(host, port string) func(*draft) {
	return func(d *draft) { d.host = net.JoinHostPort(strings.Trim(host, "[]"), port) }
}

// otherHosts are the names besides its own that the server is called by, as
// headers and addresses tell.
func (r *reading) otherHosts(right *draft) (hosts []string) {
	header := r.c.Request.Header
	names := []string{header.Get("Host"), header.Get("X-Forwarded-Host"), header.Get("X-Original-Host")}
	for _, base := range r.c.Addresses {
		names = append(names, base.Host)
	}
	for _, name := range names {
		name, _, _ = strings.Cut(name, ",")
		name = strings.TrimSpace(name)
		if own := ownPort(right.scheme); strings.HasSuffix(name, own) {
			name = strings.TrimSuffix(name, own)
		}
		if name != "" && name != right.host && !slices.Contains(hosts, name) {
			hosts = append(hosts, name)
		}
	}
	return hosts
}

func ownPort(scheme string) string {
	if scheme == "http" {
		return ":80"
	}
	return ":443"
}

func otherHost(right *draft, host string) mistake {
	m := of("host", fmt.Sprintf("the URL was signed with the host %s, and the server goes by %s", shortHost(host), right.host),
		"sign with the server's public host, or let the operator set PUBLIC_BASE_URL to the one that clients sign", setHost(host))
	if strings.EqualFold(host, right.host) {
		m = hostCase(host)
	}
	m.field = "host"
	return m
}

// shortHost is a host as a sentence may repeat it.
func shortHost(host string) string { return oauth.Printable(strings.ToValidUTF8(host, "?")) }

func setHost(host string) func(*draft) {
	return func(d *draft) { d.host = host }
}

func hostCase(host string) mistake {
	m := of("host_case", "the host was signed with capital letters", "sign it in lower case", setHost(host))
	m.field = "host"
	return m
}

func hostCases(right *draft) []mistake {
	labels := strings.Split(right.host, ".")
	for i, label := range labels {
		if label != "" {
			labels[i] = strings.ToUpper(label[:1]) + label[1:]
		}
	}
	return []mistake{hostCase(strings.ToUpper(right.host)), hostCase(strings.Join(labels, ".")),
		hostCase(strings.ToUpper(right.host[:min(1, len(right.host))]) + right.host[min(1, len(right.host)):])}
}

func loopbackNames(right *draft) (all []mistake) {
	names := []string{"localhost", "127.0.0.1", "[::1]"}
	for _, name := range names {
		rest, is := strings.CutPrefix(right.host, name)
		if !is || rest != "" && rest[0] != ':' {
			continue
		}
		for _, other := range names {
			if other != name {
				all = append(all, otherHost(right, other+rest))
			}
		}
	}
	return all
}

func toggledWWW(right *draft) mistake {
	host, had := strings.CutPrefix(right.host, "www.")
	if !had {
		host = "www." + right.host
	}
	return otherHost(right, host)
}
