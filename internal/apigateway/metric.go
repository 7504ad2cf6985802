package apigateway

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/internal/oauth"
)

// metricNamespace is where CloudWatch shows the metrics.
const metricNamespace = "Gatehouse"

// directive is what CloudWatch's Embedded Metric Format calls a MetricDirective:
// which attributes of the line are metrics, and which their dimensions.
type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

type metric struct{ Name, Unit string }

// counter makes the line of an event count in CloudWatch, by attributes beside
// the others and metadata that name them. A line more would cost as much again.
//
// Each value of a dimension is a metric to pay for, so no text of a request is
// ever one: schemes, grants, reasons and causes are of closed sets.
type counter struct {
	function string      // empty: nothing is counted
	warm     atomic.Bool // an event has come before
	shapes   sync.Map    // of counts to their *shape
}

// counter is the counter of one handler.
func (g *Gateway) counter() *counter {
	c := &counter{}
	if g.Metrics {
		c.function = g.Function
	}
	return c
}

// counting has the store's calls below ctx counted, where anything is.
func (c *counter) counting(ctx context.Context, clock func() time.Time) context.Context {
	if c.function != "" {
		ctx = oauth.WithCalls(ctx, clock)
	}
	return ctx
}

// counts are the metrics that a line has beside Latency: what decides its
// metadata, of which there are so many and no more.
type counts struct {
	cold, store, issued, accepted, refused, destroyed, replayed, throttled, faulty, diagnosed bool
}

