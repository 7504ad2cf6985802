package local_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/local"
)

// speaker logs as the functions do.
type speaker struct {
	log   *slog.Logger
	attrs []any
	out   string
}

func (s speaker) Invoke(ctx context.Context, _ []byte) ([]byte, error) {
	s.log.InfoContext(ctx, "request", s.attrs...)
	return []byte(s.out), nil
}

func TestOneLineARequest(t *testing.T) {
	var out strings.Builder
	clock := func() time.Time { return time.Date(2024, 10, 14, 13, 38, 2, 0, time.UTC) }
	log := local.NewLog(&out, clock)
	functions := map[string]local.Handler{
		"functions/authorizer": speaker{log.Logger(), []any{"route", "/a", "status", 200, "client", "demo", "session", "first"}, allow(everything, "{}")},
		"functions/backend":    speaker{log.Logger().With("user", "u"), []any{"session", "second", "description", "two words", "empty", ""}, fine},
	}
	handler, err := local.New([]byte(template(authorized, event("GET", "/a", ""))), functions, local.Options{Log: log, Clock: clock, Rand: zeros{}})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{handler: handler}
	b.do("GET", "/a?secret=1", "", "Authorization: Bearer secret")
	want := "13:38:02 200 GET /a 0s client=demo session=second user=u description=\"two words\"\n"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Who sends a request must not choose how long a line is, nor how many.
func TestLinesAreBounded(t *testing.T) {
	var out strings.Builder
	log := local.NewLog(&out, time.Now)
	long := strings.Repeat("y", 20_000)
	functions := map[string]local.Handler{"functions/backend": speaker{log.Logger(), []any{"description", long + "\n"}, fine}}
	text := template("", event("ANY", "/{proxy+}", ""))
	handler, err := local.New([]byte(text), functions, local.Options{Log: log, Clock: time.Now, Rand: zeros{}})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{handler: handler}
	b.do(strings.Repeat("M", 9000), "/a", "")
	b.do("GET", "/"+strings.Repeat("x", 9000), "")
	b.do("GET", "/"+strings.Repeat("x", 90_000), "")
	lines := strings.SplitAfter(out.String(), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines for 3 requests", len(lines)-1)
	}
	for _, line := range lines[:3] {
		if len(line) > 1500 || !strings.Contains(line, "...") {
			t.Errorf("%d bytes: %.300s", len(line), line)
		}
	}
	if !strings.Contains(lines[2], `gateway="DEFAULT_4XX: The headers exceed 10240 bytes"`) {
		t.Errorf("the reason is not in %s", lines[2])
	}
}

func TestLinesOutsideOfRequests(t *testing.T) {
	var out strings.Builder
	log := local.NewLog(&out, func() time.Time { return time.Date(2024, 10, 14, 13, 38, 2, 0, time.UTC) })
	log.Logger().With("a", "b").Info("ready", "status", 1)
	log.Logger().Debug("unheard")
	if got, want := out.String(), "13:38:02 ready a=b status=1\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
