package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"gatehouse/internal/audit"
)

// auditVariable names a file for audit events, where there is no stack that
// keeps them.
const auditVariable = "GATEHOUSE_AUDIT_FILE"

// audit writes down what an operator did, where the deployment keeps such
// events. It is called after the act, which stays done whatever comes of it: that
// an event is not written is said aloud, and is a failure of the program.
func (p *program) audit(ctx context.Context, where place, event audit.Event) {
	event.Time = p.clock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()
	if err := p.writeEvent(ctx, where, event); err != nil {
		line, _ := event.Line() // there is nothing more that could be said
		p.lost = append(p.lost, fmt.Errorf("DONE, BUT NOT IN THE AUDIT LOG, so keep this yourself: %s: %w", line, err))
	}
}

// auditTimeout is how long an event may take, also after Ctrl-C.
const auditTimeout = 10 * time.Second

func (p *program) writeEvent(ctx context.Context, where place, event audit.Event) error {
	d, onAWS := where.(*deployed)
	if !onAWS || d.stack == nil {
		event.Actor = p.env("USER")
		return p.auditFile().Write(event)
	}
	group := d.stack.outputs["AuditLogGroup"]
	if group == "" {
		p.say("warning: the stack has no output AuditLogGroup, so %s is not written down: deploy template.yaml as it is now", event.Name)
		return nil
	}
	if p.trail == nil || p.trail.group != group {
		trail, err := openTrail(ctx, d.cfg, group)
		if err != nil {
			return err
		}
		p.trail = trail
	}
	return p.trail.write(ctx, event)
}

// auditFile is the log in the file that GATEHOUSE_AUDIT_FILE names; nil where
// it names none.
func (p *program) auditFile() *audit.Log {
	path := p.env(auditVariable)
	if path == "" {
		return nil
	}
	return audit.NewLog(appending(path))
}

// appending is a file that is opened for each write, so that it may be moved
// away meanwhile.
type appending string

// Write appends to the file, which it creates for its owner alone.
func (path appending) Write(line []byte) (int, error) {
	file, err := os.OpenFile(string(path), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) // #nosec G304 -- the file that its user names
	if err != nil {
		return 0, err
	}
	n, err := file.Write(line)
	return n, cmp.Or(err, file.Close())
}

// unaudited says aloud what is not in the audit log, and makes that the error of
// what was done without one.
func (p *program) unaudited(err error) error {
	for _, lost := range p.lost {
		p.say("gatehouse: %v", lost)
	}
	if err == nil && len(p.lost) > 0 {
		return errUnaudited
	}
	return err
}

var errUnaudited = errors.New("what was done is done, and is not in the audit log")
