package dynamodbtest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// roleVariable makes the test program play another program, so that these
// tests need no engine.
const roleVariable = "DYNAMODBTEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "engine":
		exitWith(playEngine(os.Args[1:]))
	case "owner":
		exitWith(playOwner())
	default:
		os.Exit(m.Run())
	}
}

func exitWith(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// playEngine serves HTTP, as dynoxide does on the port that is its last
// argument, or as Docker does on the address it publishes. It answers with its
// arguments.
func playEngine(args []string) error {
	addr := "127.0.0.1:" + args[len(args)-1]
	for i, arg := range args {
		if arg == "-p" {
			addr = strings.TrimSuffix(args[i+1], ":8000")
		}
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Println("Initializing DynamoDB Local with the following configuration:")
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Join(args, " "))
	}))
}

// playOwner starts an engine, prints its URL and waits to be killed.
func playOwner() error {
	e, err := stoodIn().start()
	if err != nil {
		return err
	}
	fmt.Println(e.url)
	time.Sleep(time.Hour)
	return e.leash.Close()
}

// stoodIn is this program in the role of an engine.
func stoodIn() program {
	return program{
		command: func(port int) []string {
			return []string{"/bin/sh", "-c", standIn("engine"), "sh", strconv.Itoa(port)}
		},
		ready: "Initializing",
		limit: 10 * time.Second,
	}
}

// standIn is a line of shell that becomes this program in a role.
func standIn(role string) string {
	return fmt.Sprintf(`export %s=%s; exec '%s' "$@"`, roleVariable, role, os.Args[0])
}

func TestAnEngineEndsWithItsLeash(t *testing.T) {
	e, err := stoodIn().start()
	if err != nil {
		t.Fatal(err)
	}
	get(t, e.url)
	if err := e.leash.Close(); err != nil {
		t.Fatal(err)
	}
	wantSilence(t, e.url)
}

func TestAnEngineEndsWithAProcessThatIsKilled(t *testing.T) {
	owner := exec.Command(os.Args[0])
	owner.Env = append(os.Environ(), roleVariable+"=owner")
	output, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	url, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url = strings.TrimSpace(url)
	get(t, url)
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait() // says that it was killed
	wantSilence(t, url)
}

func TestAPortThatAnotherTookIsGivenUp(t *testing.T) {
	p := stoodIn()
	command, tries := p.command, 0
	var thief engine
	p.command = func(port int) []string {
		if tries++; tries == 1 {
			thief = startOn(t, stoodIn(), port)
		}
		return command(port)
	}
	e, err := p.start()
	if err != nil {
		t.Fatal(err)
	}
	defer e.leash.Close()
	defer thief.leash.Close()
	if e.url == thief.url || tries != 2 {
		t.Errorf("after %d tries %s is given, and %s is another's", tries, e.url, thief.url)
	}
}

func TestAnEngineThatNeverIsReadyIsEnded(t *testing.T) {
	p := stoodIn()
	p.ready, p.limit = "a line it never prints", 200*time.Millisecond
	_, err := p.start()
	wantInError(t, err, "Initializing")
}

func startOn(t *testing.T, p program, port int) engine {
	t.Helper()
	e, err := p.startOn(port)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func address(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// wantSilence waits until nobody listens at url.
func wantSilence(t *testing.T, url string) {
	t.Helper()
	for range 500 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			return
		}
		_ = conn.Close()
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s answers still", url)
}
