package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// from is a request of an agent from an address; empty for none.
func from(agent, address string) *oauth.Request {
	r := &oauth.Request{Header: http.Header{}}
	if agent != "" {
		r.Header.Set("User-Agent", agent)
	}
	if address != "" {
		r.Source = netip.MustParseAddr(address)
	}
	return r
}

const app = "Notes/1.2 (iPhone; iOS 19.1)"

func TestBinding(t *testing.T) {
	keys := newKeyring(t, 1)
	for _, test := range []struct {
		name           string
		to             oauth.BindTo
		agent, address string // of whom begins; who is then asked about
		asks, where    string
		want           oauth.Reason
	}{
		{"none, another", oauth.BindNone, app, "192.0.2.1", "curl/8", "198.51.100.1", ""},
		{"none of an unknown address", oauth.BindNone, "", "", app, "192.0.2.1", ""},
		{"nothing said", "", app, "192.0.2.1", "curl/8", "198.51.100.1", ""},
		{"a key binds to none of these", oauth.BindDPoP, app, "192.0.2.1", "curl/8", "198.51.100.1", ""},

		{"agent", oauth.BindAgent, app, "192.0.2.1", app, "192.0.2.1", ""},
		{"agent elsewhere", oauth.BindAgent, app, "192.0.2.1", app, "2001:db8::1", ""},
		{"agent of unknown address", oauth.BindAgent, app, "192.0.2.1", app, "", ""},
		{"another agent", oauth.BindAgent, app, "192.0.2.1", "curl/8", "192.0.2.1", oauth.ReasonAgent},
		{"agent in another case", oauth.BindAgent, app, "192.0.2.1", strings.ToLower(app), "192.0.2.1", oauth.ReasonAgent},
		{"agent cut", oauth.BindAgent, app, "192.0.2.1", app[:len(app)-1], "192.0.2.1", oauth.ReasonAgent},
		{"no agent", oauth.BindAgent, app, "192.0.2.1", "", "192.0.2.1", oauth.ReasonAgent},
		{"none, as before", oauth.BindAgent, "", "192.0.2.1", "", "192.0.2.1", ""},
		{"one, where there was none", oauth.BindAgent, "", "192.0.2.1", app, "192.0.2.1", oauth.ReasonAgent},

		{"address", oauth.BindAddress, app, "192.0.2.1", "curl/8", "192.0.2.1", ""},
		{"the next address", oauth.BindAddress, app, "192.0.2.1", app, "192.0.2.2", oauth.ReasonAddress},
		{"IPv4 in IPv6 is another", oauth.BindAddress, app, "192.0.2.1", app, "::ffff:192.0.2.1", oauth.ReasonAddress},
		{"IPv6", oauth.BindAddress, app, "2001:db8::1", app, "2001:db8::1", ""},
		{"IPv6 written otherwise", oauth.BindAddress, app, "2001:db8::1", app, "2001:0DB8:0:0::0001", ""},
		{"IPv6 of the same network", oauth.BindAddress, app, "2001:db8::1", app, "2001:db8::2", oauth.ReasonAddress},
		{"address unknown", oauth.BindAddress, app, "192.0.2.1", app, "", oauth.ReasonAddress},
		{"address unknown both times", oauth.BindAddress, app, "", app, "", oauth.ReasonAddress},
		{"address unknown before", oauth.BindAddress, app, "", app, "192.0.2.1", oauth.ReasonAddress},

		{"network", oauth.BindNetwork, app, "192.0.2.1", "curl/8", "192.0.2.1", ""},
		{"its first address", oauth.BindNetwork, app, "192.0.2.1", app, "192.0.2.0", ""},
		{"its last address", oauth.BindNetwork, app, "192.0.2.1", app, "192.0.2.255", ""},
		{"the network below", oauth.BindNetwork, app, "192.0.2.1", app, "192.0.1.255", oauth.ReasonAddress},
		{"the network above", oauth.BindNetwork, app, "192.0.2.1", app, "192.0.3.0", oauth.ReasonAddress},
		{"IPv6 network's first", oauth.BindNetwork, app, "2001:db8:7::1", app, "2001:db8:7::", ""},
		{"IPv6 network's last", oauth.BindNetwork, app, "2001:db8:7::1", app, "2001:db8:7:ffff:ffff:ffff:ffff:ffff", ""},
		{"IPv6 network below", oauth.BindNetwork, app, "2001:db8:7::1", app, "2001:db8:6:ffff:ffff:ffff:ffff:ffff", oauth.ReasonAddress},
		{"IPv6 network above", oauth.BindNetwork, app, "2001:db8:7::1", app, "2001:db8:8::", oauth.ReasonAddress},
		{"no network of IPv4 is one of IPv6", oauth.BindNetwork, app, "192.0.2.1", app, "::192.0.2.1", oauth.ReasonAddress},
		{"network unknown both times", oauth.BindNetwork, app, "", app, "", oauth.ReasonAddress},
		{"network unknown before", oauth.BindNetwork, app, "", app, "0.0.0.0", oauth.ReasonAddress},

		{"agent and address", oauth.BindAgentAddress, app, "192.0.2.1", app, "192.0.2.1", ""},
		{"agent, and another address", oauth.BindAgentAddress, app, "192.0.2.1", app, "192.0.2.2", oauth.ReasonAddress},
		{"address, and another agent", oauth.BindAgentAddress, app, "192.0.2.1", "curl/8", "192.0.2.1", oauth.ReasonAgent},
		{"neither", oauth.BindAgentAddress, app, "192.0.2.1", "curl/8", "192.0.2.2", oauth.ReasonAgent},
		{"agent and network", oauth.BindAgentNetwork, app, "192.0.2.1", app, "192.0.2.9", ""},
		{"agent, and another network", oauth.BindAgentNetwork, app, "192.0.2.1", app, "192.0.9.1", oauth.ReasonAddress},
		{"network, and another agent", oauth.BindAgentNetwork, app, "192.0.2.1", "curl/8", "192.0.2.9", oauth.ReasonAgent},
	} {
		got, err := keys.Mismatch(keys.Bind(test.to, from(test.agent, test.address)), from(test.asks, test.where))
		if err != nil || got != test.want {
			t.Errorf("%s: %q, %v, want %q", test.name, got, err, test.want)
		}
	}
}

