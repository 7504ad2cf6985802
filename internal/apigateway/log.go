package apigateway

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
)

// One line is logged for each event. It names the request, what came of it
// and who made it, and is what the metrics are taken from; headers, queries and
// bodies hold credentials and are never in it.

// outcome is what a line says beyond the request.
type outcome struct {
	status  int
	session *oauth.Session // that the answer made or used, or whose token it refused; nil: not known
	act     oauth.Act
	grant   oauth.Grant
	refusal *oauth.Error
	fault   error
	began   time.Time
	store   *oauth.Calls
}

// faulty reports whether something broke that the client was told of: what it was
// refused or given is then not what came of its request.
func (o *outcome) faulty() bool {
	return o.fault != nil && o.status >= http.StatusInternalServerError
}

func (g *Gateway) logResponse(ctx context.Context, c *counter, r *oauth.Request, response *oauth.Response, fault error, began time.Time) {
	o := outcome{status: response.Status, session: response.Session, act: response.Act, grant: response.Grant,
		refusal: response.Refusal, fault: fault, began: began, store: oauth.CallsOf(ctx)}
	if o.session == nil && o.refusal != nil {
		o.session = o.refusal.Session
	}
	g.logRequest(ctx, c, "request", r, &o)
}

func (g *Gateway) logVerdict(ctx context.Context, c *counter, r *oauth.Request, v *oauth.Verdict, answer, fault error, began time.Time) {
	o := outcome{status: verdictStatus(v, answer), refusal: v.Refusal, fault: cmp.Or(fault, v.Fault), began: began, store: oauth.CallsOf(ctx)}
	switch {
	case v.Session.Client != "":
		o.session = &v.Session
	case v.Refusal != nil:
		o.session = v.Refusal.Session
	}
	message := "refused"
	if o.status == http.StatusOK {
		message, o.act = "authorized", oauth.ActAccepted
	}
	if answer != nil && fault == nil && o.status == http.StatusInternalServerError {
		o.fault = errVerdict
	}
	g.logRequest(ctx, c, message, r, &o)
}

var errVerdict = errors.New("apigateway: the verdict is neither a permission with a session nor a refusal of the client")

// verdictStatus is what the gateway answers the client, 200 when it lets the
// request through.
func verdictStatus(v *oauth.Verdict, answer error) int {
	switch {
	case errors.Is(answer, ErrUnauthorized):
		return http.StatusUnauthorized
	case answer != nil:
		return http.StatusInternalServerError
	case v.Allowed && v.Refusal == nil:
		return http.StatusOK
	}
	return http.StatusForbidden
}

func (g *Gateway) logRequest(ctx context.Context, c *counter, message string, r *oauth.Request, o *outcome) {
	now := g.Clock()
	took := now.Sub(o.began)
	attrs := make([]slog.Attr, 0, 24)
	attrs = append(attrs, slog.String("request_id", r.ID), slog.String("method", r.Method),
		slog.String("route", logRoute(r)), slog.Int("status", o.status), slog.Float64("duration_ms", milliseconds(took)))
	counted := c.counted(o, took)
	if o.refusal != nil {
		attrs = appendRefusal(attrs, o.refusal, len(counted) > 0)
	}
	who := o.who(r)
	attrs = who.append(attrs)
	level := slog.LevelInfo
	if o.fault != nil {
		level = slog.LevelError
		attrs = append(attrs, faultAttrs(o.fault)...)
	}
	g.Log.LogAttrs(ctx, level, message, append(attrs, counted...)...)
	g.audit(r, o, who, now)
}

// maxRoute bounds what a client can make of a line, in bytes.
const maxRoute = 200

// logRoute is the route as the API's owner wrote it. A path may hold what opens
// something, such as the token of a link in a mail, and is taken only where the
// gateway names no route.
func logRoute(r *oauth.Request) string {
	route := cmp.Or(r.Template, r.Route)
	return route[:min(len(route), maxRoute)]
}

// appendRefusal tells why, but for the reason where the metrics do.
func appendRefusal(attrs []slog.Attr, refusal *oauth.Error, counted bool) []slog.Attr {
	attrs = append(attrs, slog.String("error", refusal.Code))
	if !refusal.Quotes {
		attrs = append(attrs, slog.String("description", refusal.Description))
	}
	if refusal.Reason != "" {
		if !counted {
			attrs = append(attrs, slog.String("reason", string(refusal.Reason)))
		}
		attrs = append(attrs, slog.String("on_mismatch", string(refusal.OnMismatch)))
	}
	if refusal.Diagnosis != "" {
		attrs = append(attrs, slog.String("diagnosis", refusal.Diagnosis))
	}
	return attrs
}

// who is whose request it was. All are ids.
type who struct {
	client, user string
	session      oauth.SessionID
	protocol     oauth.Protocol
}

// who prefers the session that the answer is about to the one the authorizer
// saw.
func (o *outcome) who(r *oauth.Request) who {
	switch {
	case o.session != nil:
		return who{o.session.Client, o.session.User, o.session.ID, o.session.Protocol}
	case r.Caller != nil:
		return who{r.Caller.Client, r.Caller.User, r.Caller.Session, r.Caller.Protocol}
	}
	return who{}
}

// append leaves out the id of a session that is yet to begin.
func (w who) append(attrs []slog.Attr) []slog.Attr {
	if w == (who{}) {
		return attrs
	}
	attrs = append(attrs, slog.String("client", w.client), slog.String("user", w.user))
	if w.session != (oauth.SessionID{}) {
		attrs = append(attrs, slog.String("session", w.session.String()))
	}
	return append(attrs, slog.String("protocol", string(w.protocol)))
}

// logEvent logs an event that no request could be made of.
func (g *Gateway) logEvent(ctx context.Context, c *counter, err error, began time.Time) {
	o := outcome{status: http.StatusInternalServerError, fault: err, began: began}
	g.Log.LogAttrs(ctx, slog.LevelError, "event", append(faultAttrs(err), c.counted(&o, g.Clock().Sub(began))...)...)
}

func faultAttrs(fault error) []slog.Attr {
	attrs := []slog.Attr{slog.String("fault", fault.Error())}
	var caught *panicError
	if errors.As(fault, &caught) {
		attrs = append(attrs, slog.String("stack", string(caught.stack)))
	}
	return attrs
}
