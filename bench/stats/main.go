package stats

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Main does what the program called name is for until somebody ends it, and exits
// with 1 where it fails.
func Main(name string, do func(ctx context.Context) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := do(ctx)
	if err == nil {
		return
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx) // what was ended says other things
	}
	fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
	os.Exit(1)
}
