// Command gatehouse is the tool for people: it serves all of Gatehouse on a
// laptop, signs requests, and writes clients and users of a deployment.
package main

import (
	"context"
	"crypto/rand"
	"os"
	"time"
)

func main() {
	p := &program{clock: time.Now, sleep: sleep, rand: rand.Reader, env: os.Getenv, in: os.Stdin, out: os.Stdout, err: os.Stderr}
	os.Exit(p.run(os.Args[1:]))
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return errInterrupted
	}
}
