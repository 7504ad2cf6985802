package apigateway

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// Who is who in these tests: two proxies of CloudFront, one of the operator's
// own, and strangers.
const (
	fronts  = "130.176.0.0/16,2600:9000:5200::/40"
	front   = "130.176.1.2"
	front6  = "2600:9000:52ff::1"
	inner   = "192.0.2.7"
	phone   = "203.0.113.5"
	thief   = "198.51.100.66"
	phone6  = "2001:db8:1::5"
	garbage = "unknown"
)

func trusted(t testing.TB, text string) TrustedProxies {
	t.Helper()
	parsed, err := ParseTrustedProxies(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestSourceOfARequest(t *testing.T) {
	list := func(values ...string) []string { return values }
	for _, test := range []struct {
		name, trusted, peer string
		forwarded           []string
		want                string
	}{
		{"nobody is trusted", "", phone, list(thief + ", " + phone), phone},
		{"nobody is trusted, behind a proxy", "", front, list(phone + ", " + front), front},
		{"a caller who is no proxy", fronts, phone, list(thief + ", " + phone), phone},
		{"a caller who is no proxy, and says that one was", fronts, thief, list(phone + ", " + front + ", " + thief), thief},
		{"through a proxy", fronts, front, list(phone + ", " + front), phone},
		{"through a proxy that the gateway did not append", fronts, front, list(phone), phone},
		{"a spoofed entry at the left", fronts, front, list(thief + "," + phone + "," + front), phone},
		{"many spoofed entries", fronts, front, list(strings.Repeat(thief+",", 500) + phone + "," + front), phone},
		{"a spoofed proxy at the left", fronts, front, list(thief + "," + front + "," + phone + "," + front), phone},
		{"through two proxies", fronts + "," + inner, inner, list(thief + "," + phone + "," + front + "," + inner), phone},
		{"through two proxies, one of them not trusted", fronts, front, list(phone + "," + inner + "," + front), inner},
		{"nothing forwarded", fronts, front, nil, front},
		{"an empty header", fronts, front, list(""), front},
		{"nothing but proxies", fronts, front, list(front6 + "," + front), front6},
		{"by IPv6", fronts, front6, list(phone6 + ", " + front6), phone6},
		{"a network's last address", "198.51.100.0/25", "198.51.100.127", list(phone), phone},
		{"beyond a network's last address", "198.51.100.0/25", "198.51.100.128", list(phone), "198.51.100.128"},

		{"several headers", fronts, front, list(thief, phone, front), phone},
		{"several headers, each a list", fronts, front, list(thief+","+thief, thief+","+phone+", "+front), phone},
		{"tabs and blanks", fronts, front, list(" \t" + thief + "\t ,\t" + phone + " ,\t " + front + " "), phone},
		{"a port", fronts, front, list(phone + ":50123, " + front + ":443"), phone},
		{"brackets", fronts, front, list("[" + phone6 + "], " + front), phone6},
		{"brackets and a port", fronts, front, list("[" + phone6 + "]:50123, " + front), phone6},
		{"IPv4 in IPv6", fronts, front, list("::ffff:" + phone + ", ::ffff:" + front), phone},
		{"IPv4 in IPv6 as the peer", fronts, "::ffff:" + front, list(phone), phone},
		{"a zone", fronts, front, list("fe80::1%eth0, " + front), "fe80::1"},

		{"a malformed entry", fronts, front, list(phone + ", " + garbage + ", " + front), front},
		{"a malformed entry left of the caller", fronts, front, list(thief + ", " + garbage + ", " + phone + ", " + front), phone},
		{"a malformed entry behind the second proxy", fronts + "," + inner, inner, list(thief + ", " + garbage + "," + front + ", " + inner), front},
		{"an empty entry", fronts, front, list(thief + ",," + front), front},
		{"a comma at the end", fronts, front, list(thief + "," + phone + ","), front},
		{"an open bracket", fronts, front, list(phone + ", [" + phone6 + ", " + front), front},
		{"a port that is none", fronts, front, list(thief + ", " + phone + ":http, " + front), front},
		{"a port too high", fronts, front, list(thief + ", " + phone + ":65536, " + front), front},
		{"an octet with a leading zero", fronts, front, list(thief + ", 203.0.113.05, " + front), front},
		{"a network", fronts, front, list(thief + ", 203.0.113.0/24, " + front), front},
		{"a line break", fronts, front, list(thief + ", " + phone + "\r\n, " + front), front},
		{"quotes", fronts, front, list(thief + `, "` + phone + `", ` + front), front},

		{"one hop", "1", front, list(thief + ", " + phone + ", " + front), phone},
		{"one hop that the gateway did not append", "1", front, list(thief + ", " + phone), phone},
		{"two hops", "2", inner, list(thief + ", " + phone + ", " + front + ", " + inner), phone},
		{"more hops than there are", "9", inner, list(phone + ", " + front + ", " + inner), phone},
		{"one hop, nothing forwarded", "1", front, nil, front},
		{"two hops, malformed", "2", inner, list(phone + "," + garbage + "," + front), front},
		{"no peer", "1", "", list(phone), ""},
		{"no peer, of known proxies", fronts, "", list(phone), ""},
	} {
		got := trusted(t, test.trusted).source(parseSource(test.peer), test.forwarded)
		if got != parseSource(test.want) {
			t.Errorf("%s: %v, want %s", test.name, got, test.want)
		}
	}
}

func TestTrustedProxiesThatAreNone(t *testing.T) {
	for _, text := range []string{"0", "10", "-1", "1.5", "all", "*", "10.0.0.0", "10.0.0.0/8"} {
		_, err := ParseTrustedProxies(text)
		if address := strings.HasPrefix(text, "10.0"); (err == nil) != address || err != nil && !errors.Is(err, ErrTrustedProxies) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"10.0.0.1/8", "10.0.0.0/33", "0.0.0.0/0", "::/0", "::ffff:10.0.0.0/104", "::ffff:10.0.0.1", "fe80::1%eth0", "fe80::%eth0/64",
		"10.0.0.0/8,", ",10.0.0.0/8", "10.0.0.0/8;10.1.0.0/16", "1,10.0.0.0/8", "example.com", "10.0.0.0-10.0.0.9", "10.0.0.1:80", strings.Repeat("10.0.0.1,", 200) + "10.0.0.1"} {
		_, err := ParseTrustedProxies(text)
		if !errors.Is(err, ErrTrustedProxies) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzSource holds that nothing left of the first entry that is not trusted is
// ever believed, whatever is there.
func FuzzSource(f *testing.F) {
	f.Add(front, phone+", "+front, thief)
	f.Add(front, "[2001:db8::1]:443,"+front6, "x")
	f.Add(phone, thief, front)
	f.Add("", "", "")
	f.Add(front, ",,"+garbage, phone)
	f.Fuzz(func(t *testing.T, peer, forwarded, spoofed string) {
		for _, setting := range []string{"", fronts, "1", "3"} {
			proxies, from := trusted(t, setting), parseSource(peer)
			got := proxies.source(from, []string{forwarded})
			if got != from && !slices.ContainsFunc(strings.Split(forwarded, ","), func(entry string) bool { return parseHop(entry) == got }) {
				t.Fatalf("%v is neither %s nor in %q", got, peer, forwarded)
			}
			if !proxies.trusts(from, 0) && got != from {
				t.Fatalf("the word of %s, who is not trusted, made %v", peer, got)
			}
			// A caller who writes more at the left is still the same one, unless
			// all that is known is proxies.
			if got.IsValid() && !proxies.trusts(got, 0) {
				again := proxies.source(from, []string{spoofed, forwarded})
				if setting == fronts && again != got {
					t.Fatalf("%q left of %q makes %v of %v", spoofed, forwarded, again, got)
				}
			}
			if got.Is4In6() || got.Zone() != "" {
				t.Fatalf("%v has another form too", got)
			}
		}
	})
}

// BenchmarkSource is of a request through one proxy of as many as CloudFront
// has.
func BenchmarkSource(b *testing.B) {
	proxies := trusted(b, strings.Repeat("10.1.0.0/16,", 60)+fronts)
	peer, forwarded, want := netip.MustParseAddr(front), []string{phone + ", " + front}, netip.MustParseAddr(phone)
	b.ReportAllocs()
	for b.Loop() {
		if got := proxies.source(peer, forwarded); got != want {
			b.Fatal(got)
		}
	}
}
