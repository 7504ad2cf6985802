// Command gatehouse is the tool for people: it serves all of Gatehouse on a
// laptop, signs requests, and writes clients and users of a deployment.
package main

import (
	"crypto/rand"
	"os"
	"time"
)

func main() {
	p := &program{clock: time.Now, rand: rand.Reader, env: os.Getenv, in: os.Stdin, out: os.Stdout, err: os.Stderr}
	os.Exit(p.run(os.Args[1:]))
}
