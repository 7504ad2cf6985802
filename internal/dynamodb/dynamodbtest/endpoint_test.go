package dynamodbtest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

func TestEndpointAnswersTheSDK(t *testing.T) {
	if first, second := Endpoint(t), Endpoint(t); first != second {
		t.Errorf("two engines in one process: %s and %s", first, second)
	}
	if _, err := Client(t, nil).ListTables(context.Background(), &dynamodb.ListTablesInput{}); err != nil {
		t.Error(err)
	}
}

func TestAnEngineOfAProgramEndsWhenAsked(t *testing.T) {
	t.Setenv(endpointVariable, "")
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	url, end, err := Start(filepath.Join(root, ".cache"))
	if err != nil {
		t.Fatal(err)
	}
	get(t, url)
	end()
	wantSilence(t, url)
}

func TestTheEndpointGivenWins(t *testing.T) {
	given := Endpoint(t)
	t.Setenv(endpointVariable, given)
	path(t, nil)
	e, err := open(t.TempDir())
	if err != nil || e.url != given {
		t.Errorf("got %q, %v; want %q", e.url, err, given)
	}
}

func TestWithoutAnEngineTheThreeWaysAreNamed(t *testing.T) {
	t.Setenv(endpointVariable, "")
	path(t, nil)
	_, err := open(t.TempDir())
	wantInError(t, err, endpointVariable, "(not set)", "npm", "dynoxide "+dynoxideVersion, "Docker", localImage)
}

func TestAnEndpointGivenThatIsSilentIsNotReplaced(t *testing.T) {
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(endpointVariable, address(port))
	_, err = open(t.TempDir())
	wantInError(t, err, endpointVariable, "no answer", "not tried")
}

func TestDockerIsTheThirdWay(t *testing.T) {
	t.Setenv(endpointVariable, "")
	path(t, map[string]string{"npm": "echo no network >&2; exit 1", "docker": standIn("engine")})
	e, err := open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer e.leash.Close()
	want := "run --rm -p " + strings.TrimPrefix(e.url, "http://") + ":8000 " + localImage
	if got := get(t, e.url); !strings.HasPrefix(got, want) {
		t.Errorf("docker was run with %q, want %q", got, want)
	}
}

func TestDockerWithoutItsDaemonSaysSo(t *testing.T) {
	t.Setenv(endpointVariable, "")
	path(t, map[string]string{"npm": "exit 1", "docker": "echo no daemon here >&2; exit 125"})
	_, err := open(t.TempDir())
	wantInError(t, err, "no daemon here")
}

// path makes a PATH of these shell scripts and nothing else.
func path(t *testing.T, scripts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range scripts {
		text := "#!/bin/sh\n" + script + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func wantInError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not name %q", err, part)
		}
	}
}