// A binding by an older key holds after a rotation; once the key is retired
// nobody can tell, and nobody is let through.
func TestBindingOfOtherKeys(t *testing.T) {
	r := from(app, "192.0.2.1")
	old, both, newer := newKeyring(t, 1), newKeyring(t, 1, 2), newKeyring(t, 2)
	for _, to := range []oauth.BindTo{oauth.BindAgent, oauth.BindAddress, oauth.BindNetwork, oauth.BindAgentAddress, oauth.BindAgentNetwork} {
		b := old.Bind(to, r)
		if reason, err := both.Mismatch(b, r); reason != "" || err != nil {
			t.Errorf("%s after the rotation: %q, %v", to, reason, err)
		}
		for _, caller := range []*oauth.Request{r, from("curl/8", "198.51.100.1")} {
			if reason, err := newer.Mismatch(b, caller); reason == "" || !errors.Is(err, ErrUnknownKey) {
				t.Errorf("%s after the key was retired: %q, %v", to, reason, err)
			}
		}
	}
	for _, known := range [][][]byte{both.Agents(r), old.Agents(r)} {
		if bound := old.Bind(oauth.BindAgent, r).Agent; !containsHash(known, bound) {
			t.Error("the agent of the old key is none of the agents")
		}
	}
	if containsHash(newer.Agents(r), old.Bind(oauth.BindAgent, r).Agent) || containsHash(both.Agents(from("curl/8", "")), old.Bind(oauth.BindAgent, r).Agent) {
		t.Error("another key's or another agent's hash is one of the agents")
	}
}

func containsHash(hashes [][]byte, hash []byte) bool {
	for _, other := range hashes {
		if bytes.Equal(other, hash) {
			return true
		}
	}
	return false
}

