package local_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"
)

// keys lists the JSON paths of a value, those below free maps left out.
func keys(value any, at string) (all []string) {
	object, ok := value.(map[string]any)
	if !ok {
		return []string{at}
	}
	switch at {
	case ".headers", ".multiValueHeaders", ".queryStringParameters", ".multiValueQueryStringParameters",
		".pathParameters", ".stageVariables", ".requestContext.authorizer":
		return []string{at}
	}
	for name, inner := range object {
		all = append(all, keys(inner, at+"."+name)...)
	}
	sort.Strings(all)
	return all
}

func golden(t *testing.T, name string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "apigateway", "testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var event map[string]any
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	return event
}

func TestEventsHaveTheKeysOfAWS(t *testing.T) {
	b := newBench(t, template(authorized, event("GET", "/oauth/session", "")+event("POST", "/open", ", Auth: { Authorizer: NONE }")), nil)
	b.do("GET", "/oauth/session", "", "Authorization: Bearer x")
	for name, got := range map[string]map[string]any{
		"rest-authorizer-empty": b.authorizer.last(t),
		"rest-proxy-authorized": b.backend.last(t),
	} {
		if got, want := keys(got, ""), keys(golden(t, name), ""); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: keys\n%v, want\n%v", name, got, want)
		}
	}
	b.do("POST", "/open", "a=b")
	if got, want := keys(b.backend.last(t), ""), keys(golden(t, "rest-proxy-form"), ""); !reflect.DeepEqual(got, want) {
		t.Errorf("keys\n%v, want\n%v", got, want)
	}
}

func TestEmptyMaps(t *testing.T) {
	b := newBench(t, template(authorized, event("GET", "/a", "")), nil)
	b.do("GET", "/a", "")
	for _, name := range []string{"queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables"} {
		if got := b.backend.last(t)[name]; got != nil {
			t.Errorf("%s is %v in a proxy event, want null", name, got)
		}
		if got, ok := b.authorizer.last(t)[name].(map[string]any); !ok || len(got) != 0 {
			t.Errorf("%s is %v in an authorizer event, want {}", name, got)
		}
	}
}

func TestQuery(t *testing.T) {
	b := newBench(t, template("", event("GET", "/a", "")), nil)
	b.do("GET", "/a?email=a%2Bb&plus=a+b&k=1&k=2&%26=%3D&flag&bad=%zz&&utf=%ff", "")
	event := b.backend.last(t)
	want := map[string]any{"email": []any{"a+b"}, "plus": []any{"a b"}, "k": []any{"1", "2"}, "&": []any{"="},
		"flag": []any{""}, "bad": []any{"%zz"}, "utf": []any{"%ff"}}
	if got := event["multiValueQueryStringParameters"]; !reflect.DeepEqual(got, want) {
		t.Errorf("all values %v, want %v", got, want)
	}
	if got := event["queryStringParameters"].(map[string]any)["k"]; got != "2" {
		t.Errorf("the last k is %v, want 2", got)
	}
}

func TestWhereARequestCameFrom(t *testing.T) {
	b := newBench(t, template("", event("GET", "/a", "")), nil)
	b.do("GET", "/a", "", "User-Agent: App/1", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https", "X-Two: 1", "X-Two: 2")
	event := b.backend.last(t)
	context := event["requestContext"].(map[string]any)
	identity := context["identity"].(map[string]any)
	headers := event["headers"].(map[string]any)
	for _, check := range []struct {
		name      string
		got, want any
	}{
		{"domain name", context["domainName"], "127.0.0.1:8080"},
		{"path", context["path"], "/a"},
		{"stage", context["stage"], "prod"},
		{"request id", context["requestId"], "00000000-0000-4000-8000-000000000000"},
		{"time", context["requestTime"], "14/Oct/2024:13:38:02 +0000"},
		{"epoch", context["requestTimeEpoch"], 1728913082125.0},
		{"source", identity["sourceIp"], "192.0.2.1"},
		{"agent", identity["userAgent"], "App/1"},
		{"host", headers["Host"], "127.0.0.1:8080"},
		{"forwarded for", headers["X-Forwarded-For"], "203.0.113.7, 192.0.2.1"},
		{"forwarded proto", headers["X-Forwarded-Proto"], "http"},
		{"forwarded port", headers["X-Forwarded-Port"], "8080"},
		{"last value", headers["X-Two"], "2"},
		{"all values", event["multiValueHeaders"].(map[string]any)["X-Two"], []any{"1", "2"}},
	} {
		if !reflect.DeepEqual(check.got, check.want) {
			t.Errorf("%s is %v, want %v", check.name, check.got, check.want)
		}
	}
}

func TestBodies(t *testing.T) {
	tests := []struct {
		name, binary, contentType, body string
		want                            any
		encoded                         bool
	}{
		{"none", "", "", "", nil, false},
		{"text", "", "text/plain", "a=b", "a=b", false},
		{"binary without a binary type", "", "image/png", "\xff\x00", "\uFFFD\x00", false},
		{"binary type", "[image~1png]", "image/png", "\xff\x00", "/wA=", true},
		{"binary type with a parameter", "[image/png]", "Image/PNG; a=b", "\xff", "/w==", true},
		{"other type", "[image/png]", "text/plain", "a", "a", false},
		{"family", "['image/*']", "image/gif", "a", "YQ==", true},
		{"all", "['*/*']", "", "a", "YQ==", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			properties := ""
			if test.binary != "" {
				properties = "BinaryMediaTypes: " + test.binary
			}
			b := newBench(t, template(properties, event("POST", "/a", "")), nil)
			b.do("POST", "/a", test.body, "Content-Type: "+test.contentType)
			event := b.backend.last(t)
			if event["body"] != test.want || event["isBase64Encoded"] != test.encoded {
				t.Errorf("got %q, %v, want %q, %v", event["body"], event["isBase64Encoded"], test.want, test.encoded)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	b := newBench(t, template("", event("POST", "/a", "")), nil)
	expect(t, b.do("POST", "/a", strings.Repeat("x", 6<<20-4000)), http.StatusOK, "fine")
	for _, size := range []int{6 << 20, 10 << 20} { // more than an event may have
		expect(t, b.do("POST", "/a", strings.Repeat("x", size)), http.StatusRequestEntityTooLarge,
			`{"message":"HTTP content length exceeded 10485760 bytes."}`)
	}
	expect(t, b.do("POST", "/a", strings.Repeat("x", 10<<20+1)), http.StatusRequestEntityTooLarge,
		`{"message":"HTTP content length exceeded 10485760 bytes."}`)
	expect(t, b.do("POST", "/a", "", "X-Long: "+strings.Repeat("x", 10000)), http.StatusOK, "fine")
	expect(t, b.do("POST", "/a", "", "X-Long: "+strings.Repeat("x", 10240)), http.StatusRequestHeaderFieldsTooLarge,
		`{"message":"The headers exceed 10240 bytes"}`)
	if len(b.backend.events) != 2 {
		t.Errorf("the function was called %d times, want 2", len(b.backend.events))
	}
}
