package main

import (
	"bytes"
	"regexp"
	"testing"
)

func generated(t *testing.T, count int, seed uint64) string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out, count, seed); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestASeedIsAlwaysTheSame(t *testing.T) {
	first, again, other := generated(t, 50, 7), generated(t, 50, 7), generated(t, 50, 8)
	if first != again || first == other {
		t.Error("the seed does not say which requests")
	}
}

// nasty are what there has to be among the requests.
var nasty = map[string]string{
	"parameters in the header":   `"authorization":"OAuth [^"]*oauth_nonce`,
	"parameters in the query":    `\?[^"]*oauth_nonce=[^"]*","authorization":""`,
	"parameters in the body":     `"body":"[^"]*oauth_nonce=`,
	"other ones in the header":   `[ ,\t]x_auth_mode=`,
	"realm":                      `realm=\\"Photos\\"`,
	"a quotation mark in realm":  `realm=\\"a\\\\\\"b`,
	"a body that is no form":     `"content_type":"text/plain","body":"[^"]`,
	"a form with a charset":      `charset=UTF-8","body":"[^"]`,
	"a form beside a query":      `\?[^"]+","authorization":"O[^{}]*"content_type":"application/x-www-form-urlencoded","body":"[^"]`,
	"an empty name":              `[?&]=a`,
	"an empty name and value":    `[?&]=&`,
	"an empty pair":              `[?&][^"]*&&`,
	"a name without a value":     `[?&]b&`,
	"an equals sign in a value":  `[?&][^=&"]*=[^&"]*=`,
	"a space as a plus":          `[?&][^=&"]*=[^&"]*\+`,
	"an escaped plus":            `[?&][^=&"]*=[^&"]*%2[Bb]`,
	"an escaped unreserved one":  `%7[eE]`,
	"a percent sign":             `[?&]a=%25`,
	"UTF-8 in four bytes":        `%[Ff]0%9[Dd]%84%9[Ee]`,
	"a NUL":                      `=%00&`,
	"capitals in a host":         `://API.Example.COM`,
	"http and its port":          `"http://[a-z.]+:80[/?"]`,
	"https and its port":         `"https://[a-z.]+:443[/?"]`,
	"http and the port of https": `"http://[a-z.]+:443[/?"]`,
	"another port":               `"https?://[a-z.]+:8443[/?"]`,
	"an empty port":              `"https?://[a-z.]+:[/?"]`,
	"an IPv6 address":            `//\[2001:DB8::A:b\]`,
	"no path":                    `//localhost\?`,
	"dots in a path":             `/\.\./`,
	"escapes in a path":          `/%2f/`,
	"path parameters":            `;v=1\?`,
	"a method in lower case":     `"method":"get"`,
	"a method of its own":        `"method":"x'y!z\*"`,
	"a secret with an ampersand": `"client_secret":"[^"]*&`,
	"no secret of a token":       `"client_secret":"[^"]*","signature"`,
}

// What is never generated is never compared.
func TestWhatIsGenerated(t *testing.T) {
	all := generated(t, 5000, 1)
	for name, pattern := range nasty {
		if !regexp.MustCompile(pattern).MatchString(all) {
			t.Errorf("%s: there is none in 5000 requests", name)
		}
	}
	if repeated := regexp.MustCompile(`[?&]a=[^"]*&a=`); !repeated.MatchString(all) {
		t.Error("no name is there twice")
	}
}
