package apigateway_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// A Lambda function can return 6 MB, of which base64 makes 4.5 MB. What is
// larger is an answer of its own, which pages may read.
func TestAnswersThatAreTooLarge(t *testing.T) {
	const limit = 6 << 20
	for name, test := range map[string]struct {
		body []byte
		fits bool
	}{
		"text":            {bytes.Repeat([]byte("<"), limit-1000), true},
		"long text":       {bytes.Repeat([]byte("a"), limit), false},
		"escaped text":    {bytes.Repeat([]byte("\n"), limit/2), false},
		"binary":          {bytes.Repeat([]byte{0xff}, limit/4*3-1000), true},
		"long binary":     {bytes.Repeat([]byte{0xff}, limit/4*3), false},
		"nothing but NUL": {make([]byte, limit/6), false},
	} {
		g, log := newGateway(t, "")
		g.AllowedOrigin = "*"
		response := oauth.Response{Status: 200, Header: http.Header{"X-A": {"b"}}, Body: test.body}
		got := invokeProxy(t, g, readEvent(t, "rest-proxy-form"), serving(response))
		if test.fits {
			if got.StatusCode != 200 || len(got.Body) < len(test.body) {
				t.Errorf("%s: status %d with %d bytes", name, got.StatusCode, len(got.Body))
			}
			continue
		}
		if got.StatusCode != 502 || !strings.Contains(got.Body, `"error":"bad_gateway"`) || got.Headers["Access-Control-Allow-Origin"] != "*" {
			t.Errorf("%s: %d %.100s", name, got.StatusCode, got.Body)
		}
		if line := log.String(); !strings.Contains(line, "larger than 6291456 bytes") || !strings.Contains(line, `"status":502`) {
			t.Errorf("%s: the log says %s", name, line)
		}
	}
}

// A fault beside an answer is for the log alone.
func TestFaultOfAResponse(t *testing.T) {
	g, log := newGateway(t, "")
	response := oauth.Response{Status: 504, Body: []byte("later"), Fault: errors.New("dial 10.0.0.7: no route")}
	got := invokeProxy(t, g, readEvent(t, "rest-proxy-form"), serving(response))
	if got.StatusCode != 504 || got.Body != "later" {
		t.Errorf("got %+v", got)
	}
	if line := log.String(); !strings.Contains(line, `"level":"ERROR"`) || !strings.Contains(line, "10.0.0.7") {
		t.Errorf("the log says %s", line)
	}
}
