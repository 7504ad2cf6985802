package apigateway

import (
	"strings"
	"testing"
)

func TestCutBase(t *testing.T) {
	tests := []struct{ path, template, greedy, want string }{
		{"/x", "/x", "", "/x"},
		{"/prod/x", "/x", "", "/x"},
		{"/x/x", "/x", "", "/x"},
		{"/a/b/c/x/7", "/x/{id}", "", "/x/7"},
		{"/prod/x/", "/x", "", "/x/"},
		{"/prod//x", "/x", "", "//x"},
		{"/prod/x//7", "/x/{id}", "", "/x//7"},
		{"/prod/", "/", "", "/"},
		{"/prod", "/", "", ""},
		{"/prod/y", "/x", "", ""},
		{"/prod/x/y", "/x", "", ""},
		{"/prod/a/b", "/{proxy+}", "a/b", "/a/b"},
		{"/api/api/x", "/api/{proxy+}", "x", "/api/x"},
		{"/api/api/x", "/api/{proxy+}", "api/x", "/api/api/x"},
		{"/p/api/a%2Fb", "/api/{proxy+}", "a/b", "/api/a%2Fb"},
		{"/p/api/a%2Fb", "/api/{proxy+}", "a%2Fb", "/api/a%2Fb"},
		{"/p/api/a/", "/api/{proxy+}", "a", "/api/a/"},
		{"/p/api/%FF", "/api/{proxy+}", "\uFFFD", ""},
		{"/p/api/a", "/api/{other+}", "a", ""}, // no value of that name
		{"x", "/x", "", ""},
		{"", "/x", "", ""},
		{strings.Repeat("/a", maxBase) + "/x", "/x", "", "/x"},
		{strings.Repeat("/a", maxBase+1) + "/x", "/x", "", ""},
	}
	for _, test := range tests {
		values := map[string]string{}
		if test.greedy != "" {
			values["proxy"] = test.greedy
		}
		got, ok := cutBase(test.path, test.template, values)
		if got != test.want || ok != (test.want != "") {
			t.Errorf("%s by %s: got %q, %v, want %q", test.path, test.template, got, ok, test.want)
		}
	}
}

func TestCutPrefix(t *testing.T) {
	tests := []struct{ path, prefix, want string }{
		{"/v1/x", "/v1", "/x"},
		{"/v1", "/v1", "/"},
		{"/v1//x", "/v1", "//x"},
		{"/v10/x", "/v1", "/v10/x"},
		{"/x", "", "/x"},
		{"/x", "/v1", "/x"},
	}
	for _, test := range tests {
		if got := cutPrefix(test.path, test.prefix); got != test.want {
			t.Errorf("%s without %s: got %s, want %s", test.path, test.prefix, got, test.want)
		}
	}
}

// A named stage is cut from paths without a template; the default stage has
// no segment, and a client that writes one must not get another route by it.
func TestStageOfADefaultRoute(t *testing.T) {
	tests := []struct{ stage, path, want string }{
		{"prod", "/prod/x", "/x"},
		{"prod", "/prod", "/"},
		{"prod", "/product", "/product"},
		{"prod", "/x", "/x"},
		{"$default", "/$default/x", "/$default/x"},
		{"", "//x", "//x"},
	}
	for _, test := range tests {
		e := &event{Version: "2.0", RouteKey: "$default", RawPath: test.path}
		e.Context.Stage = test.stage
		if got := e.routePath(""); got != test.want {
			t.Errorf("%s at stage %s: got %s, want %s", test.path, test.stage, got, test.want)
		}
	}
}

func TestEscapePath(t *testing.T) {
	tests := []struct{ path, want string }{
		{"/a-._~!$&'()*+,;=:@b", "/a-._~!$&'()*+,;=:@b"},
		{"/a%2Bb%2f", "/a%2Bb%2f"},
		{"/a b#c?d", "/a%20b%23c%3Fd"},
		{"/é", "/%C3%A9"},
		{"/100%", "/100%25"},
		{"/%zz%4", "/%25zz%254"},
		{"/\r\n\x00", "/%0D%0A%00"},
	}
	for _, test := range tests {
		if got := escapePath(test.path); got != test.want {
			t.Errorf("%q: got %s, want %s", test.path, got, test.want)
		}
	}
}

// A path of nothing but slashes and escapes must not cost quadratic work.
func TestCutBaseIsBounded(t *testing.T) {
	path := strings.Repeat("/%41", 1<<18)
	if _, ok := cutBase(path, "/{proxy+}", map[string]string{"proxy": "x"}); ok {
		t.Error("found a route")
	}
}

// FuzzCutBase holds that whatever base is in front, the route comes back.
func FuzzCutBase(f *testing.F) {
	f.Add("prod", "a/b")
	f.Add("v1/prod", "api/x//y/")
	f.Add("", "a%2Fb")
	f.Add("a/a", "a")
	f.Add("x", "%FF%2F")
	f.Fuzz(func(t *testing.T, base, tail string) {
		if strings.Trim(tail, "/") == "" || strings.Count(base, "/") >= maxBase || strings.Contains(tail, "%") {
			return
		}
		path := "/" + strings.Trim(base, "/") + "/" + tail
		values := map[string]string{"proxy": strings.Trim(tail, "/")}
		rest, ok := cutBase(path, "/{proxy+}", values)
		if !ok || !sameSegments(rest, tail) || !strings.HasSuffix(path, rest) {
			t.Errorf("%q: got %q, %v, want %q", path, rest, ok, tail)
		}
	})
}

// FuzzEscapePath holds that escaping is done once and leaves nothing to do.
func FuzzEscapePath(f *testing.F) {
	f.Add("/a b%2B%zz?#é")
	f.Add("/%")
	f.Fuzz(func(t *testing.T, path string) {
		once := escapePath(path)
		if twice := escapePath(once); twice != once {
			t.Errorf("%q: once %q, twice %q", path, once, twice)
		}
	})
}
