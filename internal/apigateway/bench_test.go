package apigateway_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
)

// benchmark answers an event; part is of a right answer.
func benchmark(b *testing.B, name string, handler func(*apigateway.Gateway) apigateway.Handler, part string) {
	g := &apigateway.Gateway{Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Clock: clock, Function: "f", Metrics: true}
	invoke, event := handler(g), readEvent(b, name)
	b.ReportAllocs()
	for b.Loop() {
		if answer, err := invoke(context.Background(), event); err != nil || !bytes.Contains(answer, []byte(part)) {
			b.Fatalf("%s, %v", answer, err)
		}
	}
}

func BenchmarkRESTProxy(b *testing.B) { benchmark(b, "rest-proxy-form", proxied, `"statusCode":200`) }

func BenchmarkRESTAuthorizer(b *testing.B) {
	benchmark(b, "rest-authorizer", authorized, `"Effect":"Allow"`)
}

func BenchmarkHTTPAuthorizer(b *testing.B) {
	benchmark(b, "http-authorizer", authorized, `"Effect":"Allow"`)
}

// Allocations are exact where times are not: but for a few they are those of
// encoding/json. What counts as a metric adds four: the attributes, two numbers
// and the metadata.
func TestAllocations(t *testing.T) {
	for _, test := range []struct {
		name            string
		handler         func(*apigateway.Gateway) apigateway.Handler
		enough, counted float64
	}{
		{"rest-proxy-form", proxied, 114, 118},
		{"rest-authorizer", authorized, 131, 135},
		{"http-authorizer", authorized, 102, 106},
	} {
		for _, counted := range []bool{false, true} {
			enough := test.enough
			if counted {
				enough = test.counted
			}
			g := &apigateway.Gateway{Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Clock: clock, Function: "f", Metrics: counted}
			handler, event := test.handler(g), readEvent(t, test.name)
			if got := testing.AllocsPerRun(200, func() {
				if _, err := handler.Invoke(t.Context(), event); err != nil {
					t.Fatal(err)
				}
			}); got > enough {
				t.Errorf("%s, counted %v: %v allocations, %v are enough", test.name, counted, got, enough)
			}
		}
	}
}

func proxied(g *apigateway.Gateway) apigateway.Handler {
	return g.Proxy(serving(oauth.Response{Status: 200, Body: []byte("{}")}))
}

func authorized(g *apigateway.Gateway) apigateway.Handler { return g.Authorizer(answering(allowed)) }
