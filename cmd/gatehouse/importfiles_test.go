package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// A file that would be read and written is named before anything happens to it.
func TestImportKeepsFilesApart(t *testing.T) {
	store := inDeployment(t)
	const text = `{"type":"client","id":"app","secret":"s"}` + "\n"
	file := importFile(t, "x.jsonl", text)
	folder := filepath.Dir(file)
	link, hard := filepath.Join(folder, "link"), filepath.Join(folder, "hard")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(file, hard); err != nil {
		t.Fatal(err)
	}
	keys := keysFileOf(t, testKeys)
	fresh := filepath.Join(folder, "new")
	for _, args := range [][]string{
		{"--state", file}, {"--report", file}, {"--state", link}, {"--report", hard}, {"--report", folder + "/./x.jsonl"},
		{"--state", fresh, "--report", fresh}, {"--report", keys, "--keys", keys}, {"--state", keys, "--keys", keys},
	} {
		code, _, stderr := run(t, "", append([]string{"import", file}, args...)...)
		if code != exitUsage || !strings.Contains(stderr, "which is read or written as well: name another file") {
			t.Errorf("%q: exit code %d: %s", args, code, stderr)
		}
	}
	other := importFile(t, "other", text)
	for flag, want := range map[string]string{"--state": "it is not empty, and no state file of an import", "--report": "is there, and no report of an import"} {
		mustFail(t, want, "import", file, flag, other)
	}
	if readFile(t, file) != text || readFile(t, other) != text || readFile(t, keys) != testKeys {
		t.Error("a file was written over")
	}
	if _, err := store.Client(t.Context(), "app"); err == nil {
		t.Error("an import went on")
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("a file was made")
	}
}

// A report is written over by the next one, and a pipe takes one too.
func TestImportReportsAgain(t *testing.T) {
	inDeployment(t)
	report := filepath.Join(t.TempDir(), "refused.jsonl")
	wrong, right := importFile(t, "x.jsonl", `{"type":"user"}`+"\n"), importFile(t, "x.jsonl", `{"type":"client","id":"a","secret":"s"}`+"\n")
	for _, test := range []struct {
		file  string
		lines int
	}{{wrong, 1}, {wrong, 1}, {right, 0}, {right, 0}} {
		run(t, "", "import", test.file, "--report", report)
		if got := strings.Count(readFile(t, report), "\n"); got != test.lines {
			t.Errorf("%d lines, want %d", got, test.lines)
		}
	}
	mustRun(t, "import", right, "--report", os.DevNull)
}

// The state of one deployment passes over nothing of another.
func TestImportStateOfAnother(t *testing.T) {
	inDeployment(t)
	state := filepath.Join(t.TempDir(), "done.jsonl")
	args := []string{"import", importFile(t, "x.jsonl", `{"type":"client","id":"app","secret":"s"}`+"\n"), "--state", state}
	mustRun(t, append(args, "--dry-run")...)
	if _, err := os.Stat(state); err == nil {
		t.Error("a dry run made the file")
	}
	mustRun(t, args...)
	before := readFile(t, state)
	t.Run("other", func(t *testing.T) {
		store := inDeployment(t)
		mustFail(t, "it is of another deployment, table TestImportStateOfAnother-registry of DynamoDB at ", args...)
		if _, err := store.Client(t.Context(), "app"); err == nil || readFile(t, state) != before {
			t.Error("it went on")
		}
	})
	mustRun(t, args...)
}

// A password that was changed at the older provider is taken over at the next
// export.
func TestImportChangedPassword(t *testing.T) {
	store := inDeployment(t)
	state := filepath.Join(t.TempDir(), "done.jsonl")
	line := func(hash string) string {
		return importFile(t, "x.jsonl", `{"type":"user","id":"7","name":"alice","password_hash":"`+hash+`"}`+"\n")
	}
	const older, newer = "$2b$04$zSx6C7YOhrpbiE9I9mCTbu8IFI/oA9.bUSukNXjwGWs4vxk314OKS", "$2b$04$zSx6C7YOhrpbiE9I9mCTbu8IFI/oA9.bUSukNXjwGWs4vxk314OKT"
	mustRun(t, "import", line(older), "--state", state)
	if out := mustRun(t, "import", line(newer), "--state", state); !strings.Contains(out, "users    0        1        0          0\n") {
		t.Errorf("it says %s", out)
	}
	user, err := store.User(t.Context(), "alice")
	if err != nil || user.PasswordHash != newer {
		t.Errorf("%+v, %v", user, err)
	}
	if err := store.Rehash(t.Context(), "alice", newer, "$argon2id$of a sign-in"); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "import", line(newer), "--state", state)
	code, out, stderr := run(t, "", "import", line(older), "--state", state)
	if code != exitFailure || !strings.Contains(stderr, "signed in here since") || strings.Contains(out+stderr, older) {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
}

