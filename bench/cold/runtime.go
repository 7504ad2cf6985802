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
	"strings"
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
}

// Run starts the program with env, hands it event, and ends it when it has
// answered.
func Run(ctx context.Context, program string, env []string, event []byte) (Start, Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	api := &runtimeAPI{event: event, answered: make(chan Answer, 1), handed: make(chan struct{}, 1)}
	api.handed <- struct{}{}
	at, closeAPI, err := Serve(api)
	if err != nil {
		return Start{}, Answer{}, err
	}
	defer closeAPI()
	process := exec.CommandContext(ctx, program) // #nosec G204 -- of whoever calls
	process.Env = append(env, "AWS_LAMBDA_RUNTIME_API="+at, "AWS_LAMBDA_FUNCTION_NAME=bench", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "TZ=UTC")
	var log bytes.Buffer
	process.Stdout, process.Stderr = &log, &log
	if err := process.Start(); err != nil {
		return Start{}, Answer{}, fmt.Errorf("start %s: %w", program, err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = process.Wait() }()
	select {
	case answer := <-api.answered:
		resident, err := residentOf(process.Process.Pid)
		_ = process.Process.Kill()
		<-ended
		state := process.ProcessState
		return Start{state.UserTime() + state.SystemTime(), resident}, answer, err
	case <-ended:
		return Start{}, Answer{}, fmt.Errorf("%s ended before it answered:\n%s", program, log.String())
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: patience}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(err) // of a listener of this process
		}
	}()
	return listener.Addr().String(), func() { _ = server.Close(); <-done }, nil
}

// runtimeAPI hands out one event, and waits for its answer.
type runtimeAPI struct {
	event    []byte
	handed   chan struct{} // has one until the event is handed out
	answered chan Answer
}

func (a *runtimeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, "/2018-06-01/runtime/invocation/")
	switch {
	case ok && path == "next" && r.Method == http.MethodGet:
		select {
		case <-a.handed:
		case <-r.Context().Done():
			return
		}
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(patience).UnixMilli()))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:123456789012:function:bench")
		_, _ = w.Write(a.event)
	case ok && r.Method == http.MethodPost:
		payload, err := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		if err == nil {
			a.answered <- Answer{payload, strings.HasSuffix(path, "/error")}
		}
	default:
		http.NotFound(w, r)
	}
}
