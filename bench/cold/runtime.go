// Package cold starts Lambda functions as AWS does, to see what it takes them
// until the first answer.
package cold

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Start is what a process took until its first answer.
type Start struct {
	Processor time.Duration // user and system, all threads
	Resident  int64         // bytes at most
}

// patience is how long a start may take before it is a failure.
const patience = 30 * time.Second

// Answer is what a function said to its first event.
type Answer struct {
	Payload []byte
	Failed  bool
	After   time.Duration // that the event was given out
}

// Function is a program that speaks the Runtime API, with its arguments, in an
// environment. Its share is of the processor that it has once it asks for events;
// nil is all of it.
type Function struct {
	Command, Env []string
	Share        *Share
}

// Run starts a function, hands it event, and ends it when it has answered.
func (f Function) Run(ctx context.Context, event []byte) (Start, Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	api := &runtimeAPI{event: event, share: f.Share, handed: make(chan int, 1), answered: make(chan Answer, 1), broken: make(chan error, 1)}
	at, closeAPI, err := Serve(api)
	if err != nil {
		return Start{}, Answer{}, err
	}
	defer closeAPI()
	process := exec.CommandContext(ctx, f.Command[0], f.Command[1:]...) // #nosec G204 -- of whoever calls
	process.Env = slices.Concat(f.Env, Environment(at))
	var log bytes.Buffer
	process.Stdout, process.Stderr = &log, &log
	if err := process.Start(); err != nil {
		return Start{}, Answer{}, fmt.Errorf("start %s: %w", f.Command[0], err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = process.Wait() }()
	defer func() { _ = process.Process.Kill(); <-ended }()
	api.handed <- process.Process.Pid
	select {
	case answer := <-api.answered:
		resident, err := residentOf(process.Process.Pid)
		_ = process.Process.Kill()
		<-ended
		state := process.ProcessState
		return Start{state.UserTime() + state.SystemTime(), resident}, answer, err
	case err := <-api.broken:
		return Start{}, Answer{}, err
	case <-ended:
		return Start{}, Answer{}, fmt.Errorf("%s ended before it answered:\n%s", f.Command[0], log.String())
	}
}

// residentOf is the most memory that a process had, in bytes. What wait tells
// would have that of the parent in it.
func residentOf(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("look at the process: %w", err)
	}
	var kibibytes int64
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	if _, err := fmt.Sscan(rest, &kibibytes); err != nil {
		return 0, fmt.Errorf("read how much memory it had: %w", err)
	}
	return kibibytes * 1024, nil
}

// Serve serves handler on this machine, and returns its address and how to end
// it.
func Serve(handler http.Handler) (address string, end func(), err error) {
	return serve(handler, func(l net.Listener) net.Listener { return l })
}

// serve serves handler on what secured makes of the listener.
func serve(handler http.Handler, secured func(net.Listener) net.Listener) (address string, end func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: patience}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(secured(listener)); !errors.Is(err, http.ErrServerClosed) {
			panic(err) // of a listener of this process
		}
	}()
	return listener.Addr().String(), func() { _ = server.Close(); <-done }, nil
}

// runtimeAPI hands out one event, and waits for its answer.
type runtimeAPI struct {
	event    []byte
	share    *Share
	handed   chan int // has the process until the event is handed out
	answered chan Answer
	broken   chan error

	mu sync.Mutex
	at time.Time // of the event
}

func (a *runtimeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, "/2018-06-01/runtime/invocation/")
	switch {
	case ok && path == "next" && r.Method == http.MethodGet:
		select {
		case process := <-a.handed:
			a.hand(w, process)
		case <-r.Context().Done():
		}
	case ok && r.Method == http.MethodPost:
		payload, err := io.ReadAll(r.Body)
		after := a.sinceEvent()
		w.WriteHeader(http.StatusAccepted)
		if err == nil {
			a.answered <- Answer{payload, strings.HasSuffix(path, "/error"), after}
		}
	default:
		http.NotFound(w, r)
	}
}

// hand gives out the event. The function has its share of the processor from
// before that on, as init is over.
func (a *runtimeAPI) hand(w http.ResponseWriter, process int) {
	if a.share != nil {
		if err := a.share.take(process); err != nil {
			a.broken <- err
			return
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at = time.Now()
	HandOut(w, 1, a.event)
}

// HandOut answers a function that asks for its nth event.
func HandOut(w http.ResponseWriter, n int, event []byte) {
	w.Header().Set("Lambda-Runtime-Aws-Request-Id", strconv.Itoa(n))
	w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(patience).UnixMilli(), 10))
	w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:123456789012:function:bench")
	_, _ = w.Write(event)
}

// Environment is what Lambda sets for a function whose Runtime API is at an address.
func Environment(at string) []string {
	return []string{"AWS_LAMBDA_RUNTIME_API=" + at, "AWS_LAMBDA_FUNCTION_NAME=bench", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "TZ=UTC"}
}

func (a *runtimeAPI) sinceEvent() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Since(a.at)
}
