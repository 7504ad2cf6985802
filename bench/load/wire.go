package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// patience is how long an answer may take before it is a failure.
const patience = 30 * time.Second

// wire is the kept connection of one caller. It takes less of the processor,
// which it shares with the server, than the client of the library.
type wire struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
	used    time.Time
}

// stale is how long a connection may be idle: servers end those some day.
const stale = 5 * time.Second

// connect has a connection that the server has not ended.
func (w *wire) connect() error {
	idle := time.Since(w.used)
	w.used = time.Now()
	if w.conn != nil && idle < stale {
		return nil
	}
	if w.conn != nil {
		_ = w.conn.Close()
	}
	var err error
	if w.conn, err = net.DialTimeout("tcp", w.address, patience); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	w.in = bufio.NewReader(w.conn)
	return nil
}

// wires are one for each caller.
func wires(address string) []*wire {
	all := make([]*wire, mostCallers)
	for i := range all {
		all[i] = &wire{address: address}
	}
	return all
}

// send sends a request as it is, and returns the answer.
func (w *wire) send(request []byte) (status int, body []byte, err error) {
	if err := w.connect(); err != nil {
		return 0, nil, err
	}
	if _, err := w.conn.Write(request); err != nil {
		return 0, nil, fmt.Errorf("send: %w", err)
	}
	answer, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("read the answer: %w", err)
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil, fmt.Errorf("read the answer: %w", err)
	}
	return answer.StatusCode, body, nil
}

// want sends a request, and is an error unless the answer has the status and
// what is in it.
func (w *wire) want(request []byte, status int, inside string) error {
	got, body, err := w.send(request)
	if err != nil {
		return err
	}
	if got != status || !bytes.Contains(body, []byte(inside)) {
		return fmt.Errorf("it answers %d with %s, not %d with %s", got, body, status, inside)
	}
	return nil
}

// get is a request without a body.
func get(host, path, authorization string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: ExampleApp/3.2\r\nAuthorization: %s\r\n\r\n", path, host, authorization)
}

// post is a request with a form.
func post(host, path, form string) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: ExampleApp/3.2\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", path, host, len(form), form)
}
