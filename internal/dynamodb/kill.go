package dynamodb

import (
	"context"
	"time"

	"gatehouse/internal/oauth"
)

// Kill ends tokens of a session; see oauth.Sessions. One write, whether it
// succeeds or not: the index is not touched.
func (s *Store) Kill(ctx context.Context, id oauth.SessionID, k oauth.Killing) error {
	e := newExpression()
	condition := e.name(attrID) + " = " + e.value("id", binary(id[:])) + " AND " + killedLess(e, "killed", k.Generation)
	for name, value := range killing(&k) {
		e.assign(name, value)
	}
	if k.All() {
		e.assign(attrExpires, seconds(oauth.End(k.At.Add(oauth.KilledKept))))
	}
	return s.change(ctx, "kill", id, condition, e)
}

// Extend moves the end of a session on; see oauth.Sessions. One write, whether
// it succeeds or not: the index is not touched.
func (s *Store) Extend(ctx context.Context, id oauth.SessionID, end, now time.Time) error {
	e := newExpression()
	expires := e.name(attrExpires)
	condition := expires + " > " + e.value("now", number(now.Unix())) +
		" AND " + expires + " < " + e.value("new_"+attrExpires, seconds(oauth.End(end))) + " AND " + notKilledWhole(e)
	e.assign(attrExpires, seconds(oauth.End(end)))
	return s.change(ctx, "extend", id, condition, e)
}

// change updates a session where condition holds. Where it does not there is
// nothing to change, and a retry after a lost answer finds its own change.
func (s *Store) change(ctx context.Context, what string, id oauth.SessionID, condition string, e *expression) error {
	_, err := s.client.UpdateItem(ctx, e.updating(s.tables.Sessions, sessionKey(id), condition))
	return written(what+" a session", err, nil)
}

// notKilledWhole is the condition that not all of a session's tokens are dead.
func notKilledWhole(e *expression) string { return killedLess(e, "whole", oauth.AllGenerations) }

// killedLess is the condition that a generation is not dead; the value of that
// name stands for it.
func killedLess(e *expression, name string, generation uint32) string {
	killed := e.name(attrKilled)
	return "(attribute_not_exists(" + killed + ") OR " + killed + " < " + e.value(name, number(int64(generation))) + ")"
}
