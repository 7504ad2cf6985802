package dynamodbtest

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestCounterCountsUnits(t *testing.T) {
	c := &Counter{}
	db := tableOf(t, c)
	condition := &types.ConditionalCheckFailedException{}
	steps := []struct {
		name string
		do   func() error
		want Usage
		err  error
	}{
		{"a put that its index shows", func() error { return db.put("a", "alice") }, Usage{1, 1, 0, 2}, nil},
		{"a put that no index shows", func() error { return db.put("b", "") }, Usage{1, 1, 0, 1}, nil},
		{"an update beside the index", func() error { return db.count("a") }, Usage{1, 1, 0, 1}, nil},
		{"a condition that fails", func() error { return db.putNew("a") }, Usage{1, 1, 0, 1}, condition},
		{"an eventual read", func() error { return db.get("a", false) }, Usage{1, 1, 0.5, 0}, nil},
		{"a strong read", func() error { return db.get("a", true) }, Usage{1, 1, 1, 0}, nil},
		{"a read of many, two found", func() error { return db.getAll("a", "b") }, Usage{1, 1, 1, 0}, nil},
		{"a read of the index", func() error { return db.byUser("alice") }, Usage{1, 1, 0.5, 0}, nil},
		{"a transaction", func() error { return db.deleteTogether("b", "c") }, Usage{1, 1, 0, 4}, nil},
		{"a question about the table", db.describe, Usage{1, 1, 0, 0}, nil},
	}
	for _, step := range steps {
		c.Reset()
		if err := step.do(); (step.err == nil) != (err == nil) || err != nil && !errors.As(err, &condition) {
			t.Errorf("%s: %v", step.name, err)
		}
		if got := c.Usage(); got != step.want {
			t.Errorf("%s: %+v, want %+v", step.name, got, step.want)
		}
	}
}

func TestCounterTellsSideBySideFromOneAfterAnother(t *testing.T) {
	c := &Counter{Delay: 20 * time.Millisecond}
	db := tableOf(t, c)
	c.Reset()
	var both sync.WaitGroup
	both.Go(func() { check(t, db.get("a", false)) })
	both.Go(func() { check(t, db.put("b", "")) })
	both.Wait()
	if got, want := c.Usage(), (Usage{2, 1, 0.5, 1}); got != want {
		t.Errorf("side by side: %+v, want %+v", got, want)
	}
	check(t, db.put("c", ""))
	if got, want := c.Usage(), (Usage{3, 2, 0.5, 2}); got != want {
		t.Errorf("and one after them: %+v, want %+v", got, want)
	}
}

// A chain beside a long request is as deep as the chain, although some request
// is under way all the time.
func TestAWaveBeginsWhileAnotherRequestIsUnderWay(t *testing.T) {
	slow := make(chan struct{})
	c := &Counter{Next: answering(func(req *http.Request) error {
		if req.URL.Path == "/slow" {
			<-slow
		}
		return nil
	})}
	var long sync.WaitGroup
	long.Go(func() { check(t, visit(c, "/slow")) })
	for c.Usage().RoundTrips == 0 {
		time.Sleep(time.Millisecond)
	}
	check(t, visit(c, "/one"))
	check(t, visit(c, "/two"))
	close(slow)
	long.Wait()
	if got, want := c.Usage(), (Usage{3, 2, 0, 0}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestARequestThatFailsIsARoundTrip(t *testing.T) {
	broken := errors.New("broken")
	c := &Counter{Next: answering(func(*http.Request) error { return broken })}
	if err := visit(c, "/"); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if got, want := c.Usage(), (Usage{1, 1, 0, 0}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// answering answers every request with an empty object, or an error.
type answering func(*http.Request) error

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := a(req); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

func visit(through http.RoundTripper, path string) error {
	client := http.Client{Transport: through}
	resp, err := client.Get("http://engine.invalid" + path)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
