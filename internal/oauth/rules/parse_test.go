package rules

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// written are rules and what they are read as.
var written = []struct {
	text string
	want Rules
}{
	{"", nil},
	{"   ", nil},
	{"* /api/health public; GET,HEAD /api/notes* read; POST,DELETE /api/notes* read write", Rules{
		{Pattern: "/api/health", Public: true},
		{Methods: []string{"GET", "HEAD"}, Pattern: "/api/notes*", Scope: []string{"read"}},
		{Methods: []string{"POST", "DELETE"}, Pattern: "/api/notes*", Scope: []string{"read", "write"}},
	}},
	{"  *   /   any  ", Rules{{Pattern: "/"}}},
	{"* /* any;PUT /a any", Rules{{Pattern: "/*"}, {Methods: []string{"PUT"}, Pattern: "/a"}}},
	{"GET,GET /a b b", Rules{{Methods: []string{"GET"}, Pattern: "/a", Scope: []string{"b"}}}},
	{"DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT /.well-known/~a._!&()+,=:@*/b https://example.com/notes.read!#$%&'()*+,-./:<=>?@[]^_`{|}~", Rules{{
		Methods: allMethods(), Pattern: "/.well-known/~a._!&()+,=:@*/b",
		Scope: []string{"https://example.com/notes.read!#$%&'()*+,-./:<=>?@[]^_`{|}~"}}}},
	{"* /a public any", Rules{{Pattern: "/a", Scope: []string{"public", "any"}}}}, // scopes of these names
	{"* /a any;", Rules{{Pattern: "/a"}}},
	{"* /a any ; ", Rules{{Pattern: "/a"}}},
	{"* /a public public; * /b any any", Rules{{Pattern: "/a", Public: true}, {Pattern: "/b"}}},
	{"* /a PUBLIC", Rules{{Pattern: "/a", Scope: []string{"PUBLIC"}}}},
}

// refused are texts that are no rules.
var refused = []struct {
	text string
	want error
}{
	{";", ErrWords}, {"* /a any;;", ErrWords}, {"* /a any; ;", ErrWords}, {" ; ", ErrWords}, {"; * /a any", ErrWords}, {"* /a any;; * /b any", ErrWords},
	{"*", ErrWords}, {"* /a", ErrWords}, {"/a read", ErrWords}, {"GET", ErrWords},
	{"get /a read", ErrMethods}, {"GET, HEAD /a read", ErrMethods}, {"GET, /a read", ErrMethods}, {",GET /a read", ErrMethods},
	{"GET,,PUT /a read", ErrMethods}, {"GET,* /a read", ErrMethods}, {"** /a read", ErrMethods}, {"ANY /a read", ErrMethods},
	{"GTE /a read", ErrMethods}, {"GET|PUT /a read", ErrMethods}, {"GET\t/a read b", ErrMethods}, {"\tGET /a read", ErrMethods},
	{"\nGET /a read", ErrMethods}, {"GÉT /a read", ErrMethods}, {"/a GET read", ErrMethods},
	{"GET a read", ErrPattern}, {"GET * read", ErrPattern}, {"GET */a read", ErrPattern}, {"GET //a read", ErrPattern}, {"GET /a//b read", ErrPattern},
	{"GET /a/ read", ErrPattern}, {"GET /a? read", ErrPattern}, {"GET /a?b=c read", ErrPattern}, {"GET /a#b read", ErrPattern},
	{"GET /a%20b read", ErrPattern}, {"GET /{id} read", ErrPattern}, {"GET /${aws:x} read", ErrPattern}, {"GET /a$ read", ErrPattern},
	{`GET /a\b read`, ErrPattern}, {"GET /é read", ErrPattern}, {"GET /a\x00 read", ErrPattern}, {"GET /a\nb read", ErrPattern},
	{"GET https://example.com/a read", ErrPattern}, {"GET /a' read", ErrPattern}, {"GET /a\xff read", ErrPattern},
	{`GET /a "read"`, ErrNeeds}, {`GET /a re\ad`, ErrNeeds}, {"GET /a réad", ErrNeeds}, {"GET /a read\n", ErrNeeds}, {"GET /a read\twrite", ErrNeeds},
	{"GET /a read\x00", ErrNeeds}, {"GET /a read\u00a0write", ErrNeeds}, {"GET /a read\x7f", ErrNeeds}, {"GET /a \xff", ErrNeeds},
	{"* /a any; GET /b \"", ErrNeeds},
	{"* / " + strings.Repeat("a", MaxText-3), ErrTooLong},
	{strings.Repeat("* /a b;", MaxRules+1), ErrTooMany},
}

func TestParse(t *testing.T) {
	for _, test := range written {
		if got, err := Parse(test.text); err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %+v, %v, want %+v", test.text, got, err, test.want)
		}
	}
}

func TestLongestRules(t *testing.T) {
	for _, text := range []string{
		"* / " + strings.Repeat("a", MaxText-4),
		"* /" + strings.Repeat("a", MaxText-5) + " b",
		"* /" + strings.Repeat(" a", (MaxText-3)/2) + " ",
		strings.Repeat("* /a b;", MaxRules-1) + "* /a b",
		strings.Repeat("* /a b ; ", MaxRules),
		strings.Repeat(" ", MaxText),
	} {
		if _, err := Parse(text); err != nil {
			t.Errorf("%d bytes: %v", len(text), err)
		}
	}
}

func TestWrongRules(t *testing.T) {
	for _, test := range refused {
		got, err := Parse(test.text)
		if got != nil || !errors.Is(err, test.want) {
			t.Errorf("%.60q: got %v, %v, want %v", test.text, got, err, test.want)
			continue
		}
		if text := err.Error(); strings.ContainsAny(text, "\r\n\x00") || len(text) > 300 {
			t.Errorf("the error is not fit for a log: %q", text)
		}
	}
}

func TestErrorsNameTheRule(t *testing.T) {
	_, err := Parse("* /a any; get /b read; PUT /c write")
	if want := `rule 2, "get /b read": the methods are * or some of DELETE,`; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// FuzzParse holds that what was read can be written and read again.
func FuzzParse(f *testing.F) {
	for _, test := range written {
		f.Add(test.text)
	}
	for _, test := range refused {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, err := Parse(text)
		if err != nil {
			return
		}
		lines := make([]string, len(want))
		for i := range want {
			lines[i] = want[i].String()
		}
		got, err := Parse(strings.Join(lines, ";"))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q is written as %q and read as %v, %v", text, lines, got, err)
		}
	})
}
