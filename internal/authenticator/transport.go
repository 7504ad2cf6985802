package authenticator

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"time"
)

// idle is how long an unused connection is kept. Between requests Lambda
// freezes the function, and nothing is closed then.
const idle = 4 * time.Second

// bounded is how both are reached: what is read of an answer is bounded, and no
// proxy comes from the environment.
type bounded struct{ transport *http.Transport }

// NewTransport returns a transport for questions to one place. It follows no
// redirects.
func NewTransport() http.RoundTripper {
	return bounded{&http.Transport{
		DialContext:            (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    2 * time.Second,
		ForceAttemptHTTP2:      true,
		IdleConnTimeout:        idle,
		MaxIdleConnsPerHost:    16,
		MaxResponseHeaderBytes: 64 << 10,
	}}
}

// RoundTrip asks once.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = &body{response.Body, maxAnswer + 1}
	return response, nil
}

// body fails when more is read of it than may be.
type body struct {
	io.ReadCloser
	left int64
}

func (b *body) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
