package apigateway

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"time"

	"gatehouse/internal/audit"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/rules"
)

// Handler answers one event. It has the method that aws-lambda-go asks of a
// handler, and may be called by many goroutines at once.
type Handler func(ctx context.Context, event []byte) ([]byte, error)

// Invoke calls the handler with payload, the event's JSON, and returns the
// answer's.
func (h Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return h(ctx, payload)
}

// Gateway makes handlers. Log and Clock must be set.
type Gateway struct {
	// BaseURL is the public URL of the API, the stage included where clients
	// see it; see ParseBaseURL. It overrides what events say, and an API's stage
	// variable PUBLIC_BASE_URL overrides it. Without either the URL is https,
	// the event's domain name, and the path as it was sent.
	BaseURL *url.URL

	// AllowedOrigin is the origin of the web pages that may read answers, "*"
	// for all; empty: none.
	AllowedOrigin string

	// PlainHTTP says that, without a BaseURL, the scheme is http. API Gateway
	// and function URLs serve nothing but https; a gateway on a laptop does.
	PlainHTTP bool

	// Trusted are the proxies in front of the API, and of every API that uses
	// the authorizer. Without them a request's source is whoever called the
	// gateway.
	Trusted TrustedProxies

	// Rules say which scope a route needs, of those that an authorizer of this
	// gateway is in front of. A public one needs a token there all the same: a
	// route that is public has no authorizer.
	Rules rules.Rules

	// Fault is the answer when something broke, which says nothing of what;
	// nil: an error in JSON.
	Fault *oauth.Response

	// Function is the name of the Lambda function, of which Metrics and audit
	// events are. Where it is empty nothing is counted.
	Function string

	// Metrics has the log lines count in CloudWatch.
	Metrics bool

	Audit *audit.Log // nil: no events are written
	Log   *slog.Logger
	Clock func() time.Time
}

// Proxy returns the handler of a function behind a REST API, an HTTP API or a
// function URL. serve's error is a fault: the client gets 503 and no detail,
// the log gets all. A panic in serve is such a fault. The handler itself fails
// only for an event that is none of these.
func (g *Gateway) Proxy(serve func(ctx context.Context, r *oauth.Request) (oauth.Response, error)) Handler {
	standard := g.newSite()
	learn(answer{})
	c := g.counter()
	return func(ctx context.Context, payload []byte) ([]byte, error) {
		began := g.Clock()
		e, site, err := standard.decodeProxy(payload)
		if err != nil {
			g.logEvent(ctx, c, err, began)
			return nil, err
		}
		ctx = c.counting(ctx, g.Clock)
		r, malformed := site.proxyRequest(e)
		response, fault := g.respond(ctx, r, malformed, serve)
		g.allowOrigin(&response)
		out, tooLarge, err := g.encode(&response, e.payload2())
		if tooLarge != nil {
			fault = tooLarge
		}
		g.logResponse(ctx, c, r, &response, fault, began)
		return out, err
	}
}

func (g *Gateway) respond(ctx context.Context, r *oauth.Request, malformed *oauth.Error,
	serve func(context.Context, *oauth.Request) (oauth.Response, error)) (oauth.Response, error) {
	if malformed != nil {
		return malformedResponse(malformed), nil
	}
	if g.AllowedOrigin != "" && isPreflight(r) {
		return preflight(r), nil
	}
	response, fault := guard(ctx, r, serve)
	if fault == nil {
		fault = checkResponse(&response)
	}
	if fault != nil {
		return g.unavailable(), fault
	}
	return response, response.Fault
}

