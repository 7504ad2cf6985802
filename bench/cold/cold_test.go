package cold

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// deployed is a deployment, the same by TLS, and the event of a request to it.
func deployed(t *testing.T) (plain, secured *Deployment, event string) {
	t.Helper()
	plain, err := Deploy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(plain.Close)
	if secured, err = plain.Secure(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(secured.Close)
	turn, err := turns.New(contender.Authorizer, "../..", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return plain, secured, turn.Event
}

func TestFunctionsAcceptAndRefuse(t *testing.T) {
	plain, secured, event := deployed(t)
	bare, authorizer := built(t, "../bare"), built(t, "gatehouse/functions/authorizer")
	for _, test := range []struct {
		name, binary string
		d            *Deployment
		token        string
		allowed      bool
		reads        bool
	}{
		{"bare", bare, plain, "", true, false},
		{"right", authorizer, plain, plain.Token, true, true},
		{"right, by TLS", authorizer, secured, plain.Token, true, true},
		{"wrong", authorizer, plain, "x" + plain.Token, false, true},
	} {
		before := test.d.Reads()
		start, answer, err := Function{Command: []string{test.binary}, Env: test.d.Env}.Run(t.Context(), []byte(strings.ReplaceAll(event, "TOKEN", test.token)))
		if err != nil || answer.Allows() != test.allowed {
			t.Errorf("%s: %s, %v", test.name, answer.Payload, err)
		}
		if start.Processor <= 0 || start.Resident <= 0 || answer.After <= 0 {
			t.Errorf("%s: took nothing: %+v, %v", test.name, start, answer.After)
		}
		if read := test.d.Reads() - before; read > 0 != test.reads {
			t.Errorf("%s: read %d items", test.name, read)
		}
	}
}

// What functions say by TLS they say to who has the authority's certificate, and to
// nobody else.
func TestTheAuthorityIsNeeded(t *testing.T) {
	_, secured, event := deployed(t)
	env := slices.DeleteFunc(slices.Clone(secured.Env), func(v string) bool { return strings.HasPrefix(v, "SSL_CERT_FILE=") })
	_, _, err := Function{Command: []string{built(t, "gatehouse/functions/authorizer")}, Env: env}.Run(t.Context(), []byte(event))
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("%v is not that the certificate is unknown", err)
	}
}

func TestNoFilesAreLeft(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	d, err := Deploy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	secured, err := d.Secure()
	if err != nil {
		t.Fatal(err)
	}
	secured.Close()
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) != 0 {
		t.Errorf("%v are left (%v)", left, err)
	}
}

func TestWhatEndsEarlyIsNoStart(t *testing.T) {
	if _, _, err := (Function{Command: []string{built(t, "gatehouse/functions/authorizer")}}).Run(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "SESSIONS_TABLE") {
		t.Errorf("%v does not say what is not set", err)
	}
}