// auditedTo is a file that audit events go to, and what is said in it of imports.
func auditedTo(t *testing.T) func() string {
	t.Helper()
	log := filepath.Join(t.TempDir(), "audit.jsonl")
	t.Setenv(auditVariable, log)
	return func() string {
		var reasons []string
		for line := range strings.Lines(readFile(t, log)) {
			if _, reason, ok := strings.Cut(line, `"reason":"`); ok && strings.Contains(line, `"event":"imported"`) {
				reasons = append(reasons, strings.TrimRight(reason, "\"}\n"))
			}
		}
		if err := os.Remove(log); err != nil {
			t.Error(err)
		}
		return strings.Join(reasons, "; ")
	}
}

// That something is imported is in the audit log before it is written, and what
// was written whatever ends it.
func TestImportIsAudited(t *testing.T) {
	store := inDeployment(t)
	audited := auditedTo(t)
	file := importFile(t, "x.csv", "type,id,secret\nclient,a,s\n")
	mustFail(t, "--report: open /none/x", "import", file, "--report", "/none/x")
	mustRun(t, "import", file, "--dry-run")
	if _, err := os.Stat(os.Getenv(auditVariable)); err == nil {
		t.Error("what is not written is audited")
	}
	p, _, _ := inProcess("")
	p.out = unread{}
	root := p.root()
	root.SetArgs([]string{"import", file})
	if err := root.ExecuteContext(t.Context()); err == nil {
		t.Error("nobody was told, and it is fine")
	}
	if got := audited(); got != "begun: 1 record; done: 1 client" {
		t.Errorf("the audit log is %s", got)
	}
	mustRun(t, "import", file)
	if got := audited(); got != "begun: 1 record; done: nothing written" {
		t.Errorf("again it is %s", got)
	}
	t.Setenv(auditVariable, "/none/audit.jsonl")
	mustFail(t, "nothing was written, since the audit log can't be: ", "import", importFile(t, "y.csv", "type,id,secret\nclient,b,s\n"))
	if _, err := store.Client(t.Context(), "b"); err == nil {
		t.Error("it was written without being audited")
	}
}

// An import that somebody interrupts is audited as one.
func TestImportInterruptedIsAudited(t *testing.T) {
	store := inDeployment(t)
	audited := auditedTo(t)
	p, _, _ := inProcess("")
	ctx, stop := context.WithCancel(t.Context())
	p.clock = func() time.Time {
		if _, err := store.Client(t.Context(), "phone"); err == nil {
			stop()
		}
		return time.Now()
	}
	root := p.root()
	root.SetArgs([]string{"import", importFile(t, "c.csv", olderConsumers), importFile(t, "t.csv", olderTokens(50))})
	if err := root.ExecuteContext(ctx); err == nil || !strings.Contains(err.Error(), "interrupted: what was written stays") {
		t.Error(err)
	}
	if got := audited(); got != "begun: 51 records; broken off: 1 client" {
		t.Errorf("the audit log is %s", got)
	}
}

// unread is a pipe that nobody reads.
type unread struct{}

func (unread) Write([]byte) (int, error) { return 0, os.ErrClosed }

// A key that is retired while an import seals with it takes secrets along, which
// nobody must learn from apps. One that takes over meanwhile is used.
func TestImportWhileAKeyIsRetired(t *testing.T) {
	const rotated = `{"current":"2","1":"a key for tests that nobody must ever use","2":"another key for tests that nobody must ever use"}`
	const retired = `{"current":"2","2":"another key for tests that nobody must ever use"}`
	for name, test := range map[string]struct {
		step time.Duration // of the clock
		keys string
		want string
		last seal.KeyID // sealed the last token; zero: it was not written
	}{
		"at the end": {0, retired, "key 1 was retired while the import sealed secrets with it", 1},
		"under way":  {keysStale, retired, "key 1 was retired while the import sealed secrets with it", 0},
		"rotated":    {keysStale, rotated, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			store, keys, now := inDeployment(t), keysFileOf(t, testKeys), time.Now()
			p, _, _ := inProcess("")
			p.clock = func() time.Time {
				if _, err := store.Client(t.Context(), "phone"); err == nil {
					if err := os.WriteFile(keys, []byte(test.keys), 0o600); err != nil {
						t.Error(err)
					}
				}
				now = now.Add(test.step)
				return now
			}
			root := p.root()
			root.SetArgs([]string{"import", importFile(t, "c.csv", olderConsumers), importFile(t, "t.csv", olderTokens(50)), "--keys", keys, "--parallel", "1"})
			if err := root.ExecuteContext(t.Context()); (err == nil) != (test.want == "") || err != nil && !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
			token, _ := seal.Imported("key-49")
			session, err := store.Find(t.Context(), token.Session, time.Now(), oauth.Strong)
			if (err == nil) != (test.last > 0) || seal.TokenKey(&session) != test.last {
				t.Errorf("the last is sealed by key %s, %v", seal.TokenKey(&session), err)
			}
		})
	}
}
