package dynamodbtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"time"
)

// engine is an engine that answers at url, and runs until leash is closed if
// it is ours. The system closes leash when this process ends, even by SIGKILL.
type engine struct {
	url   string
	leash io.Closer
}

// onLeash runs its arguments until its standard input ends. It outlives Ctrl-C,
// so that it is there to end the engine, and lets go of its output, so that
// the output ends with the engine.
const onLeash = `trap "" INT HUP; "$@" & exec >&- 2>&-; read _; kill $!`

// program is how an engine is run.
type program struct {
	command func(port int) []string
	ready   string        // in the line it prints once the port is its own
	limit   time.Duration // to print that line, and again to answer
}

// start runs p on a free port of the loopback address and returns once it
// answers there. The error holds what p printed.
func (p program) start() (engine, error) {
	for range 5 {
		port, err := freePort()
		if err != nil {
			return engine{}, err
		}
		e, err := p.startOn(port)
		if err == nil || !taken(port) {
			return e, err
		}
	}
	return engine{}, errors.New("every port was taken before the engine had it")
}

// startOn believes the line that p prints before it believes the port: another
// process may have taken the port and answer there.
func (p program) startOn(port int) (engine, error) {
	cmd := exec.Command("/bin/sh", append([]string{"-c", onLeash, "engine"}, p.command(port)...)...) // #nosec G204 -- the words are constants of this package and a port
	leash, err := cmd.StdinPipe()
	if err != nil {
		return engine{}, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return engine{}, err
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return engine{}, err
	}
	e := engine{url: fmt.Sprintf("http://127.0.0.1:%d", port), leash: leash}
	err = p.await(e, output)
	go drain(cmd, output)
	if err != nil {
		_ = leash.Close()
		return engine{}, err
	}
	return e, nil
}

// await returns once the engine is ready. Closing the leash in time ends the
// engine, its output and so the wait.
func (p program) await(e engine, output io.Reader) error {
	late := time.AfterFunc(p.limit, func() { _ = e.leash.Close() })
	defer late.Stop()
	if err := awaitLine(output, p.ready); err != nil {
		return err
	}
	return awaitAnswer(e.url, p.limit)
}

// drain keeps a talkative engine from blocking on a full pipe.
func drain(cmd *exec.Cmd, output io.Reader) {
	_, _ = io.Copy(io.Discard, output)
	_ = cmd.Wait()
}

// awaitLine reads up to a line that contains want. When there is none, the
// error is all that was read.
func awaitLine(output io.Reader, want string) error {
	var seen []string
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if strings.Contains(lines.Text(), want) {
			return nil
		}
		seen = append(seen, lines.Text())
	}
	return fmt.Errorf("ended without being ready: %s", strings.Join(seen, "; "))
}

// awaitAnswer returns nil once url gives any HTTP response, or the last error
// after limit.
func awaitAnswer(url string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		err := ask(ctx, url)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer: %w", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func ask(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil) // #nosec G704 -- the engine that a test started or was told of
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req) // #nosec G704 -- as above
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// taken reports whether somebody has port.
func taken(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return true
	}
	_ = l.Close()
	return false
}
