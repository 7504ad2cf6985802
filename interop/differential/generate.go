package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"

	"gatehouse/internal/doctor"
	"gatehouse/internal/oauth"
)

// generator makes requests that are hard to read, and leaves out the few that
// oauthlib reads otherwise than RFC 5849 says: see README.md beside this.
type generator struct{ *rand.Rand }

func (g generator) oneOf(all ...string) string { return all[g.IntN(len(all))] }

// oneIn reports true once in n times.
func (g generator) oneIn(n int) bool { return g.IntN(n) == 0 }

// message is a request with its protocol parameters in one place, and others
// in any.
func (g generator) message() *doctor.Message {
	m := &doctor.Message{Method: g.method(), Header: http.Header{}}
	var header []string
	query, form := g.params(), oauth.Params(nil)
	if g.oneIn(2) {
		form = g.params()
		m.Header.Set("Content-Type", g.oneOf("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=UTF-8",
			"Application/X-WWW-Form-Urlencoded", "application/json", "text/plain"))
	}
	isForm := (&oauth.Request{Header: m.Header}).IsForm()
	switch place := g.IntN(4); {
	case place == 0:
		query = g.mix(query, g.protocol("%"))
	case place == 1 && isForm:
		form = g.mix(form, g.protocol("%"))
	default:
		header = g.header(g.protocol(""))
	}
	if header != nil {
		m.Header.Set("Authorization", g.oneOf("OAuth ", "oauth ", "OAUTH ")+strings.Join(header, g.oneOf(",", ", ", " ,\t", ",  ")))
	}
	m.Body = []byte(g.encode(form))
	m.URL = g.address() + g.path()
	if text := g.encode(query); text != "" || g.oneIn(4) {
		m.URL += "?" + text
	}
	return m
}

func (g generator) method() string {
	return g.oneOf("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get", "Post", "M-SEARCH", "x'y!z*", "a.b~c_d#$%&+^`|")
}

// address is scheme, host and port. No port is 0 or begins with a 0, and IPv6
// is written as in RFC 5952 but for the case.
func (g generator) address() string {
	host := g.oneOf("api.example.com", "API.Example.COM", "localhost", "127.0.0.1", "[2001:db8::1]", "[2001:DB8::A:b]", "[::1]",
		"xn--bcher-kva.example", "a_b.example", "1.2.3.4.5", "example.com.")
	return g.oneOf("http", "https", "HTTP", "Https") + "://" + host + g.oneOf("", "", ":", ":80", ":443", ":8080", ":65535", ":1", ":8443")
}

// path has any spelling but a semicolon with nothing behind it at the end.
func (g generator) path() string {
	var path strings.Builder
	for range g.IntN(6) {
		path.WriteString("/")
		for range g.IntN(3) {
			path.WriteString(g.oneOf("a", "B", "0", "~", "-", "_", ".", "..", "+", "%20", "%2F", "%2f", "%25", "%7E", "%7e", "%41", "%C3%BC",
				"%e2%98%83", "%00", "%3F", ";v=1", ";", ":", "@", "!$&'()*,=", "stage"))
		}
	}
	if strings.HasSuffix(path.String(), ";") {
		path.WriteString("x")
	}
	return path.String()
}

// text is what a name, a value or a secret may be: UTF-8.
func (g generator) text() string {
	var text strings.Builder
	for range g.IntN(5) {
		text.WriteString(g.oneOf("a", "b", "A", "z", "0", "9", "~", "-", ".", "_", " ", "+", "%", "%25", "%zz", "&", "=", "/", "?", "#", "!", "*",
			"'", "(", ")", "\"", "\\", ",", ";", ":", "@", "$", "<", ">", "[", "]", "{", "}", "|", "^", "`", "\x00", "\t", "\r\n", "\x7f",
			"\u00a0", "ß", "ü", "é", "☃", "\u2028", "\ufeff", "\ufffd", "𝄞", "realm", "oauth_", "name", "VALUE"))
	}
	return text.String()
}

