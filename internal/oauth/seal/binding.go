package seal

import (
	"crypto/hmac"
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// What a caller is known by is stored as key id (4 bytes) and MAC (16), so that
// a table shows no address and nobody who reads it can try a few billion.
const (
	bindingMAC  = 16
	bindingSize = 4 + bindingMAC
)

// What is hashed begins with one of these: the hash of a network is never that
// of an address or a User-Agent.
const (
	agentMark   = "agent\x00"
	addressMark = "address\x00"
	networkMark = "network\x00"
)

// Bind returns the binding of a session that r begins or goes on with. A
// User-Agent that is missing binds to callers who send none; an address that
// the gateway did not tell binds to nobody.
func (k *Keyring) Bind(to oauth.BindTo, r *oauth.Request) oauth.Binding {
	var b oauth.Binding
	keys := k.held.Load()
	hash := func(text string) []byte { return bindingHash(keys.current, &keys.keys[keys.current][forBinding], text) }
	switch to {
	case oauth.BindAgent, oauth.BindAgentAddress, oauth.BindAgentNetwork:
		b.Agent = hash(agentMark + userAgent(r))
	}
	switch to {
	case oauth.BindAddress, oauth.BindAgentAddress:
		b.Address = hash(addressMark + r.Source.String())
	case oauth.BindNetwork, oauth.BindAgentNetwork:
		b.Address = hash(networkMark + network(r.Source))
	}
	return b
}

// Agents returns the hashes, one for each key, that a session of r's User-Agent
// may be bound to.
func (k *Keyring) Agents(r *oauth.Request) [][]byte {
	var hashes [][]byte
	for id, subkeys := range k.held.Load().keys {
		hashes = append(hashes, bindingHash(id, &subkeys[forBinding], agentMark+userAgent(r)))
	}
	return hashes
}

// Mismatch returns why r does not come from whom b binds to, or nothing when it
// does. ErrUnknownKey when the keyring lacks the key of b, and nobody can tell.
func (k *Keyring) Mismatch(b oauth.Binding, r *oauth.Request) (oauth.Reason, error) {
	if len(b.Agent) > 0 {
		same, err := k.boundTo(b.Agent, agentMark+userAgent(r))
		if err != nil || !same {
			return oauth.ReasonAgent, err
		}
	}
	if len(b.Address) > 0 {
		same, err := k.boundTo(b.Address, addressMark+r.Source.String(), networkMark+network(r.Source))
		if err != nil || !same || !r.Source.IsValid() {
			return oauth.ReasonAddress, err
		}
	}
	return "", nil
}

// boundTo reports whether hash is of one of texts, in constant time for each.
func (k *Keyring) boundTo(hash []byte, texts ...string) (bool, error) {
	if len(hash) != bindingSize {
		return false, nil
	}
	id := KeyID(binary.BigEndian.Uint32(hash))
	subkey, err := k.subkey(id, forBinding)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(texts, func(text string) bool {
		return hmac.Equal(hash, bindingHash(id, subkey, text))
	}), nil
}

func bindingHash(id KeyID, subkey *subkey, text string) []byte {
	sum := subkey.sum([]byte(text))
	return append(binary.BigEndian.AppendUint32(nil, uint32(id)), sum[:bindingMAC]...)
}

// userAgent is the header as it was sent (RFC 9110 §10.1.5).
func userAgent(r *oauth.Request) string { return strings.Join(r.Header.Values("User-Agent"), ", ") }

// network is the /24 of an IPv4 address and the /48 of an IPv6 one: what an
// operator gives to a place, whose devices change addresses within it.
func network(source netip.Addr) string {
	bits := 48
	if source.Is4() {
		bits = 24
	}
	prefix, err := source.Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}
