package faulttest

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
)

// Rates are how likely each fault is for a request, 0 to 1. All together are 1
// at most.
type Rates map[Fault]float64

// Layer is an http.RoundTripper between an SDK client and an engine. Its fields
// are set before the first request; it may be used by many goroutines.
type Layer struct {
	Next  http.RoundTripper // nil: http.DefaultTransport
	First []Fault           // of the first requests, in their order; "" is none
	Seed  uint64            // the same gives the same faults, in the order that requests come
	Fresh string            // the table whose items may be new, so that reads may be behind

	mu     sync.Mutex
	random *rand.Rand
	rates  Rates
	counts map[Fault]int
	all    int
}

// Set changes the rates; before that nothing goes wrong.
func (l *Layer) Set(rates Rates) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rates = maps.Clone(rates)
}

// Counts returns how often each fault has happened, and the number of all
// requests.
func (l *Layer) Counts() (faults map[Fault]int, all int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.counts), l.all
}

// draw decides on the next request, whose answer may be behind or not.
func (l *Layer) draw(behind bool) Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.random == nil {
		l.random, l.counts = rand.New(rand.NewPCG(l.Seed, l.Seed)), map[Fault]int{} // #nosec G404 -- a seed that was printed gives the same faults again
	}
	fault := l.next()
	if fault == Behind && !behind {
		fault = ""
	}
	l.all++
	if fault != "" {
		l.counts[fault]++
	}
	return fault
}

func (l *Layer) next() Fault {
	if l.all < len(l.First) {
		return l.First[l.all]
	}
	at := l.random.Float64()
	for _, fault := range All() {
		if at -= l.rates[fault]; at < 0 {
			return fault
		}
	}
	return ""
}

// RoundTrip sends a request to the engine unless it goes wrong before, and
// returns the answer unless it goes wrong after. What became of it is noted in
// the Record of the request's context, if there is one.
func (l *Layer) RoundTrip(req *http.Request) (*http.Response, error) {
	record := recordOf(req.Context())
	call, eventual, err := read(req)
	if err != nil {
		return nil, err
	}
	fault := l.draw(eventual && call.Table == l.Fresh)
	if fault != "" {
		record.failed()
	}
	if resp, err := fault.before(req); resp != nil || err != nil {
		return resp, err
	}
	resp, body, err := l.ask(req)
	if err != nil {
		record.failed()
		return nil, err
	}
	if fault.harmless() {
		record.answered(call, resp.StatusCode)
	}
	return fault.after(req, resp, body)
}

// harmless reports whether a fault lets the engine's answer through.
func (f Fault) harmless() bool { return f == "" || f == Slow }

// ask returns the engine's answer, read whole and with its checksum.
func (l *Layer) ask(req *http.Request) (*http.Response, string, error) {
	next := l.Next
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(req)
	if err != nil {
		return nil, "", err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, "", err
	}
	sign(resp, string(body))
	return resp, string(body), nil
}

// read returns what a request asks for, and whether that is an eventually
// consistent read of one item. It leaves the body to be read again.
func read(req *http.Request) (call Call, eventual bool, err error) {
	_, call.Operation, _ = strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	if req.Body == nil {
		return call, false, nil
	}
	body, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err != nil {
		return Call{}, false, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	var fields struct {
		TableName      string
		ConsistentRead bool
	}
	_ = json.Unmarshal(body, &fields) // an operation on many tables names none
	call.Table = fields.TableName
	return call, call.Operation == "GetItem" && !fields.ConsistentRead, nil
}
