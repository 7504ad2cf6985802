package oauth_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

func TestParseForm(t *testing.T) {
	for _, test := range []struct {
		text string
		want oauth.Params
	}{
		{"", nil},
		{"&&", oauth.Params{}},
		{"a", oauth.Params{{Name: "a"}}},
		{"=", oauth.Params{{}}},
		{"a=1&b=2&a=3", oauth.Params{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}, {Name: "a", Value: "3"}}},
		{"a=b=c", oauth.Params{{Name: "a", Value: "b=c"}}},
		{"a+b=c+d%2B", oauth.Params{{Name: "a b", Value: "c d+"}}},
		{"%C3%bc=%e2%82%AC", oauth.Params{{Name: "ü", Value: "€"}}},
		{"a;b=1", oauth.Params{{Name: "a;b", Value: "1"}}},
		{"a=%00", oauth.Params{{Name: "a", Value: "\x00"}}},
		{"a=1&", oauth.Params{{Name: "a", Value: "1"}}},
	} {
		if got, err := oauth.ParseForm(test.text); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("ParseForm(%q) = %q, %v, want %q", test.text, got, err, test.want)
		}
	}
}

func TestParseFormNamesWhatIsWrong(t *testing.T) {
	long := strings.Repeat("ü", 30000)
	for _, test := range []struct{ text, name string }{
		{"a=1&user=%", "user"},
		{"user=%f", "user"},
		{"user=%fg", "user"},
		{"user=a%+1", "user"},
		{"user=\xff", "user"},
		{"user=%C3", "user"},
		{"user=%ed%a0%80", "user"}, // a surrogate is not UTF-8
		{"%zz=1", "%zz"},
		{"\xff=1", "?"},
		{long + "=%", long[:40]},
		{"%" + long + "=1", "%" + long[:38] + "?"},
	} {
		var fault *oauth.ParamError
		params, err := oauth.ParseForm(test.text)
		if !errors.As(err, &fault) || fault.Name != test.name || params != nil {
			t.Errorf("ParseForm(%.40q) = %v, %v, want a fault of %q", test.text, params, err, test.name)
			continue
		}
		if !utf8.ValidString(err.Error()) || len(err.Error()) > 200 {
			t.Errorf("ParseForm(%.40q): the error has %d bytes: %.80q", test.text, len(err.Error()), err)
		}
	}
}

func TestParseFormIsBounded(t *testing.T) {
	if params, err := oauth.ParseForm(strings.Repeat("a=1&", oauth.MaxParams-1) + "a=1"); err != nil || len(params) != oauth.MaxParams {
		t.Errorf("%d parameters: %d, %v", oauth.MaxParams, len(params), err)
	}
	for _, text := range []string{strings.Repeat("a&", oauth.MaxParams) + "a", strings.Repeat("&", 1<<20)} {
		if _, err := oauth.ParseForm(text); err == nil || !strings.Contains(err.Error(), fmt.Sprint(oauth.MaxParams)) {
			t.Errorf("%d separators: %v, want an error that names the bound", strings.Count(text, "&"), err)
		}
	}
}

func TestParams(t *testing.T) {
	params := oauth.Params{{Name: "a", Value: "1"}, {Name: "b"}, {Name: "a", Value: "2"}, {Name: "c"}, {Name: "c"}}
	if got := params.Get("a"); got != "1" {
		t.Errorf("Get is %q, want the first", got)
	}
	if params.Get("none") != "" || params.Has("none") || !params.Has("b") || params.Count("c") != 2 {
		t.Error("Get, Has and Count do not agree")
	}
	if got := params.Repeated(); got != "a" {
		t.Errorf("Repeated is %q, want a", got)
	}
	if got := params[:2].Repeated(); got != "" {
		t.Errorf("Repeated is %q where nothing is", got)
	}
}

func FuzzParseForm(f *testing.F) {
	for _, seed := range []string{"", "&", "=", "a=1&b=2&a=3", "a+b=%2B%20", "%C3%BC=%E2%82%AC", "a=%", "%zz", "a=\xff", "a;b", "a==b", "=b&=c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		params, err := oauth.ParseForm(text)
		if err != nil {
			if fault := (*oauth.ParamError)(nil); !errors.As(err, &fault) {
				t.Fatalf("ParseForm(%q): %v is no ParamError", text, err)
			}
			return
		}
		for _, param := range params {
			if !utf8.ValidString(param.Name) || !utf8.ValidString(param.Value) {
				t.Fatalf("ParseForm(%q) = %q, not UTF-8", text, params)
			}
		}
		printed := oauth1.EncodeForm(params)
		if again, err := oauth.ParseForm(printed); err != nil || !slices.Equal(again, params) {
			t.Fatalf("ParseForm(%q) = %q, printed %q, parsed again %q, %v", text, params, printed, again, err)
		}
	})
}

// What is printed says the same to the decoder of every Go client.
func FuzzEncodeForm(f *testing.F) {
	for _, seed := range []string{"", "a b", "+", "%2B", "ü€", "a&b=c;d", "\x00\n", "~-._!*'()"} {
		f.Add(seed, seed+"x")
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return
		}
		params := oauth.Params{{Name: name, Value: value}, {Name: "x" + name, Value: ""}}
		printed := oauth1.EncodeForm(params)
		if again, err := oauth.ParseForm(printed); err != nil || !slices.Equal(again, params) {
			t.Fatalf("%q printed %q, parsed %q, %v", params, printed, again, err)
		}
		if values, err := url.ParseQuery(printed); err != nil || values.Get(name) != value {
			t.Fatalf("%q printed %q, net/url reads %q, %v", params, printed, values, err)
		}
	})
}
