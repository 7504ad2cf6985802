package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gatehouse/internal/audit"
	"gatehouse/internal/importer"
	"gatehouse/internal/oauth/seal"
)

// writeImport writes what was read to the deployment. There is no result where it
// did not begin.
func (p *program) writeImport(ctx context.Context, o *importOptions, in *importer.Input) (*importer.Result, error) {
	where, store, keys, err := p.openWithKeys(ctx, o.target)
	if err != nil {
		return nil, err
	}
	state, closeState, err := o.openState(importer.Owner{Deployment: where.name(), Keys: keys, Rand: p.rand})
	if err != nil {
		return nil, err
	}
	if err := p.auditBegin(ctx, o, where, in); err != nil {
		return nil, errors.Join(err, closeState())
	}
	watched := watchKeys(keys, p.clock(), func(ctx context.Context) (*seal.Keyring, error) { return p.keyring(ctx, where, o.keys) })
	running, stop := context.WithCancel(ctx)
	defer stop()
	w := &importer.Writer{Store: store, Keys: keys, Rand: p.rand, Now: p.clock(), Sleep: p.sleep, Parallel: o.parallel,
		DryRun: o.dryRun, Done: state, Progress: p.importProgress(func() {
			if now := p.clock(); !o.dryRun && now.Sub(watched.at) >= keysStale && watched.look(running, now) != nil && watched.gone != nil {
				stop()
			}
		})}
	result, fault := w.Write(running, in)
	p.progress("")
	if fault = errors.Join(fault, closeState()); fault != nil && watched.gone == nil {
		if ctx.Err() != nil {
			fault = errInterrupted
		}
		fault = fmt.Errorf("%w: what was written stays, so run the same command again to go on", rootCause(fault))
	}
	if o.dryRun {
		return result, fault
	}
	p.auditEnd(ctx, where, result, fault)
	if lost := watched.lookLast(ctx, p.clock()); writtenRecords(result) != "" && lost != nil {
		fault = lost
	}
	return result, fault
}

// auditBegin writes down that an import begins, since nothing more is heard of one
// that is killed. Where that can't be written, nothing is.
func (p *program) auditBegin(ctx context.Context, o *importOptions, where place, in *importer.Input) error {
	if o.dryRun {
		return nil
	}
	event := audit.Event{Name: audit.Imported, Time: p.clock(), Reason: "begun: " + plural(in.Total(), "record")}
	if err := p.writeEvent(ctx, where, event); err != nil {
		return fmt.Errorf("nothing was written, since the audit log can't be: %w", err)
	}
	return nil
}

// auditEnd writes down what an import has written, whatever ended it.
func (p *program) auditEnd(ctx context.Context, where place, result *importer.Result, fault error) {
	how := "done: "
	if fault != nil {
		how = "broken off: "
	}
	written := writtenRecords(result)
	if written == "" {
		written = "nothing written"
	}
	p.audit(ctx, where, audit.Event{Name: audit.Imported, Reason: how + written})
}

// writtenRecords says what was written: a number of each kind.
func writtenRecords(result *importer.Result) string {
	var parts []string
	for _, kind := range importer.Kinds() {
		count := result.Counts[kind]
		if count.Created > 0 {
			parts = append(parts, plural(count.Created, string(kind)))
		}
		if count.Changed > 0 {
			parts = append(parts, plural(count.Changed, string(kind))+" changed")
		}
	}
	if n := len(result.Flagged); n > 0 {
		parts = append(parts, plural(n, "client")+" flagged as imported")
	}
	return strings.Join(parts, ", ")
}
