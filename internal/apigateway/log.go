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
// and who made it; headers, queries and bodies hold credentials and are never
// in it.

// outcome is what a line says beyond the request.
type outcome struct {
	status  int
	refusal *oauth.Error
	fault   error
	began   time.Time
}

func (g *Gateway) logResponse(ctx context.Context, r *oauth.Request, response *oauth.Response, fault error, began time.Time) {
	g.logRequest(ctx, "request", r, whoResponded(r, response),
		outcome{response.Status, response.Refusal, fault, began})
}

// whoResponded prefers the session that the response made or used, or whose
// token it refused, to the one the authorizer saw.
func whoResponded(r *oauth.Request, response *oauth.Response) []slog.Attr {
	switch {
	case response.Session != nil:
		return sessionAttrs(response.Session)
	case response.Refusal != nil && response.Refusal.Session != nil:
		return sessionAttrs(response.Refusal.Session)
	case r.Caller != nil:
		return whoAttrs(r.Caller.Client, r.Caller.User, r.Caller.Session, r.Caller.Protocol)
	}
	return nil
}

func (g *Gateway) logVerdict(ctx context.Context, r *oauth.Request, v *oauth.Verdict, answer, fault error, began time.Time) {
	o := outcome{verdictStatus(v, answer), v.Refusal, cmp.Or(fault, v.Fault), began}
	message := "refused"
	if o.status == http.StatusOK {
		message = "authorized"
	}
	if answer != nil && fault == nil && o.status == http.StatusInternalServerError {
		o.fault = errVerdict
	}
	g.logRequest(ctx, message, r, whoJudged(v), o)
}

func whoJudged(v *oauth.Verdict) []slog.Attr {
	switch {
	case v.Session.Client != "":
		return sessionAttrs(&v.Session)
	case v.Refusal != nil && v.Refusal.Session != nil:
		return sessionAttrs(v.Refusal.Session)
	}
	return nil
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

func (g *Gateway) logRequest(ctx context.Context, message string, r *oauth.Request, who []slog.Attr, o outcome) {
	took := g.Clock().Sub(o.began)
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs, slog.String("request_id", r.ID), slog.String("method", r.Method),
		slog.String("route", r.Route), slog.Int("status", o.status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000))
	if o.refusal != nil {
		attrs = append(attrs, slog.String("error", o.refusal.Code))
		if !o.refusal.Quotes {
			attrs = append(attrs, slog.String("description", o.refusal.Description))
		}
		if o.refusal.Reason != "" {
			attrs = append(attrs, slog.String("reason", string(o.refusal.Reason)),
				slog.String("on_mismatch", string(o.refusal.OnMismatch)))
		}
		if o.refusal.Diagnosis != "" {
			attrs = append(attrs, slog.String("diagnosis", o.refusal.Diagnosis))
			attrs = append(attrs, counted(o.refusal.Diagnosis, o.began)...)
		}
	}
	attrs = append(attrs, who...)
	level := slog.LevelInfo
	if o.fault != nil {
		level = slog.LevelError
		attrs = append(attrs, faultAttrs(o.fault)...)
	}
	g.Log.LogAttrs(ctx, level, message, attrs...)
}

// logEvent logs an event that no request could be made of.
func (g *Gateway) logEvent(ctx context.Context, err error) {
	g.Log.LogAttrs(ctx, slog.LevelError, "event", faultAttrs(err)...)
}

func faultAttrs(fault error) []slog.Attr {
	attrs := []slog.Attr{slog.String("fault", fault.Error())}
	var caught *panicError
	if errors.As(fault, &caught) {
		attrs = append(attrs, slog.String("stack", string(caught.stack)))
	}
	return attrs
}

func sessionAttrs(s *oauth.Session) []slog.Attr {
	return whoAttrs(s.Client, s.User, s.ID, s.Protocol)
}

// whoAttrs leaves out the id of a session that is yet to begin.
func whoAttrs(client, user string, session oauth.SessionID, protocol oauth.Protocol) []slog.Attr {
	attrs := []slog.Attr{slog.String("client", client), slog.String("user", user)}
	if session != (oauth.SessionID{}) {
		attrs = append(attrs, slog.String("session", session.String()))
	}
	return append(attrs, slog.String("protocol", string(protocol)))
}
