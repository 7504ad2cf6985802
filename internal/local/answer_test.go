package local_test

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

const broken = `{"message":"Internal server error"}`

func TestFunctionAnswers(t *testing.T) {
	tests := []struct {
		name, answer string
		err          error
		status       int
		body         string
	}{
		{"whole", fine, nil, 200, "fine"},
		{"status as a string", `{"statusCode":"201","body":"made"}`, nil, 201, "made"},
		{"no body", `{"statusCode":200}`, nil, 200, ""},
		{"null body", `{"statusCode":404,"headers":null,"body":null}`, nil, 404, ""},
		{"no status", `{"body":"x"}`, nil, 502, broken},
		{"status out of range", `{"statusCode":99}`, nil, 502, broken},
		{"status a word", `{"statusCode":"OK"}`, nil, 502, broken},
		{"null", `null`, nil, 502, broken},
		{"text", `fine`, nil, 502, broken},
		{"list", `[]`, nil, 502, broken},
		{"two objects", fine + fine, nil, 502, broken},
		{"body an object", `{"statusCode":200,"body":{}}`, nil, 502, broken},
		{"unknown field", `{"statusCode":200,"cookies":[]}`, nil, 502, broken},
		{"header an object", `{"statusCode":200,"headers":{"a":{}}}`, nil, 502, broken},
		{"error", "", errors.New("no"), 502, broken},
		{"error that means something to authorizers only", "", errUnauthorized, 502, broken},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, template("", event("GET", "/a", "")), nil)
			b.backend.answer, b.backend.err = test.answer, test.err
			expect(t, b.do("GET", "/a", ""), test.status, test.body)
		})
	}
}

func TestFunctionPanics(t *testing.T) {
	b := newBench(t, template("", event("GET", "/a", "")), nil)
	b.backend.panics = true
	expect(t, b.do("GET", "/a", ""), http.StatusBadGateway, broken)
	if !strings.Contains(b.log.String(), "out of order") {
		t.Errorf("the log does not say why: %s", b.log.String())
	}
}

func TestAnswerHeaders(t *testing.T) {
	b := newBench(t, template("", event("GET", "/a", "")), nil)
	b.backend.answer = `{"statusCode":401,"headers":{"WWW-Authenticate":"Bearer","X-One":"1","X-Number":7,"Set-Cookie":"a"},
		"multiValueHeaders":{"Set-Cookie":["a","b"],"x-one":["0"]},"body":""}`
	header := b.do("GET", "/a", "").Header
	for name, want := range map[string][]string{
		"X-Amzn-Remapped-Www-Authenticate": {"Bearer"},
		"Www-Authenticate":                 nil,
		"X-One":                            {"0", "1"},
		"X-Number":                         {"7"},
		"Set-Cookie":                       {"a", "b"},
		"Content-Type":                     {"application/json"},
		"X-Amzn-Requestid":                 {"00000000-0000-4000-8000-000000000000"},
	} {
		if got := header[name]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestBinaryAnswers(t *testing.T) {
	b := newBench(t, template("BinaryMediaTypes: [image~1png]", event("GET", "/a", "")), nil)
	b.backend.answer = `{"statusCode":200,"body":"/wA=","isBase64Encoded":true}`
	expect(t, b.do("GET", "/a", "", "Accept: image/png, */*"), 200, "\xff\x00")
	expect(t, b.do("GET", "/a", "", "Accept: */*"), 200, "/wA=")
	b.backend.answer = `{"statusCode":200,"body":"!","isBase64Encoded":true}`
	expect(t, b.do("GET", "/a", "", "Accept: image/png"), 502, broken)
}
