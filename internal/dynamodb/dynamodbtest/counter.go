package dynamodbtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Usage is what the requests through a Counter came to.
type Usage struct {
	RoundTrips int     // requests sent, retries among them
	Waves      int     // round trips one after another: those side by side count once
	Reads      float64 // read units
	Writes     float64 // write units, indexes included
}

// Counter is an http.RoundTripper that counts the requests of an SDK client
// and the units they consume. It asks for the consumed capacity itself, so the
// code under test need not; that breaks the signature, which the engines of
// this package don't check and AWS does.
//
// A write whose condition fails is counted as one unit: AWS charges it, for
// items up to 1 KB, but reports nothing. Other refused requests count none.
//
// The fields may be set before the first request. A Counter may be used by
// many goroutines.
type Counter struct {
	Next  http.RoundTripper // nil: http.DefaultTransport
	Delay time.Duration     // holds each request, so that those sent side by side overlap: 20 ms do

	mu    sync.Mutex
	usage Usage
	ended int // the latest wave of which a request has ended
}

// Usage returns what was counted since the start or the last Reset.
func (c *Counter) Usage() Usage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.usage
}

// Reset begins again at zero. No request may be under way.
func (c *Counter) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.usage, c.ended = Usage{}, 0
}

// RoundTrip sends a copy of req that asks for the consumed capacity, and
// returns the answer once all of it is here.
func (c *Counter) RoundTrip(req *http.Request) (*http.Response, error) {
	wave := c.begin()
	defer c.end(wave)
	time.Sleep(c.Delay)
	operation := operationOf(req)
	req, err := askCapacity(req, operation)
	if err != nil {
		return nil, err
	}
	resp, err := next(c.Next).RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := readAnswer(resp)
	if err != nil {
		return nil, err
	}
	c.add(operation, unitsOf(body))
	return resp, nil
}

// begin opens a round trip and returns its wave: one later than the latest
// that has ended, since it may have waited for that and for no other.
func (c *Counter) begin() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	wave := c.ended + 1
	c.usage.RoundTrips++
	c.usage.Waves = max(c.usage.Waves, wave)
	return wave
}

func (c *Counter) end(wave int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = max(c.ended, wave)
}

func (c *Counter) add(operation string, units float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch kindOf(operation) {
	case read:
		c.usage.Reads += units
	case write:
		c.usage.Writes += units
	}
}

type kind int

const (
	other kind = iota // neither consumes units nor may be asked for them
	read
	write
)

func kindOf(operation string) kind {
	switch operation {
	case "GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems":
		return read
	case "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems":
		return write
	}
	return other
}

// operationOf reads the header that names the operation after a version and a
// dot: DynamoDB_20120810.GetItem.
func operationOf(req *http.Request) string {
	_, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	return operation
}

// askCapacity returns a copy of req, with its body read and closed, that asks
// for the consumed capacity if the operation has one.
func askCapacity(req *http.Request, operation string) (*http.Request, error) {
	if kindOf(operation) == other {
		return req, nil
	}
	defer req.Body.Close()
	var fields map[string]json.RawMessage
	if err := json.NewDecoder(req.Body).Decode(&fields); err != nil {
		return nil, err
	}
	fields["ReturnConsumedCapacity"] = json.RawMessage(`"TOTAL"`)
	body, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	asking := req.Clone(req.Context())
	asking.Body = io.NopCloser(bytes.NewReader(body))
	asking.ContentLength = int64(len(body))
	asking.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return asking, nil
}

// readQuestion reads the body of req and puts one in its place that can be read
// again.
func readQuestion(req *http.Request) ([]byte, error) {
	body, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	req.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}

// readAnswer reads the body of resp and puts one in its place that can be read
// again.
func readAnswer(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}

// unitsOf returns the units that an answer reports, or one for a condition
// that failed. Operations on many items report a list, a part for each table.
func unitsOf(body []byte) float64 {
	var answer struct {
		Type             string `json:"__type"`
		ConsumedCapacity json.RawMessage
	}
	_ = json.Unmarshal(body, &answer)
	if strings.HasSuffix(answer.Type, "#ConditionalCheckFailedException") {
		return 1
	}
	type part struct{ CapacityUnits float64 }
	var one part
	if json.Unmarshal(answer.ConsumedCapacity, &one) == nil {
		return one.CapacityUnits
	}
	var parts []part
	_ = json.Unmarshal(answer.ConsumedCapacity, &parts)
	for _, p := range parts {
		one.CapacityUnits += p.CapacityUnits
	}
	return one.CapacityUnits
}

func next(r http.RoundTripper) http.RoundTripper {
	if r == nil {
		return http.DefaultTransport
	}
	return r
}
