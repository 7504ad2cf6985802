package proxy

import (
	"net"
	"net/http"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// passedOn are the headers of r that the backend gets, every value in its
// order. changed says that the body is no longer the one that was sent.
func passedOn(r *oauth.Request, changed bool) http.Header {
	header := make(http.Header, len(r.Header)+16)
	hop := connectionOptions(r.Header)
	for name, values := range r.Header {
		key := normal(name)
		if !hopByHop(key) && !slices.Contains(hop, key) && !ours(key) && !looksLikeIdentity(key) && !(changed && isDigest(key)) {
			header[name] = values
		}
	}
	setCookies(header)
	header["Via"] = append(slices.Clone(header["Via"]), "1.1 "+pseudonym)
	if header.Get("User-Agent") == "" {
		header["User-Agent"] = []string{""} // or the transport sends its own
	}
	return header
}

// normal is a name as CGI and its descendants read it: they can't tell
// X_OAuth_User_Id, or X.OAuth.User.Id, from X-OAuth-User-Id.
func normal(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case 'A' <= c && c <= 'Z':
			return c + 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			return c
		}
		return '-'
	}, name)
}

// connectionOptions are the headers that Connection says are for the next hop
// only (RFC 9110 §7.6.1).
func connectionOptions(header http.Header) []string {
	options := listed(header.Values("Connection"))
	for i := range options {
		options[i] = normal(options[i])
	}
	return options
}

// hopByHop are the others of RFC 9110 §7.6.1. Proxy alone would become the
// variable HTTP_PROXY of a CGI program.
func hopByHop(key string) bool {
	switch key {
	case "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings", "proxy":
		return true
	}
	return strings.HasPrefix(key, "proxy-")
}

// ours are what this proxy says itself, or has done with.
func ours(key string) bool {
	switch key {
	case "authorization", "host", "content-length", "expect", "forwarded":
		return true
	}
	return ofProofs(key)
}

// ofProofs tells DPoP and DPoP-Nonce, wherever else their hyphens are: a backend
// that asks for proofs of its own must not take one for another.
func ofProofs(key string) bool {
	bare := strings.ReplaceAll(key, "-", "")
	return bare == "dpop" || bare == "dpopnonce"
}

// isDigest is a header about the bytes of the body (RFC 9530, and older ones).
func isDigest(key string) bool {
	return slices.Contains([]string{"content-digest", "repr-digest", "digest", "content-md5"}, key)
}

// setCookies leaves out the cookie of the sign-in pages, which browsers send
// to every path of the host.
func setCookies(header http.Header) {
	values := header["Cookie"]
	var kept []string
	for _, value := range values {
		cookies := slices.DeleteFunc(strings.Split(value, ";"), func(cookie string) bool {
			return ofPages(cookie)
		})
		if rest := strings.TrimLeft(strings.Join(cookies, ";"), " "); rest != "" {
			kept = append(kept, rest)
		}
	}
	delete(header, "Cookie")
	if len(kept) > 0 {
		header["Cookie"] = kept
	}
}

// ofPages tells the cookie of the sign-in pages by its name.
func ofPages(cookie string) bool {
	name, _, _ := strings.Cut(cookie, "=")
	name = strings.TrimSpace(name)
	return name == "__Host-gatehouse" || name == "gatehouse"
}

// setForwarded says where the request came from, by Forwarded (RFC 7239) and
// by the older headers, as the gateway knows it and not as a client says.
func setForwarded(header http.Header, r *oauth.Request) {
	host := strings.Map(func(c rune) rune {
		if c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return -1
		}
		return c
	}, r.Host)
	client := "unknown" // RFC 7239 §6.2
	if r.Source.IsValid() {
		client = r.Source.String()
		header.Set("X-Forwarded-For", client)
	}
	if r.Source.Is6() {
		client = `"[` + client + `]"`
	}
	header.Set("X-Forwarded-Proto", r.Scheme)
	header.Set("X-Forwarded-Host", host)
	header.Set("X-Forwarded-Port", port(r.Scheme, host))
	header.Set("Forwarded", `for=`+client+`;host="`+host+`";proto=`+r.Scheme)
}

func port(scheme, host string) string {
	if _, port, err := net.SplitHostPort(host); err == nil {
		return port
	}
	if scheme == "http" {
		return "80"
	}
	return "443"
}
