package functions_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/apigateway/emftest"
)

// lambdaRuntime is the Lambda Runtime API for one function: it hands events to
// the process that asks for the next one, as AWS Lambda does.
type lambdaRuntime struct {
	events chan invocation
	mu     sync.Mutex
	open   map[string]chan result
	ids    int
}

type invocation struct {
	id    string
	event []byte
}

type result struct {
	payload []byte
	err     error
}

const invocationPath = "/2018-06-01/runtime/invocation/"

// startFunction starts a compiled function with env and returns how to invoke
// it. The process ends with the test.
func startFunction(t *testing.T, binary string, env ...string) apigateway.Handler {
	t.Helper()
	api := &lambdaRuntime{events: make(chan invocation), open: map[string]chan result{}}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	process := exec.Command(binary)
	process.Env = append(env, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"),
		"AWS_LAMBDA_FUNCTION_NAME=test", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "TZ=UTC", "PATH="+os.Getenv("PATH"))
	var log bytes.Buffer
	process.Stdout, process.Stderr = &log, &log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { defer close(exited); _ = process.Wait() }()
	t.Cleanup(func() {
		_ = process.Process.Kill()
		<-exited
		wantMetrics(t, log.Bytes())
		if t.Failed() {
			t.Logf("log of %s:\n%s", binary, log.String())
		}
	})
	return func(ctx context.Context, event []byte) ([]byte, error) { return api.invoke(ctx, event, exited) }
}

// wantMetrics fails the test unless every line that a function logged is one that
// CloudWatch can count, and how long it waited for the store was. Lines of the
// Lambda library are no JSON.
func wantMetrics(t *testing.T, log []byte) {
	t.Helper()
	counted := map[string]int{}
	for line := range bytes.Lines(log) {
		if line[0] != '{' {
			continue
		}
		points, err := emftest.Read(line, "Gatehouse")
		if err != nil {
			t.Errorf("%v in %s", err, line)
		}
		for _, p := range points {
			counted[p.Metric+" "+p.Dimensions]++
		}
	}
	if counted["ColdStarts function=test"] != 1 || counted["Latency function=test"] == 0 || counted["StoreLatency function=test"] == 0 ||
		counted["StoreCalls function=test"] == 0 {
		t.Errorf("counted %v", counted)
	}
}

func (l *lambdaRuntime) invoke(ctx context.Context, event []byte, exited <-chan struct{}) ([]byte, error) {
	l.mu.Lock()
	l.ids++
	id := "invocation-" + strconv.Itoa(l.ids)
	done := make(chan result, 1)
	l.open[id] = done
	l.mu.Unlock()
	select {
	case l.events <- invocation{id, event}:
	case <-exited:
		return nil, errors.New("the function exited")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case r := <-done:
		return r.payload, r.err
	case <-exited:
		return nil, errors.New("the function exited")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ServeHTTP answers the function's process.
func (l *lambdaRuntime) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, invocationPath)
	switch {
	case ok && path == "next" && r.Method == http.MethodGet:
		l.next(w, r)
	case ok && r.Method == http.MethodPost:
		l.finish(w, r, path)
	case r.URL.Path == "/2018-06-01/runtime/init/error":
		w.WriteHeader(http.StatusAccepted)
	default:
		http.NotFound(w, r)
	}
}

func (l *lambdaRuntime) next(w http.ResponseWriter, r *http.Request) {
	select {
	case i := <-l.events:
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", i.id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(10*time.Second).UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:123456789012:function:test")
		_, _ = w.Write(i.event)
	case <-r.Context().Done():
	}
}

func (l *lambdaRuntime) finish(w http.ResponseWriter, r *http.Request, path string) {
	id, outcome, _ := strings.Cut(path, "/")
	body, err := io.ReadAll(r.Body)
	l.mu.Lock()
	done := l.open[id]
	delete(l.open, id)
	l.mu.Unlock()
	if err != nil || done == nil {
		http.Error(w, "no such invocation", http.StatusBadRequest)
		return
	}
	if outcome == "error" {
		done <- result{err: functionError(body)}
	} else {
		done <- result{payload: body}
	}
	w.WriteHeader(http.StatusAccepted)
}

// functionError is the error that API Gateway would see.
func functionError(body []byte) error {
	var message struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if err := json.Unmarshal(body, &message); err != nil {
		return fmt.Errorf("a malformed error: %q", body)
	}
	return errors.New(message.ErrorMessage)
}
