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