// counted returns what makes the line of an event that took so long count; nil
// where nothing is counted.
func (c *counter) counted(o *outcome, took time.Duration) []slog.Attr {
	if c.function == "" {
		return nil
	}
	calls, waited := o.store.Total()
	is := o.counts()
	is.cold, is.store = !c.warm.Load() && !c.warm.Swap(true), calls > 0
	attrs := append(make([]slog.Attr, 0, 8), slog.String("function", c.function), slog.Float64("Latency", milliseconds(took)))
	if is.store {
		attrs = append(attrs, slog.Float64("StoreLatency", milliseconds(waited)), slog.Int("StoreCalls", calls))
	}
	if is.issued {
		attrs = append(attrs, slog.String("grant", known(o.grant, oauth.Grants())))
	}
	if is.accepted {
		attrs = append(attrs, slog.String("scheme", scheme(o.session)))
	}
	if is.refused {
		attrs = append(attrs, slog.String("reason", reason(o.refusal)))
	}
	if is.diagnosed {
		attrs = append(attrs, slog.String("cause", cause(o.refusal.Diagnosis)))
	}
	shape := c.shape(is)
	return append(append(attrs, shape.ones...), slog.Attr{Key: "_aws", Value: slog.GroupValue(
		slog.Int64("Timestamp", o.began.UnixMilli()), slog.Attr{Key: "CloudWatchMetrics", Value: shape.directives})})
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// counts tells what an outcome counts as.
func (o *outcome) counts() counts {
	refusal := o.refusal
	is := counts{issued: o.act == oauth.ActTokenIssued, accepted: o.act == oauth.ActAccepted,
		faulty: o.faulty()}
	if refusal != nil && !is.faulty {
		is.refused, is.destroyed = o.status >= http.StatusBadRequest, destroyed(refusal)
		is.replayed, is.throttled = refusal.Replayed, o.status == http.StatusTooManyRequests
		is.diagnosed = refusal.Diagnosis != ""
	}
	return is
}

// ones are the metrics that count events.
func (is counts) ones() []string {
	var names []string
	for _, m := range []struct {
		is   bool
		name string
	}{{is.cold, "ColdStarts"}, {is.issued, "Issued"}, {is.accepted, "Accepted"}, {is.refused, "Refused"}, {is.destroyed, "Destroyed"},
		{is.replayed, "Replays"}, {is.throttled, "Throttled"}, {is.faulty, "Faults"}, {is.diagnosed, "Diagnosed"}} {
		if m.is {
			names = append(names, m.name)
		}
	}
	return names
}

// shape is what all lines that count as the same have in common.
type shape struct {
	ones       []slog.Attr
	directives slog.Value
}

// shape is that of lines that count as is, made once.
func (c *counter) shape(is counts) *shape {
	if made, ok := c.shapes.Load(is); ok {
		return made.(*shape)
	}
	s := &shape{directives: slog.AnyValue(is.directives())}
	for _, name := range is.ones() {
		s.ones = append(s.ones, slog.Int(name, 1))
	}
	c.shapes.Store(is, s)
	return s
}

func (is counts) directives() []directive {
	plain := []metric{{"Latency", "Milliseconds"}}
	if is.store {
		plain = append(plain, metric{"StoreLatency", "Milliseconds"}, metric{"StoreCalls", "Count"})
	}
	by := map[string][]metric{}
	for _, name := range is.ones() {
		m := metric{name, "Count"}
		of := dimension(name)
		if of != "" {
			by[of] = append(by[of], m)
		}
		if of == "" || of == "reason" {
			plain = append(plain, m)
		}
	}
	all := []directive{{metricNamespace, [][]string{{"function"}}, plain}}
	for _, of := range []string{"grant", "scheme", "reason"} {
		if len(by[of]) > 0 {
			all = append(all, directive{metricNamespace, [][]string{{"function", of}}, by[of]})
		}
	}
	if len(by["cause"]) > 0 {
		all = append(all, directive{metricNamespace, [][]string{{"cause"}}, by["cause"]})
	}
	return all
}

// dimension is what a metric is counted by beside the function; for those of a
// reason, for all reasons together as well.
func dimension(metric string) string {
	switch metric {
	case "Issued":
		return "grant"
	case "Accepted":
		return "scheme"
	case "Refused", "Destroyed":
		return "reason"
	case "Diagnosed":
		return "cause"
	}
	return ""
}

// other is the value of a dimension for what should not come up.
const other = "other"

// known is value where it is one of the set.
func known[T ~string](value T, set []T) string {
	if slices.Contains(set, value) {
		return string(value)
	}
	return other
}

// scheme is how the request that a session is of was let through: a session with
// a key needs its proof.
func scheme(s *oauth.Session) string {
	switch {
	case s == nil:
		return "none"
	case s.Protocol == oauth.OAuth1:
		return "oauth1"
	case s.Confirmation != "":
		return "dpop"
	}
	return "bearer"
}

// reason is why a request was refused: why its token was taken for a stolen
// one, else the error code, where malformed requests are all alike.
func reason(refusal *oauth.Error) string {
	if refusal.Reason != "" {
		return known(refusal.Reason, oauth.Reasons())
	}
	switch code := refusal.Code; code {
	case oauth.ParameterAbsent, oauth.ParameterRejected, oauth.VersionRejected, oauth.SignatureMethodRejected, oauth.UnsupportedGrantType,
		oauth.UnsupportedResponseType, oauth.RequestNotSupported, oauth.RequestURINotSupported, oauth.InvalidTarget, oauth.InvalidScope:
		return oauth.InvalidRequest
	default:
		return known(code, refusedCodes())
	}
}

// refusedCodes are those that tell operators more than that a request was
// malformed.
func refusedCodes() []string {
	return []string{oauth.InvalidRequest, oauth.InvalidClient, oauth.InvalidGrant, oauth.InvalidToken, oauth.InsufficientScope,
		oauth.UnauthorizedClient, oauth.AccessDenied, oauth.SlowDown, oauth.InvalidDPoPProof, oauth.UseDPoPNonce,
		oauth.SignatureInvalid, oauth.TimestampRefused, oauth.NonceUsed, oauth.ConsumerKeyUnknown, oauth.ConsumerKeyRefused,
		oauth.TokenRejected, oauth.TokenExpired, oauth.TokenRevoked, oauth.TokenUsed, oauth.VerifierInvalid, oauth.UserRefused, oauth.PermissionDenied}
}

// destroyed reports whether a refusal killed a token or its session.
func destroyed(refusal *oauth.Error) bool {
	return refusal.Reason != "" && (refusal.OnMismatch == oauth.KillToken || refusal.OnMismatch == oauth.KillSession)
}

// cause is what a diagnosis begins with: a code of package doctor, of which there
// are few and none of a request.
func cause(diagnosis string) string {
	cause, _, _ := strings.Cut(diagnosis, ":")
	first, _, _ := strings.Cut(cause, "+") // of two that go together, or there were thousands
	if first == "" || strings.Trim(first, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return other
	}
	return first
}
