// Package faulttest is a DynamoDB that goes wrong on purpose: between the SDK
// and an engine it refuses, breaks off, falls silent, and loses or damages
// answers after the work was done.
package faulttest

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Fault is a way for one request to go wrong.
type Fault string

// The faults. Of the first six the engine never sees the request; of all others
// it has done the work, and its answer is lost, late or damaged. A read that is
// behind finds no item, as one that is eventually consistent may before the
// write has spread; other requests are left as they are.
const (
	Throughput Fault = "throughput exceeded"
	Throttling Fault = "throttling"
	Refused500 Fault = "500 before the work"
	Refused503 Fault = "503 before the work"
	ResetFirst Fault = "reset before the work"
	HangFirst  Fault = "silence before the work"

	Lost500   Fault = "500 after the work"
	ResetLast Fault = "reset after the work"
	HangLast  Fault = "silence after the work"
	Half      Fault = "half an answer"
	Empty     Fault = "an empty answer"
	Garbage   Fault = "an answer that is no JSON"
	Changed   Fault = "an answer that fails its checksum"
	Slow      Fault = "a slow answer"
	Behind    Fault = "a read that is behind"
)

// All are all faults.
func All() []Fault {
	return []Fault{Throughput, Throttling, Refused500, Refused503, ResetFirst, HangFirst,
		Lost500, ResetLast, HangLast, Half, Empty, Garbage, Changed, Slow, Behind}
}

// ErrInjected is in the error of a request whose connection broke on purpose.
var ErrInjected = errors.New("faulttest: injected")

// Slowness is how long a slow answer takes.
const Slowness = 200 * time.Millisecond

// before does what a fault does without asking the engine; nil: it does that.
func (f Fault) before(req *http.Request) (*http.Response, error) {
	switch f {
	case Throughput:
		return exception(req, http.StatusBadRequest, "ProvisionedThroughputExceededException"), nil
	case Throttling:
		return exception(req, http.StatusBadRequest, "ThrottlingException"), nil
	case Refused500:
		return exception(req, http.StatusInternalServerError, "InternalServerError"), nil
	case Refused503:
		return exception(req, http.StatusServiceUnavailable, "ServiceUnavailable"), nil
	case ResetFirst:
		return nil, reset()
	case HangFirst:
		return nil, silence(req)
	}
	return nil, nil
}

// after is what becomes of an answer whose body is whole.
func (f Fault) after(req *http.Request, resp *http.Response, body string) (*http.Response, error) {
	switch f {
	case Lost500:
		return exception(req, http.StatusInternalServerError, "InternalServerError"), nil
	case ResetLast:
		return nil, reset()
	case HangLast:
		return nil, silence(req)
	case Half:
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body[:len(body)/2]), broken{}))
		return resp, nil
	case Empty:
		return damaged(resp, ""), nil
	case Garbage:
		return damaged(resp, "<html>"+body), nil
	case Changed:
		return damaged(resp, `{"Changed":{}}`), nil
	case Behind:
		return empty(resp), nil
	case Slow:
		if err := wait(req, Slowness); err != nil {
			return nil, err
		}
	}
	return resp, nil
}

// exception is an error in DynamoDB's words.
func exception(req *http.Request, status int, name string) *http.Response {
	body := fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"injected"}`, name)
	header := http.Header{"Content-Type": {"application/x-amz-json-1.0"}}
	resp := &http.Response{StatusCode: status, Status: http.StatusText(status), Header: header, Request: req,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	sign(resp, body)
	return resp
}

// sign gives an answer its body and the checksum of it, which DynamoDB sends
// and not every engine.
func sign(resp *http.Response, body string) {
	resp.Header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 10))
	damaged(resp, body)
}

// damaged gives an answer another body than its checksum is of.
func damaged(resp *http.Response, body string) *http.Response {
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return resp
}

// empty gives an answer the body of a read that found nothing.
func empty(resp *http.Response) *http.Response {
	sign(resp, "{}")
	return resp
}

func reset() error { return fmt.Errorf("%w: %w", ErrInjected, syscall.ECONNRESET) }

// silence lasts until the caller gives up.
func silence(req *http.Request) error {
	<-req.Context().Done()
	return req.Context().Err()
}

func wait(req *http.Request, how time.Duration) error {
	select {
	case <-time.After(how):
		return nil
	case <-req.Context().Done():
		return req.Context().Err()
	}
}

// broken is the end of a body whose connection broke.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