// params are none of the protocol's, some of them there more than once.
func (g generator) params() (params oauth.Params) {
	for range g.IntN(8) {
		param := oauth.Param{Name: g.text(), Value: g.text()}
		if len(params) > 0 && g.oneIn(4) {
			param.Name = params[g.IntN(len(params))].Name
		}
		if len(params) > 0 && g.oneIn(8) {
			param = params[g.IntN(len(params))]
		}
		if strings.HasPrefix(param.Name, "oauth_") {
			param.Name = "x" + param.Name
		}
		params = append(params, param)
	}
	return params
}

// protocol are the parameters of RFC 5849 §3.1 in any order, most of them with
// values that nobody would choose. without is what no value has.
func (g generator) protocol(without string) oauth.Params {
	text := func() string {
		return strings.Map(func(c rune) rune {
			if strings.ContainsRune(without, c) {
				return -1
			}
			return c
		}, g.text())
	}
	params := oauth.Params{{Name: "oauth_consumer_key", Value: "k" + text()}, {Name: "oauth_signature_method", Value: "HMAC-SHA1"},
		{Name: "oauth_signature", Value: "tnnArxj06cWHq44gCs1OSKk/jLY="}, {Name: "oauth_timestamp", Value: fmt.Sprint(g.IntN(1 << 31))},
		{Name: "oauth_nonce", Value: "n" + text()}}
	for _, name := range []string{"oauth_token", "oauth_callback", "oauth_verifier", "oauth_", "oauth_body_hash", "oauth_Z", "oauth_a-b"} {
		if g.oneIn(3) {
			params = append(params, oauth.Param{Name: name, Value: text()})
		}
	}
	if g.oneIn(2) {
		params = append(params, oauth.Param{Name: "oauth_version", Value: "1.0"})
	}
	return g.mix(params, nil)
}

func (g generator) mix(a, b oauth.Params) oauth.Params {
	all := append(a, b...)
	g.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// header writes the protocol parameters, realm and one more that needs no
// escapes as in RFC 5849 §3.5.1.
func (g generator) header(params oauth.Params) []string {
	var pairs []string
	for _, param := range params {
		pairs = append(pairs, param.Name+`="`+g.escape(param.Value, "")+`"`)
	}
	if g.oneIn(4) {
		pairs = append(pairs, g.oneOf("x", "A-1", "z~", "x_auth_mode")+`="`+g.oneOf("", "1", "A~b.c-d_")+`"`)
	}
	if g.oneIn(3) {
		pairs = append([]string{`realm="` + g.oneOf("", "Photos", "a,b=c", `a\"b\\c`, "http://api.example.com/", "%zz", "a b") + `"`}, pairs...)
	}
	return pairs
}

// encode writes a form, with empty pairs, and with names that lack the "=".
func (g generator) encode(params oauth.Params) string {
	pairs := make([]string, 0, len(params))
	for _, param := range params {
		pair := g.escape(param.Name, formMarks)
		if param.Value != "" || pair == "" || g.oneIn(2) {
			pair += "=" + g.escape(param.Value, formMarks+"=")
		}
		pairs = append(pairs, pair)
		if g.oneIn(20) {
			pairs = append(pairs, "")
		}
	}
	return strings.Join(pairs, "&")
}

// formMarks need no escape in a form by the rules of oauthlib, which takes
// fewer characters for those of a form than others do.
const formMarks = ";:,*@!()/?'$"

// escape writes text with more escapes than it needs, in either case; marks
// need none. Where there are marks it is a form's, and "+" is a space.
func (g generator) escape(text, marks string) string {
	var out strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ' && marks != "" && g.oneIn(2):
			out.WriteByte('+')
		case unreserved(c) && !g.oneIn(8), strings.IndexByte(marks, c) >= 0 && g.oneIn(2):
			out.WriteByte(c)
		case g.oneIn(2):
			fmt.Fprintf(&out, "%%%02x", c)
		default:
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
