package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// completed is what a shell is offered after args.
func completed(t *testing.T, args ...string) []string {
	t.Helper()
	code, out, stderr := run(t, "", append([]string{"__complete"}, args...)...)
	if code != exitFine {
		t.Fatalf("%v: exit code %d: %s", args, code, stderr)
	}
	return offered(out)
}

func offered(out string) []string {
	var found []string
	for text := range strings.Lines(out) {
		if value, _, _ := strings.Cut(strings.TrimSuffix(text, "\n"), "\t"); !strings.HasPrefix(value, ":") {
			found = append(found, value)
		}
	}
	return found
}

func TestCompletion(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"client create x --binding ", "none agent address network agent+address agent+network dpop"},
		{"client create x --on-mismatch ", "token session reject"},
		{"client create x --grants xauth,password,r", "xauth,password,refresh_token xauth,password,authorization_code xauth,password,client_credentials xauth,password,oauth1 xauth,password,token_exchange"},
		{"client create x --signature-methods ", "HMAC-SHA1 HMAC-SHA256 HMAC-SHA512 RSA-SHA1 RSA-SHA256 RSA-SHA512 PLAINTEXT"},
		{"serve --store ", "memory dynamodb"},
		{"session ", "list revoke show"},
		{"client update x --grants ", "xauth password refresh_token authorization_code client_credentials oauth1 token_exchange"},
		{"import x --format ", "csv json sql"},
		{"import x --type ", "client user token"},
		{"client create ", ""},
		{"client create x --stack ", ""},
		{"key retire ", ""},
	} {
		if got := completed(t, strings.Split(test.args, " ")...); !slices.Equal(got, strings.Fields(test.want)) {
			t.Errorf("%s: %v", test.args, got)
		}
	}
}

// Ids come from a server on this machine, which is asked in no time.
func TestCompletionOfIDs(t *testing.T) {
	a := administer(t)
	for args, want := range map[string]string{
		"client show":   "demo web",
		"client delete": "demo web",
		"client create": "",
		"key retire":    "1",
		"session show":  "",
		"user create":   "",
	} {
		_, out, _ := finish(t, command(t, a.vars, slices.Concat([]string{"__complete"}, strings.Fields(args), []string{a.flag(), ""})...), "")
		if got := offered(out); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %v", args, got)
		}
	}
}

// The scripts are ones that the shells which are here take.
func TestCompletionScripts(t *testing.T) {
	for args, want := range map[string]string{"completion tcsh": `unknown command "tcsh"`, "completion bash x": "usage: gatehouse completion bash"} {
		if code, _, stderr := run(t, "", strings.Fields(args)...); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d: %s", args, code, stderr)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		code, out, stderr := run(t, "", "completion", shell)
		if code != exitFine || !strings.Contains(out, "__complete") || !strings.Contains(out, "gatehouse") {
			t.Errorf("%s: exit code %d: %s", shell, code, stderr)
		}
		if path, err := exec.LookPath(shell); err == nil && shell != "powershell" {
			check := exec.CommandContext(t.Context(), path, "-n")
			check.Stdin = strings.NewReader(out)
			if said, err := check.CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %s", shell, err, said)
			}
		}
	}
}
