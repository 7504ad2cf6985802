package local

import (
	"context"
	"fmt"
)

// invoke calls a function. A panic in it is an error, as on Lambda, where it
// ends one environment and not the gateway.
func invoke(ctx context.Context, function Handler, event []byte) (out []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			out, err = nil, fmt.Errorf("panic: %v", cause)
		}
	}()
	return function.Invoke(ctx, event)
}
