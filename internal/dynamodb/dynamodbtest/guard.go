package dynamodbtest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// Guard returns the URL of a server that stands in front of a service of AWS, or
// of an engine, until the test ends. Requests that allows reports true of are sent
// on; others are answered as IAM would. It is given what X-Amz-Target names, such
// as GetItem, and may be called by many goroutines at once.
func Guard(tb testing.TB, service string, allows func(operation string, body []byte) bool) string {
	tb.Helper()
	behind, err := url.Parse(service)
	if err != nil {
		tb.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := readQuestion(req)
		if err != nil || !allows(operationOf(req), body) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"__type":"com.amazon.coral.service#AccessDeniedException"}`))
			return
		}
		proxy.ServeHTTP(w, req)
	}))
	tb.Cleanup(server.Close)
	return server.URL
}
