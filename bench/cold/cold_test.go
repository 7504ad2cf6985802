package cold

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/bench/contender"
	"gatehouse/bench/turns"
)

func built(t *testing.T, name string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bootstrap")
	compiler := exec.Command("go", "build", "-o", binary, name)
	if output, err := compiler.CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", name, err, output)
	}
	return binary
}

func TestFunctionsAcceptAndRefuse(t *testing.T) {
	d, err := Deploy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	turn, err := turns.New(contender.Authorizer, "../..", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	bare, authorizer := built(t, "../bare"), built(t, "gatehouse/functions/authorizer")
	for _, test := range []struct {
		name, binary, token string
		allowed             bool
	}{
		{"bare", bare, "", true},
		{"right", authorizer, d.Token, true},
		{"wrong", authorizer, "x" + d.Token, false},
	} {
		start, answer, err := Run(t.Context(), test.binary, d.Env, []byte(strings.ReplaceAll(turn.Event, "TOKEN", test.token)))
		if err != nil || answer.Allows() != test.allowed {
			t.Errorf("%s: %s, %v", test.name, answer.Payload, err)
		}
		if start.Processor <= 0 || start.Resident <= 0 {
			t.Errorf("%s: took nothing: %+v", test.name, start)
		}
	}
}

func TestWhatEndsEarlyIsNoStart(t *testing.T) {
	if _, _, err := Run(t.Context(), built(t, "gatehouse/functions/authorizer"), nil, nil); err == nil || !strings.Contains(err.Error(), "SESSIONS_TABLE") {
		t.Errorf("%v does not say what is not set", err)
	}
}
