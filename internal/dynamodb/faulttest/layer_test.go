package faulttest

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

const said = `{"Item":{"id":{"S":"a"}}}`

// engine answers said, and counts. It calls then, if that is set, when it is
// asked.
func engine(t *testing.T, then func()) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err != nil || string(body) != `{"TableName":"users"}` {
			t.Errorf("the engine was sent %q, %v", body, err)
		}
		if asked.Add(1); then != nil {
			then()
		}
		_, _ = io.WriteString(w, said)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

// ask sends one request through l.
func ask(ctx context.Context, t *testing.T, l *Layer, url string) (status int, body string, record *Record, err error) {
	t.Helper()
	ctx, record = Watch(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(`{"TableName":"users"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
	resp, err := l.RoundTrip(req)
	if err != nil {
		return 0, "", record, err
	}
	read, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(read), record, err
}

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		fault  Fault
		asked  int32 // whether the engine was
		status int
		has    string
		err    error
	}{
		{"", 1, 200, said, nil},
		{Throughput, 0, 400, "#ProvisionedThroughputExceededException", nil},
		{Throttling, 0, 400, "#ThrottlingException", nil},
		{Refused500, 0, 500, "#InternalServerError", nil},
		{Refused503, 0, 503, "#ServiceUnavailable", nil},
		{ResetFirst, 0, 0, "", syscall.ECONNRESET},
		{HangFirst, 0, 0, "", context.Canceled},
		{Lost500, 1, 500, "#InternalServerError", nil},
		{ResetLast, 1, 0, "", ErrInjected},
		{HangLast, 1, 0, "", context.Canceled},
		{Half, 1, 200, said[:len(said)/2], io.ErrUnexpectedEOF},
		{Empty, 1, 200, "", nil},
		{Garbage, 1, 200, "<html>", nil},
		{Changed, 1, 200, "Changed", nil},
		{Slow, 1, 200, said, nil},
		{Behind, 1, 200, "{}", nil},
	} {
		ctx, giveUp := context.WithCancel(t.Context())
		var then func()
		switch test.fault {
		case HangFirst:
			giveUp()
		case HangLast:
			then = giveUp
		}
		url, asked := engine(t, then)
		l := &Layer{First: []Fault{test.fault}, Fresh: "users"}
		status, body, record, err := ask(ctx, t, l, url)
		giveUp()
		if asked.Load() != test.asked || status != test.status || !errors.Is(err, test.err) || !strings.Contains(body, test.has) {
			t.Errorf("%q: asked %d times, %d %q, %v", test.fault, asked.Load(), status, body, err)
		}
		var want Answers
		if test.fault.harmless() {
			want.Done = 1
		}
		if got := record.Answers()[Call{"GetItem", "users"}]; got != want || (record.Faults() == 0) != (test.fault == "") {
			t.Errorf("%q: %+v, want %+v; %d faults", test.fault, got, want, record.Faults())
		}
	}
}

// A checksum tells every damaged answer from a whole one.
func TestChecksums(t *testing.T) {
	url, _ := engine(t, nil)
	for _, fault := range []Fault{"", Empty, Garbage, Changed} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(`{"TableName":"users"}`))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := (&Layer{First: []Fault{fault}}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		sum, own := resp.Header.Get("X-Amz-Crc32"), &http.Response{Header: http.Header{}}
		body, err := io.ReadAll(resp.Body)
		sign(own, string(body))
		if whole := sum == own.Header.Get("X-Amz-Crc32"); err != nil || whole != (fault == "") {
			t.Errorf("%q: %q has the checksum %s, %v", fault, body, sum, err)
		}
	}
}

func TestAnEngineThatIsNotThere(t *testing.T) {
	l := &Layer{}
	if _, _, record, err := ask(t.Context(), t, l, "http://127.0.0.1:1"); err == nil || record.Faults() != 1 {
		t.Errorf("%v, %d faults", err, record.Faults())
	}
}

// The same seed gives the same faults, each about as often as its rate says.
func TestRates(t *testing.T) {
	const draws = 20000
	first, second := &Layer{Seed: 7}, &Layer{Seed: 7}
	rates := Rates{Throttling: 0.1, ResetLast: 0.02}
	first.Set(rates)
	second.Set(rates)
	for range draws {
		if a, b := first.draw(false), second.draw(false); a != b {
			t.Fatalf("%q and %q", a, b)
		}
	}
	counts, all := first.Counts()
	if all != draws || len(counts) != len(rates) {
		t.Errorf("%d draws, %v", all, counts)
	}
	for fault, rate := range rates {
		if got := float64(counts[fault]) / draws; math.Abs(got-rate) > rate/5 {
			t.Errorf("%s: %v, want %v", fault, got, rate)
		}
	}
}

// Only a read of a table that is named so can be behind, and no strong one.
func TestWhatIsNeverBehind(t *testing.T) {
	url, _ := engine(t, nil)
	if _, body, _, err := ask(t.Context(), t, &Layer{First: []Fault{Behind}, Fresh: "sessions"}, url); body != said || err != nil {
		t.Errorf("another table: %s, %v", body, err)
	}
	for body, want := range map[string]bool{`{}`: true, `{"ConsistentRead":false}`: true, `{"ConsistentRead":true}`: false} {
		req := httptest.NewRequest(http.MethodPost, url, strings.NewReader(body))
		req.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
		if _, got, err := read(req); got != want || err != nil {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
}

func TestNothingGoesWrongUnlessAsked(t *testing.T) {
	l := &Layer{}
	for range 1000 {
		if fault := l.draw(true); fault != "" {
			t.Fatal(fault)
		}
	}
}
