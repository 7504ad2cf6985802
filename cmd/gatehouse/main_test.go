package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the program as people run it.
var binary string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "gatehouse")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "gatehouse")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput(); err != nil {
		panic(string(out))
	}
	return m.Run()
}

// command runs the binary with nothing of AWS in its environment but vars.
func command(t *testing.T, vars []string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), binary, args...)
	c.Dir = t.TempDir()
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.Dir, "AWS_EC2_METADATA_DISABLED=true"}, vars...)
	return c
}

// failed reports whether an exit code is one of errors; TestExitCodes says which
// is of what.
func failed(code int) bool {
	return code == exitFailure || code == exitUsage || code == exitMissing
}

// failure runs a command that must fail with one line, and returns that line.
func failure(t *testing.T, c *exec.Cmd) string {
	t.Helper()
	var stderr bytes.Buffer
	c.Stderr = &stderr
	began := time.Now()
	err := c.Run()
	if code := c.ProcessState.ExitCode(); err == nil || !failed(code) {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
	text := stderr.String()
	if strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "gatehouse: ") {
		t.Errorf("not one line: %q", text)
	}
	return text
}

// served is a running `gatehouse serve`.
type served struct {
	command *exec.Cmd
	banner  string
	url     string
	mu      sync.Mutex
	log     bytes.Buffer
}

// Write keeps what the program writes to standard error.
func (s *served) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

func (s *served) logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// serve starts the program at a free port and waits for its banner.
func serve(t *testing.T, vars []string, args ...string) *served {
	t.Helper()
	s := &served{command: command(t, vars, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)}
	s.command.Stderr = s
	out, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop(t) })
	s.readBanner(t, out)
	return s
}

func (s *served) readBanner(t *testing.T, out io.Reader) {
	t.Helper()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		s.banner += lines.Text() + "\n"
		if url, ok := strings.CutPrefix(lines.Text(), "Gatehouse serves "); ok {
			s.url = url
		}
		if strings.HasPrefix(lines.Text(), "Ctrl-C stops it") {
			return
		}
	}
	t.Fatalf("it did not start: %s", s.logged())
}

// stop sends Ctrl-C and returns the exit code.
func (s *served) stop(t *testing.T) int {
	t.Helper()
	if s.command.ProcessState == nil {
		if err := s.command.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		_ = s.command.Wait() // the exit code is what counts
	}
	return s.command.ProcessState.ExitCode()
}

// inProcess is a program with its output in buffers.
func inProcess(stdin string) (p *program, out, err *bytes.Buffer) {
	out, err = new(bytes.Buffer), new(bytes.Buffer)
	return &program{clock: time.Now, sleep: sleep, rand: rand.Reader, env: os.Getenv, in: strings.NewReader(stdin), out: out, err: err}, out, err
}
