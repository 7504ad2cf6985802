package proxy

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// BenchmarkProxy calls a backend on this machine directly and through the
// proxy by turns, and reports how many direct calls one through the proxy is
// worth and what it adds. The store is in memory.
func BenchmarkProxy(b *testing.B) {
	address := serveHTTP(b, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write([]byte(`{"notes":[]}`))
	})
	h := newHouse(b, address)
	r := h.bearer("POST", "/api/notes", strings.Repeat("a", 1024), "Content-Type", "application/json")
	direct := NewTransport()
	b.Cleanup(direct.CloseIdleConnections)
	var straight, carried time.Duration
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		call(b, direct, address+r.Route, string(r.Body))
		between := time.Now()
		if response := h.serve(r); response.Status != http.StatusOK {
			b.Fatalf("status %d", response.Status)
		}
		straight, carried = straight+between.Sub(began), carried+time.Since(between)
	}
	b.ReportMetric(float64(carried)/float64(straight), "direct-calls/call")
	b.ReportMetric(float64((carried-straight).Microseconds())/float64(b.N), "added-µs/call")
}

func call(b *testing.B, transport http.RoundTripper, address, body string) {
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := transport.RoundTrip(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadAll(response.Body); err != nil {
		b.Fatal(err)
	}
}
