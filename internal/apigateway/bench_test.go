package apigateway_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
)

func benchmark(b *testing.B, name string, handler func(*apigateway.Gateway) apigateway.Handler) {
	g := &apigateway.Gateway{Log: slog.New(slog.NewJSONHandler(io.Discard, nil)),
		Clock: func() time.Time { return now }}
	invoke, event := handler(g), readEvent(b, name)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := invoke(context.Background(), event); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRESTProxy(b *testing.B) {
	benchmark(b, "rest-proxy-form", func(g *apigateway.Gateway) apigateway.Handler {
		return g.Proxy(serving(oauth.Response{Status: 200, Body: []byte("{}")}))
	})
}

func BenchmarkRESTAuthorizer(b *testing.B) {
	benchmark(b, "rest-authorizer", func(g *apigateway.Gateway) apigateway.Handler {
		return g.Authorizer(answering(allowed))
	})
}

func BenchmarkHTTPAuthorizer(b *testing.B) {
	benchmark(b, "http-authorizer", func(g *apigateway.Gateway) apigateway.Handler {
		return g.Authorizer(answering(allowed))
	})
}

// Allocations are exact where times are not: but for a few they are those of
// encoding/json.
func TestAllocations(t *testing.T) {
	g := &apigateway.Gateway{Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Clock: clock}
	for _, test := range []struct {
		name    string
		handler apigateway.Handler
		enough  float64
	}{
		{"rest-proxy-form", g.Proxy(serving(oauth.Response{Status: 200, Body: []byte("{}")})), 115},
		{"rest-authorizer", g.Authorizer(answering(allowed)), 135},
		{"http-authorizer", g.Authorizer(answering(allowed)), 104},
	} {
		event := readEvent(t, test.name)
		if got := testing.AllocsPerRun(200, func() {
			if _, err := test.handler.Invoke(t.Context(), event); err != nil {
				t.Fatal(err)
			}
		}); got > test.enough {
			t.Errorf("%s: %v allocations, %v are enough", test.name, got, test.enough)
		}
	}
}
