package oauth_test

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"gatehouse/internal/oauth"
)

// FuzzRedirect holds that a client is sent back to nothing but what it
// registered, or to that on another port of the same loopback address, by
// another reading of RFC 8252 §7.3.
func FuzzRedirect(f *testing.F) {
	for _, registered := range []string{"https://good.com/cb", "https://good.com/cb?a=1", "http://127.0.0.1/cb", "http://127.0.0.1:80/cb",
		"http://[::1]:7000/cb?x=1", "http://[::1]", "http://127.0.0.1?x", "http://localhost/cb", "com.example.app:/cb", ""} {
		for _, asked := range []string{registered, "", "https://evil.com", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb", "http://127.0.0.1:65536/cb",
			"http://127.0.0.1:80@evil.com/cb", "http://127.0.0.1:/cb", "http://[::1]:9/cb?x=1", "http://[::1]:1", "http://127.0.0.1:8?x"} {
			f.Add(registered, asked)
		}
	}
	f.Add("http://127.0.0.1@good.com/cb", "http://127.0.0.1:80@good.com/cb")
	f.Add("http://[::1].good.com", "http://[::1]:1.good.com")
	f.Fuzz(func(t *testing.T, registered, asked string) {
		client := oauth.Client{RedirectURIs: []string{"https://other.example/cb", registered}}
		uri, ok := client.Redirect(asked)
		if want := asked != "" && (asked == registered || asked == "https://other.example/cb" || onAnotherPort(registered, asked)); ok != want {
			t.Fatalf("%q of a client with %q: allowed %v, want %v", asked, registered, ok, want)
		}
		if ok && uri != asked {
			t.Fatalf("%q leads to %q", asked, uri)
		}
	})
}

var loopback = regexp.MustCompile(`(?s)^(http://(?:127\.0\.0\.1|\[::1\]))(?::([0-9]+))?((?:[/?].*)?)$`)

// onAnotherPort is the exception for loopback addresses.
func onAnotherPort(registered, asked string) bool {
	a, b := loopback.FindStringSubmatch(registered), loopback.FindStringSubmatch(asked)
	return a != nil && b != nil && a[1] == b[1] && a[3] == b[3] && isPort(a[2]) && isPort(b[2])
}

func isPort(text string) bool {
	digits := strings.TrimLeft(text, "0")
	number, err := strconv.Atoi("0" + digits)
	return len(digits) <= 5 && err == nil && number <= 65535
}

// FuzzFormAsOthersReadIt holds that net/url reads the same of a form. It
// refuses semicolons, and takes what is not UTF-8.
func FuzzFormAsOthersReadIt(f *testing.F) {
	for _, seed := range []string{"", "&", "=", "a=1&b=2&a=3", "a+b=%2B%20", "%C3%BC=%E2%82%AC", "a=%", "%zz", "a=\xff", "a==b", "=b&=c", "a=%ff", "%41=1&A=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, ";") || strings.Count(text, "&") >= oauth.MaxParams {
			return
		}
		params, err := oauth.ParseForm(text)
		values, theirs := url.ParseQuery(text)
		if wantError := theirs != nil || !areUTF8(values); (err != nil) != wantError {
			t.Fatalf("%q: %v, and net/url says %v", text, err, theirs)
		}
		if err != nil {
			return
		}
		read := url.Values{}
		for _, param := range params {
			read.Add(param.Name, param.Value)
		}
		for name := range values {
			if !slices.Equal(read[name], values[name]) {
				t.Fatalf("%q is read as %q, by net/url as %q", text, params, values)
			}
		}
		if len(read) != len(values) {
			t.Fatalf("%q is read as %q, by net/url as %q", text, params, values)
		}
	})
}

func areUTF8(values url.Values) bool {
	for name, all := range values {
		if !utf8.ValidString(name) || slices.ContainsFunc(all, func(value string) bool { return !utf8.ValidString(value) }) {
			return false
		}
	}
	return true
}

var scopeSyntax = regexp.MustCompile(`^(?:[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*)?$`) // RFC 6749 §3.3

// FuzzScopeSyntax holds that scopes are those of the RFC's own grammar, and
// that a scope covers another only where each token is in it.
func FuzzScopeSyntax(f *testing.F) {
	for _, seed := range []string{"", "read", "read write", "a a", " a", "a  b", "a ", "\"", "\\", "\xff", "ü", "a\nb", "a\n", "read\tb"} {
		f.Add(seed, "read")
		f.Add("read write", seed)
	}
	f.Fuzz(func(t *testing.T, granted, wanted string) {
		a, ok := oauth.ParseScope(granted)
		if want := scopeSyntax.MatchString(granted) && strings.Count(granted, " ") < oauth.MaxScope; ok != want {
			t.Fatalf("ParseScope(%q): %v, want %v", granted, ok, want)
		}
		b, also := oauth.ParseScope(wanted)
		if !ok || !also {
			return
		}
		all := true
		for token := range strings.FieldsSeq(wanted) {
			all = all && strings.Contains(" "+granted+" ", " "+token+" ")
		}
		if oauth.Covers(a, b) != all {
			t.Fatalf("%q covers %q: %v, want %v", granted, wanted, !all, all)
		}
	})
}

// FuzzHost holds that a host stays as it is once it is canonical, and is the
// one that net/url sees, without its port where that is the scheme's own.
func FuzzHost(f *testing.F) {
	for _, host := range []string{"api.example.com", "API.Example.COM:443", "a:80", "a:", "a::", "a:443:443", "[::1]", "[2001:DB8::1]:443", "[::1]:", "::1", "", ":", ":443", "]:80]:"} {
		f.Add("https", host)
		f.Add("http", host)
	}
	f.Fuzz(func(t *testing.T, scheme, host string) {
		once := oauth.CanonicalHost(scheme, host)
		if again := oauth.CanonicalHost(scheme, once); again != once {
			t.Fatalf("%q is %q and then %q", host, once, again)
		}
		parsed, err := url.Parse(scheme + "://" + host + "/")
		if err != nil || parsed.Host != host || scheme != "http" && scheme != "https" {
			return
		}
		want := strings.TrimSuffix(strings.ToLower(host), ":"+parsed.Port())
		if port := parsed.Port(); port != "" && port != map[string]string{"http": "80", "https": "443"}[scheme] {
			want = strings.ToLower(host)
		}
		if once != want {
			t.Fatalf("%s://%s has the host %q, want %q", scheme, host, once, want)
		}
	})
}
