package dynamodbtest

import (
	"bytes"
	"net/http"
	"sync"
)

// Recorder is an http.RoundTripper that keeps all that was sent through it. Its
// zero value is ready, and it may be used by many goroutines at once.
type Recorder struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// RoundTrip keeps the body of req and sends it on.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := readQuestion(req)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.text.Write(body)
	r.mu.Unlock()
	return http.DefaultTransport.RoundTrip(req)
}

// Text is what was sent so far, the bodies one after another.
func (r *Recorder) Text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}
