package oauth1

import (
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// headerCase is a header and what ParseHeader reads of it.
type headerCase struct {
	name string
	text string
	want oauth.Params
}

func reads(t *testing.T, tests []headerCase) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseHeader(test.text)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestParseHeader(t *testing.T) {
	a, b := oauth.Param{Name: "a", Value: "1"}, oauth.Param{Name: "b", Value: "2"}
	reads(t, []headerCase{
		{"empty", "", nil},
		{"white space only", " \t\r\n ", nil},
		{"one", `a="1"`, oauth.Params{a}},
		{"two", `a="1", b="2"`, oauth.Params{a, b}},
		{"no white space", `a="1",b="2"`, oauth.Params{a, b}},
		{"white space everywhere", "\t a = \"1\" \r\n ,\r\n\tb\t=\t\"2\" ", oauth.Params{a, b}},
		{"order and duplicates kept", `b="2",a="1",b="2"`, oauth.Params{b, a, b}},
		{"empty value", `a=""`, oauth.Params{{Name: "a"}}},
		{"white space in a value", `a=" 1 "`, oauth.Params{{Name: "a", Value: " 1 "}}},
		{"comma and equals sign in a value", `a="1,b=2"`, oauth.Params{{Name: "a", Value: "1,b=2"}}},
		{"escapes in either case", `a="%2b%2B"`, oauth.Params{{Name: "a", Value: "++"}}},
		{"plus sign is a plus sign", `a="1+2"`, oauth.Params{{Name: "a", Value: "1+2"}}},
		{"escaped once", `a="%2541"`, oauth.Params{{Name: "a", Value: "%41"}}},
		{"escaped name", `%61%20="1"`, oauth.Params{{Name: "a ", Value: "1"}}},
		{"escaped quote", `a="%22"`, oauth.Params{{Name: "a", Value: `"`}}},
		{"UTF-8, escaped and not", `a="%C3%9Fß"`, oauth.Params{{Name: "a", Value: "ßß"}}},
		{"names keep their case", `A="1"`, oauth.Params{{Name: "A", Value: "1"}}},
	})
}

func TestParseHeaderDropsRealm(t *testing.T) {
	a, b := oauth.Param{Name: "a", Value: "1"}, oauth.Param{Name: "b", Value: "2"}
	reads(t, []headerCase{
		{"realm first", `realm="Example", a="1"`, oauth.Params{a}},
		{"realm between", `a="1", Realm="Example", b="2"`, oauth.Params{a, b}},
		{"realm last", `a="1",REALM="Example"`, oauth.Params{a}},
		{"realm alone", `realm="Example"`, nil},
		{"realm empty", `realm="",a="1"`, oauth.Params{a}},
		{"realm with an escaped name", `%72ealm="100%",a="1"`, oauth.Params{a}},
		{"realm with a quoted quote", `realm="a \"b\", c=\\",a="1"`, oauth.Params{a}},
		{"realm with a percent sign", `realm="100%",a="1"`, oauth.Params{a}},
		{"realm not UTF-8", "realm=\"\xff\",a=\"1\"", oauth.Params{a}},
	})
}

func readsNothing(t *testing.T, tests map[string]string) {
	t.Helper()
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := ParseHeader(text); err == nil || got != nil {
				t.Errorf("ParseHeader(%q): %v, %v", text, got, err)
			}
		})
	}
}

func TestParseHeaderRefusesSyntax(t *testing.T) {
	readsNothing(t, map[string]string{
		"name alone":                `a`,
		"no value":                  `a=`,
		"unquoted":                  `a=1`,
		"half quoted":               `a="1`,
		"quote at the end only":     `a=1"`,
		"single quotes":             `a='1'`,
		"quote in a value":          `a="1"2"`,
		"backslash in a value":      `a="\1"`,
		"quoted quote in a value":   `a="1\"2"`,
		"value ends in a backslash": `a="1\"`,
		"no name":                   `="1"`,
		"space in a name":           `a b="1"`,
		"quoted name":               `"a"="1"`,
		"name not ASCII":            `ß="1"`,
		"trailing comma":            `a="1",`,
		"trailing comma and space":  `a="1", `,
		"leading comma":             `,a="1"`,
		"two commas":                `a="1",,b="2"`,
		"no comma":                  `a="1" b="2"`,
		"semicolon":                 `a="1";b="2"`,
		"realm unquoted":            `realm=Example,a="1"`,
		"realm twice":               `realm="a",a="1",realm="b"`,
		"realm twice, other case":   `realm="a",a="1",Realm="a"`,
		"bearer token":              `abc.def-ghi`,
	})
}

func TestParseHeaderRefusesEncoding(t *testing.T) {
	readsNothing(t, map[string]string{
		"broken escape":           `a="%4"`,
		"no hexadecimal digits":   `a="%gg"`,
		"percent sign at the end": `a="1%"`,
		"broken escape in a name": `a%="1"`,
		"not UTF-8":               `a="%FF"`,
		"not UTF-8, raw":          "a=\"\xc3\"",
		"name not UTF-8":          `%FF="1"`,
		"overlong UTF-8":          `a="%C0%AF"`,
		"surrogate":               `a="%ED%A0%80"`,
	})
}

func TestFormatHeader(t *testing.T) {
	params := oauth.Params{{Name: "a b", Value: "1+\"2\"\r\n"}, {Name: "ß", Value: ""}}
	tests := map[string]string{
		"":                         `OAuth a%20b="1%2B%222%22%0D%0A", %C3%9F=""`,
		"https://api.example.com/": `OAuth realm="https://api.example.com/", a%20b="1%2B%222%22%0D%0A", %C3%9F=""`,
	}
	for realm, want := range tests {
		if got := FormatHeader(realm, params); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestHeaderRoundTrip(t *testing.T) {
	var every strings.Builder
	for c := rune(0); c < 0x250; c++ {
		every.WriteRune(c)
	}
	want := oauth.Params{{Name: every.String(), Value: every.String()}, {Name: "a", Value: "1"}, {Name: "a", Value: "1"}, {Name: "a", Value: ""}}
	for _, realm := range []string{"", "Example", every.String(), `"`, `\`} {
		header := FormatHeader(realm, want)
		got, err := ParseHeader(strings.TrimPrefix(header, "OAuth "))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("realm %q: %v, %v", realm, got, err)
		}
	}
}
