package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth2"
)

// MaxAnswer is the longest body in bytes that is read of a backend's answer:
// a Lambda function can't return more, everything counted.
const MaxAnswer = 6 << 20

// The error codes of failures of the backend.
const (
	BadGateway     = "bad_gateway"
	GatewayTimeout = "gateway_timeout"
)

// What may be wrong with an answer that came.
var (
	errTooLarge = fmt.Errorf("proxy: the backend's answer is larger than %d bytes", MaxAnswer)
	errStatus   = errors.New("proxy: the backend's answer is not a final one")
)

// send asks the backend, once, and returns its answer. Redirects are answers
// like any other.
func (p *Proxy) send(ctx context.Context, out *http.Request) (oauth.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	in, err := p.Transport.RoundTrip(out.WithContext(ctx))
	if err != nil {
		return p.failed(err)
	}
	defer in.Body.Close()
	if in.StatusCode < 200 || in.StatusCode > 599 {
		return p.failed(fmt.Errorf("%w: status %d", errStatus, in.StatusCode))
	}
	body, err := readBody(in, out.Method)
	if err != nil {
		return p.failed(err)
	}
	return oauth.Response{Status: in.StatusCode, Header: broughtBack(in.Header, len(body) > 0), Body: body}, nil
}

// readBody reads the body to its end, and no further than it may be.
func readBody(in *http.Response, method string) ([]byte, error) {
	if method == http.MethodHead {
		return nil, nil
	}
	if in.ContentLength > MaxAnswer {
		return nil, fmt.Errorf("%w: it is to have %d", errTooLarge, in.ContentLength)
	}
	body, err := io.ReadAll(io.LimitReader(in.Body, MaxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read the backend's answer: %w", err)
	}
	if len(body) > MaxAnswer {
		return nil, errTooLarge
	}
	return body, nil
}

// broughtBack are the headers that the client gets. A body without a type
// would be called JSON by API Gateway.
func broughtBack(header http.Header, hasBody bool) http.Header {
	hop := connectionOptions(header)
	kept := make(http.Header, len(header))
	for name, values := range header {
		// RFC 9112 §5.1: a name with a space in it is no name.
		if key := normal(name); isToken(name) && !hopByHop(key) && !slices.Contains(hop, key) && key != "content-length" {
			kept[name] = values
		}
	}
	// A backend must not choose who is signed in at the pages of the same host.
	if cookies := slices.DeleteFunc(slices.Clone(kept["Set-Cookie"]), ofPages); len(cookies) < len(kept["Set-Cookie"]) {
		kept["Set-Cookie"] = cookies
	}
	if hasBody && kept.Get("Content-Type") == "" {
		kept.Set("Content-Type", "application/octet-stream")
	}
	return kept
}

// failed answers that there is no answer. cause is for the log alone.
func (p *Proxy) failed(cause error) (oauth.Response, error) {
	refusal := &oauth.Error{Status: http.StatusBadGateway, Code: BadGateway, Description: "the backend could not be reached, or gave no proper answer"}
	switch timeout := net.Error(nil); {
	case errors.Is(cause, errTooLarge):
		refusal.Description = fmt.Sprintf("the backend's answer is larger than %d bytes, which is more than can be passed on", MaxAnswer)
	case errors.Is(cause, context.DeadlineExceeded), errors.As(cause, &timeout) && timeout.Timeout():
		refusal.Status, refusal.Code, refusal.Description = http.StatusGatewayTimeout, GatewayTimeout, "the backend did not answer in time"
	}
	answer, err := oauth2.Refuse(p.Realm, refusal)
	answer.Fault = cause
	return answer, err
}