// What a table may hold that nothing here wrote binds to nobody.
func TestBrokenBindings(t *testing.T) {
	keys, r := newKeyring(t, 1), from(app, "192.0.2.1")
	whole := keys.Bind(oauth.BindAgentAddress, r)
	flipped := func(hash []byte, at int) []byte {
		changed := bytes.Clone(hash)
		changed[at] ^= 1
		return changed
	}
	for at := range whole.Agent {
		for _, b := range []oauth.Binding{{Agent: flipped(whole.Agent, at)}, {Address: flipped(whole.Address, at)}} {
			if reason, err := keys.Mismatch(b, r); reason == "" && err == nil {
				t.Errorf("with bit %d changed it holds", at)
			}
		}
	}
	for name, b := range map[string]oauth.Binding{
		"short":              {Agent: whole.Agent[:len(whole.Agent)-1]},
		"only a key id":      {Agent: whole.Agent[:4]},
		"one byte":           {Agent: []byte{0}},
		"long":               {Agent: append(bytes.Clone(whole.Agent), 0)},
		"address as agent":   {Agent: whole.Address},
		"agent as address":   {Address: whole.Agent},
		"network as agent":   {Agent: keys.Bind(oauth.BindNetwork, r).Address},
		"what a header says": {Agent: []byte(app)},
	} {
		if reason, err := keys.Mismatch(b, r); reason == "" || err != nil {
			t.Errorf("%s: %q, %v", name, reason, err)
		}
	}
	// An agent may call itself like what is hashed of an address.
	posing := from("address\x00192.0.2.1", "198.51.100.1")
	if reason, err := keys.Mismatch(oauth.Binding{Agent: whole.Address}, posing); reason == "" || err != nil {
		t.Errorf("an agent that poses as an address: %q, %v", reason, err)
	}
}

// A dump shows neither agent nor address, and equal ones only to who has the
// keys: without them all four billion addresses could be tried.
func TestBindingsShowNothing(t *testing.T) {
	one, other, r := newKeyring(t, 1), newKeyring(t, 2), from(app, "192.0.2.1")
	for _, to := range oauth.Bindings() {
		b := one.Bind(to, r)
		for _, hash := range [][]byte{b.Agent, b.Address} {
			text := string(hash) + hex.EncodeToString(hash)
			if len(hash) > 0 && len(hash) != bindingSize || strings.Contains(text, "Notes") || strings.Contains(text, "192.0.2") || strings.Contains(text, "c00002") {
				t.Errorf("%s: %q", to, hash)
			}
		}
		if same := other.Bind(to, r); len(b.Agent) > 0 && bytes.Equal(b.Agent[4:], same.Agent[4:]) || len(b.Address) > 0 && bytes.Equal(b.Address[4:], same.Address[4:]) {
			t.Errorf("%s: the hash is the same with another key", to)
		}
	}
}

// FuzzBinding holds that a caller is itself, and nobody else is.
func FuzzBinding(f *testing.F) {
	f.Add(app, "192.0.2.1", "curl/8", "192.0.2.2")
	f.Add("", "2001:db8::1", "\x00", "2001:db8:0:1::1")
	f.Add("a\x00", "", "a", "::ffff:192.0.2.1")
	keys := newKeyring(f, 1)
	f.Fuzz(func(t *testing.T, agent, address, otherAgent, otherAddress string) {
		one, other := from(agent, ""), from(otherAgent, "")
		one.Source, _ = netip.ParseAddr(address)
		other.Source, _ = netip.ParseAddr(otherAddress)
		for _, to := range oauth.Bindings() {
			b := keys.Bind(to, one)
			if reason, err := keys.Mismatch(b, one); err != nil || reason != "" && (one.Source.IsValid() || len(b.Address) == 0) {
				t.Fatalf("%s: the caller is another one: %q, %v", to, reason, err)
			}
			reason, err := keys.Mismatch(b, other)
			if err != nil || reason == "" && len(b.Agent) > 0 && agent != otherAgent ||
				reason == "" && (to == oauth.BindAddress || to == oauth.BindAgentAddress) && one.Source != other.Source {
				t.Fatalf("%s: %q from %q is taken for %q from %q: %v", to, otherAgent, otherAddress, agent, address, err)
			}
		}
	})
}
