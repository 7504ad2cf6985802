package stress

import (
	"context"
	"log/slog"
	"strings"
	"sync"
)

// faultLog takes from what the functions log why a request failed, and gives it
// to whoever sent it.
type faultLog struct{ slog.Handler }

// reasons are why one request failed.
type reasons struct {
	mu   sync.Mutex
	text []string
}

type reasonsKey struct{}

func withReasons(ctx context.Context) (context.Context, *reasons) {
	r := &reasons{}
	return context.WithValue(ctx, reasonsKey{}, r), r
}

func (r *reasons) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.text, "; ")
}

func (faultLog) Enabled(context.Context, slog.Level) bool { return true }

func (faultLog) Handle(ctx context.Context, record slog.Record) error {
	r, ok := ctx.Value(reasonsKey{}).(*reasons)
	record.Attrs(func(a slog.Attr) bool {
		if ok && a.Key == "fault" {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.text = append(r.text, a.Value.String())
		}
		return true
	})
	return nil
}
