package local

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Log writes for people: one line a request, with what the functions said of
// it. Queries, headers and bodies hold credentials and are never in it.
type Log struct {
	clock func() time.Time
	mu    sync.Mutex
	out   io.Writer
}

// NewLog returns a Log that writes to out.
func NewLog(out io.Writer, clock func() time.Time) *Log { return &Log{out: out, clock: clock} }

// Logger returns the logger for functions. What they log with the context of
// an invocation becomes part of the request's line; anything else is a line of
// its own.
func (l *Log) Logger() *slog.Logger { return slog.New(&logHandler{log: l}) }

// request writes the line of one request.
func (l *Log) request(at time.Time, took time.Duration, c *call, status int, n *notes) {
	attrs, stack := n.all()
	line := fmt.Sprintf("%s %d %s %s %s", at.Format(time.TimeOnly), status,
		plain(short(c.request.Method, 20)), plain(short(c.context.Path, 200)), took.Round(100*time.Microsecond))
	l.write(line + formatAttrs(attrs) + "\n" + stack)
}

func (l *Log) write(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A log that can't be written has nobody to tell.
	_, _ = io.WriteString(l.out, text)
}

// notes is what is to be said of one request.
type notes struct {
	mu    sync.Mutex
	attrs []slog.Attr
}

type notesKey struct{}

func withNotes(ctx context.Context) (context.Context, *notes) {
	n := new(notes)
	return context.WithValue(ctx, notesKey{}, n), n
}

// note says something of the request that ctx belongs to.
func note(ctx context.Context, name, value string) {
	if n, ok := ctx.Value(notesKey{}).(*notes); ok && value != "" {
		n.add(name, value)
	}
}

func (n *notes) add(name, value string) { n.put(slog.String(name, value)) }

// put replaces what was said under the same name: the authorizer speaks first,
// the function that has the last word last.
func (n *notes) put(attr slog.Attr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.attrs {
		if n.attrs[i].Key == attr.Key {
			n.attrs[i] = attr
			return
		}
	}
	n.attrs = append(n.attrs, attr)
}

// all returns the notes, and apart from them the stack of a panic.
func (n *notes) all() (attrs []slog.Attr, stack string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, attr := range n.attrs {
		if attr.Key == "stack" {
			stack = strings.TrimRight(attr.Value.String(), "\n") + "\n"
			continue
		}
		attrs = append(attrs, attr)
	}
	return attrs, stack
}

// logHandler is a slog.Handler that gathers what is said of a request.
type logHandler struct {
	log   *Log
	attrs []slog.Attr
}

// Enabled leaves debugging out.
func (h *logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo
}

// Handle notes the record's attributes, or writes a line when there is no
// request to note them of.
func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	n, ok := ctx.Value(notesKey{}).(*notes)
	if !ok {
		attrs := append([]slog.Attr(nil), h.attrs...)
		record.Attrs(func(attr slog.Attr) bool { attrs = append(attrs, attr); return true })
		h.log.write(h.log.clock().Format(time.TimeOnly) + " " + record.Message + formatAttrs(attrs) + "\n")
		return nil
	}
	for _, attr := range h.attrs {
		n.put(attr)
	}
	record.Attrs(func(attr slog.Attr) bool {
		if !inLine(attr.Key) {
			n.put(attr)
		}
		return true
	})
	return nil
}

// inLine reports whether the line says it anyway, of the request as a whole.
func inLine(key string) bool {
	switch key {
	case "request_id", "method", "route", "status", "duration_ms":
		return true
	}
	return false
}

// WithAttrs returns a handler that says attrs too.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logHandler{h.log, append(append([]slog.Attr(nil), h.attrs...), attrs...)}
}

// WithGroup leaves groups flat: a line has no nesting.
func (h *logHandler) WithGroup(string) slog.Handler { return h }

func formatAttrs(attrs []slog.Attr) string {
	var text strings.Builder
	for _, attr := range attrs {
		if value := attr.Value.Resolve().String(); value != "" {
			text.WriteString(" " + attr.Key + "=" + plain(short(value, 1000)))
		}
	}
	return text.String()
}

// short bounds what whoever sends a request can make of its line, in bytes.
func short(value string, most int) string {
	if len(value) <= most {
		return value
	}
	return value[:most] + "..."
}

// plain quotes what would break the line or could be taken for another field.
func plain(value string) string {
	for _, c := range value {
		if c <= ' ' || c > '~' || c == '"' {
			return strconv.Quote(value)
		}
	}
	return value
}
