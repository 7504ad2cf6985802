package apigateway

import (
	"time"

	"gatehouse/internal/audit"
	"gatehouse/internal/oauth"
)

// audit writes the events that the outcome of a request is, each a line of its
// own. Most requests are none.
func (g *Gateway) audit(r *oauth.Request, o *outcome, w who, now time.Time) {
	if g.Audit == nil || o.faulty() {
		return
	}
	act, why := o.told()
	if act == "" || act == oauth.ActAccepted {
		return
	}
	event := audit.Event{Time: now, Actor: g.Function, Client: w.client, User: w.user, Protocol: string(w.protocol), RequestID: r.ID}
	if w.session != (oauth.SessionID{}) {
		event.Session = w.session.String()
	}
	if act == oauth.ActTokenIssued && (o.grant == oauth.GrantPassword || o.grant == oauth.GrantXAuth) {
		g.write(event, oauth.ActSignedIn, why)
	}
	g.write(event, act, why)
}

// told is what the audit log is told, and why it was done.
func (o *outcome) told() (act oauth.Act, why string) {
	switch {
	case o.refusal == nil || o.act != "":
		return o.act, string(o.grant)
	case destroyed(o.refusal):
		return oauth.ActSessionDestroyed, reason(o.refusal)
	case o.refusal.OnMismatch == oauth.RejectOnly:
		return oauth.ActTokenRefused, reason(o.refusal)
	}
	return o.refusal.Act, reason(o.refusal)
}

// write has no request fail for a log that can't be written: what was done is
// done.
func (g *Gateway) write(event audit.Event, act oauth.Act, why string) {
	event.Name, event.Reason = audit.Name(act), why
	if err := g.Audit.Write(event); err != nil {
		g.Log.Error("an audit event is lost", "event", string(act), "error", err)
	}
}
