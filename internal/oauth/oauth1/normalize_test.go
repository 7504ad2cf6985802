package oauth1

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// byTheBook are parameters normalized step by step (RFC 5849 §3.4.1.3.2), and
// encoded for the base string.
func byTheBook(params oauth.Params) string {
	var pairs [][2]string
	for _, param := range params {
		pairs = append(pairs, [2]string{Escape(param.Name), Escape(param.Value)})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1]))
	})
	var joined []string
	for _, pair := range pairs {
		joined = append(joined, pair[0]+"="+pair[1])
	}
	return Escape(strings.Join(joined, "&"))
}

func holdsByTheBook(t *testing.T, n normalized, want oauth.Params) {
	t.Helper()
	if got := string(n.appendSorted(nil)); got != byTheBook(want) {
		t.Errorf("%q\ngot  %s\nwant %s", want, got, byTheBook(want))
	}
	if got := n.decoded(); !slices.Equal(got, want) {
		t.Errorf("decoded: %q, want %q", got, want)
	}
}

func added(params oauth.Params) (n normalized) {
	for _, param := range params {
		n = n.add(param.Name, param.Value)
	}
	return n
}

// Names that begin alike in seven, eight and nine bytes, that are each other's
// beginning, that are empty, and that sort otherwise when they are not encoded.
func TestSorted(t *testing.T) {
	names := []string{"", "a", "a ", "a-", "a=", "a&", "a%", "a~", "ab", "aß", "A", "1234567", "12345678", "123456789", "123456780",
		"12345679", "1234567 ", "1234567 8", "12345678 ", "1234567ß", "\x00", "~", "%", "%25", "oauth_ti", "oauth_to", "oauth_t"}
	for _, values := range [][]string{{""}, {"2", "1"}, {"", " ", "-", "ß", "%"}} {
		var params oauth.Params
		for _, name := range names {
			for _, value := range values {
				params = append(params, oauth.Param{Name: name, Value: value})
			}
		}
		for turn := range len(params) {
			turned := slices.Concat(params[turn:], params[:turn])
			holdsByTheBook(t, added(turned), turned)
			few := turned[:min(len(turned), partRoom)] // which are sorted in another way
			holdsByTheBook(t, added(few), few)
		}
	}
}

func TestSortedMany(t *testing.T) {
	for _, count := range []int{0, 1, partRoom - 1, partRoom, partRoom + 1, oauth.MaxParams} {
		var params oauth.Params
		for n := range count {
			params = append(params, oauth.Param{Name: fmt.Sprintf("parameter %d", n*7919%count/2), Value: fmt.Sprint(n)})
		}
		holdsByTheBook(t, added(params), params)
	}
}

func TestAddForm(t *testing.T) {
	for _, test := range []struct {
		form string
		ok   bool
	}{
		{"", true},
		{"&", true},
		{"a", true},
		{"=", true},
		{"=&=", true},
		{"a=1&&b=2&", true},
		{"a=b=c&d==", true},
		{"a+b=c+d&+=+", true},
		{"%61%20b=%2B%2b%25&%26=%3D", true},
		{"%41%5a=%7e%7E", true},
		{"a=!*'();:@,/?#[]\"<>\\^`{|}\x00\x7f", true},
		{"oauth=1&oaut%68=2&Oauth_x=3&x_oauth_=4", true},
		{"a=%", false},
		{"a=%4", false},
		{"a=%4&b=1", false},
		{"%zz=1", false},
		{"a=%C3%9F", false},
		{"\xc3\x9f=1", false},
		{"a=\xff", false},
		{"oauth_x=1", false},
		{"a=1&%6Fauth_=", false},
		{strings.Repeat("a&", oauth.MaxParams-1), true},
		{strings.Repeat("&", oauth.MaxParams), false},
	} {
		n, ok := added(oauth.Params{{Name: "before", Value: "1"}}).addForm([]byte(test.form))
		if ok != test.ok {
			t.Errorf("%.40q: %v, want %v", test.form, ok, test.ok)
			continue
		}
		want := oauth.Params{{Name: "before", Value: "1"}}
		if ok {
			want = append(want, form(t, test.form)...)
		}
		holdsByTheBook(t, n, want)
	}
}

// What does not find room on the stack is signed as what does.
func TestParseWithoutRoom(t *testing.T) {
	for _, many := range []int{1, partRoom, 10 * partRoom, oauth.MaxParams - 1} {
		r := request(t, "POST", "https://api.example.com/?"+strings.Repeat("q=1&", many))
		setBody(r, formType, strings.TrimSuffix(strings.Repeat("name+of+many=%2B&", many), "&"))
		sign(t, r, signer(oauth.HMACSHA256), protocol(oauth.HMACSHA256))
		s := mustParse(t, r)
		if got := len(s.Params()); got != 2*many+6 || !s.Verify(secretKey()) {
			t.Errorf("%d parameters, verified: %v", got, s.Verify(secretKey()))
		}
		r.Body = append(r.Body, '1')
		if mustParse(t, r).Verify(secretKey()) {
			t.Errorf("%d parameters: verified after the last was changed", many)
		}
	}
}