// Authorizer returns the handler of an authorizer of REST APIs and HTTP APIs.
// An allowed request gets a policy for the whole stage but for what the Rules
// keep from the session's scope, status 403 a Deny, any other refusal
// ErrUnauthorized. check's error is a fault, as is its panic: the invocation
// fails with ErrInternal and the log gets the detail. Where the stage variable
// BEARER_ONLY is true, none but bearer tokens are allowed.
func (g *Gateway) Authorizer(check func(ctx context.Context, r *oauth.Request) (oauth.Verdict, error)) Handler {
	standard := g.newSite()
	learn(newPolicy("", "", "", callerContext{}))
	c := g.counter()
	return func(ctx context.Context, payload []byte) ([]byte, error) {
		began := g.Clock()
		e, site, stage, err := standard.decodeQuestion(payload)
		if err != nil {
			g.logEvent(ctx, c, err, began)
			return nil, err
		}
		ctx = c.counting(ctx, g.Clock)
		r, malformed := site.request(e)
		verdict, fault := judge(ctx, r, malformed, check)
		verdict = site.keepable(r, verdict)
		asked := newQuestion(e, stage, g.Rules)
		if verdict.Allowed && verdict.Refusal == nil {
			asked.judge(r, verdict.Session.TokenScope())
		}
		out, err := encodePolicy(&verdict, asked, fault)
		verdict.Refusal = cmp.Or(verdict.Refusal, asked.found)
		g.logVerdict(ctx, c, r, &verdict, err, fault, began)
		return out, err
	}
}

// learn has encoding/json look at the types of events and answers, which it
// does once: in the init phase of a function rather than in its first request,
// for which a small function has a fifteenth of the processor.
func learn(answer any) {
	_, _ = decode([]byte(`{"requestContext":{"authorizer":{"lambda":{}},"identity":{},"http":{}}}`))
	_, _ = json.Marshal(answer)
}

// decodeProxy decodes a proxy event and finds the site that it is for.
func (s site) decodeProxy(payload []byte) (*event, site, error) {
	e, err := decodeProxy(payload)
	if err != nil {
		return nil, site{}, err
	}
	own, err := s.forStage(e)
	return e, own, err
}

// decodeQuestion decodes an authorizer event and finds the site that it is for
// and the ARN of the stage that its answer is about.
func (s site) decodeQuestion(payload []byte) (*event, site, string, error) {
	e, err := decodeAuthorizer(payload)
	if err != nil {
		return nil, site{}, "", err
	}
	own, err := s.forStage(e)
	if err != nil {
		return nil, site{}, "", err
	}
	stage, err := stageResource(e.arn())
	return e, own, stage, err
}

func judge(ctx context.Context, r *oauth.Request, malformed *oauth.Error,
	check func(context.Context, *oauth.Request) (oauth.Verdict, error)) (oauth.Verdict, error) {
	if malformed != nil {
		return oauth.Refuse(malformed), nil
	}
	return guard(ctx, r, check)
}

func encodePolicy(verdict *oauth.Verdict, asked *question, fault error) ([]byte, error) {
	if fault != nil {
		return nil, ErrInternal
	}
	policy, err := decide(verdict, asked)
	if err != nil {
		return nil, err
	}
	return json.Marshal(policy)
}

// toAnswer is what a function keeps of its time to answer in. Lambda ends one
// that has none left, and its caller gets neither CORS headers nor an error in
// the protocol's words; nor does the log tell why.
const toAnswer = 500 * time.Millisecond

// timely ends a little before the time that Lambda gives an invocation.
func timely(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, limited := ctx.Deadline()
	if !limited {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-toAnswer))
}

// guard calls f and makes a panic in it an error, with the zero result. f has
// to end in time for its answer to be sent.
func guard[T any](ctx context.Context, r *oauth.Request,
	f func(context.Context, *oauth.Request) (T, error)) (result T, err error) {
	ctx, cancel := timely(ctx)
	defer cancel()
	defer func() {
		if cause := recover(); cause != nil {
			var none T
			result, err = none, &panicError{cause, debug.Stack()}
		}
	}()
	return f(ctx, r)
}

// panicError is a panic that was caught.
type panicError struct {
	cause any
	stack []byte
}

// Error returns what the panic was called with.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.cause) }
