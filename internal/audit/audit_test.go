package audit

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// full is an event with every field.
var full = Event{Name: ClientCreated, Time: time.Date(2035, 1, 2, 4, 4, 5, 6e6, time.FixedZone("", 3600)), Actor: "arn", Client: "mobile",
	User: "u1", Session: "s1", Protocol: "oauth2", Reason: "because", RequestID: "r1"}

// The schema that docs/operations.md promises. Whoever changes it raises Version.
func TestSchema(t *testing.T) {
	for _, test := range []struct {
		event Event
		want  string
	}{
		{full, `{"audit":1,"event":"client_created","time":"2035-01-02T03:04:05.006Z","actor":"arn","client":"mobile","user":"u1","session":"s1",` +
			`"protocol":"oauth2","reason":"because","request_id":"r1"}`},
		{Event{Name: SignedIn, Time: full.Time}, `{"audit":1,"event":"signed_in","time":"2035-01-02T03:04:05.006Z"}`},
		{Event{Name: SignedIn, Time: full.Time, Client: "a\n\"b\x00\xff"}, `{"audit":1,"event":"signed_in","time":"2035-01-02T03:04:05.006Z","client":"a\n\"b\u0000\ufffd"}`},
	} {
		if got, err := test.event.Line(); err != nil || string(got) != test.want {
			t.Errorf("%s, %v, want %s", got, err, test.want)
		}
	}
}

// Each name that there is, is among Names, once.
func TestNames(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "audit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []Name
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if name, isName := "", ok && spec.Type != nil; isName {
			name, err = strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			declared = append(declared, Name(name))
		}
		return err == nil
	})
	if err != nil || !slices.Equal(declared, Names()) || len(declared) < 20 {
		t.Errorf("declared are %q, %v", declared, err)
	}
	for _, name := range declared {
		if strings.Trim(string(name), "abcdefghijklmnopqrstuvwxyz_") != "" {
			t.Errorf("%q", name)
		}
	}
}

// Every event and every field is explained to whoever reads the log.
func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"audit", "event", "time", "actor", "client", "user", "session", "protocol", "reason", "request_id"}
	for _, name := range Names() {
		names = append(names, string(name))
	}
	for _, name := range names {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/operations.md does not say what %s is", name)
		}
	}
}

// lines takes each write for a line, as CloudWatch may.
type lines struct {
	t   *testing.T
	all bytes.Buffer
}

func (l *lines) Write(line []byte) (int, error) {
	if !json.Valid(line) || bytes.Count(line, []byte("\n")) != 1 || !bytes.HasSuffix(line, []byte("\n")) {
		l.t.Errorf("%q is not one line of JSON", line)
	}
	return l.all.Write(line)
}

func TestOneWriteIsOneLine(t *testing.T) {
	out := &lines{t: t}
	log := NewLog(out)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if err := log.Write(full); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := bytes.Count(out.all.Bytes(), []byte("\n")); got != 50 {
		t.Errorf("%d lines", got)
	}
	if err := (*Log)(nil).Write(full); err != nil {
		t.Errorf("no log: %v", err)
	}
}
