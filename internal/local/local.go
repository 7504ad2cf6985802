package local

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// Handler answers one event, as a Lambda function does. It may be called by
// many goroutines at once.
type Handler interface {
	// Invoke takes the event's JSON and returns the answer's. Its error is the
	// function's.
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// Options are what a template does not say.
type Options struct {
	// Stage is the path segment below which the API is served, as at its own
	// domain name. Empty: it is served at the root, as at a custom domain.
	Stage string

	// Parameters are values of the template's parameters; others have their
	// defaults.
	Parameters map[string]string

	// Imported are functions of other stacks that authorizers may be, keyed by
	// where the template has their ARN from: the export that !ImportValue names,
	// or APPLICATION.Outputs.NAME of a nested application, whose own API is not
	// served.
	Imported map[string]Handler

	// Log gets one line a request. Clock and Rand are for the times and ids of
	// requests. All three must be set.
	Log   *Log
	Clock func() time.Time
	Rand  io.Reader
}

// Limits of a REST API and its functions that can't be raised.
const (
	maxHeaders = 10240    // bytes of the request line and all header values
	maxBody    = 10 << 20 // bytes
	maxEvent   = 6 << 20  // bytes that a Lambda function takes, the body in base64 where it is binary
)

// New returns a handler that serves the API of a SAM template. functions are
// keyed by the folder of their code, CodeUri in the template, such as
// "functions/token", or by their logical name where the template itself has it
// (InlineCode). The error wraps ErrTemplate and names each property that
// is wrong or can't be mounted.
func New(template []byte, functions map[string]Handler, options Options) (http.Handler, error) {
	if options.Log == nil || options.Clock == nil || options.Rand == nil {
		return nil, errors.New("local: Log, Clock and Rand must be set")
	}
	api, err := readAPI(template, functions, options)
	if err != nil {
		return nil, err
	}
	if options.Stage != "" {
		api.stage = options.Stage
	}
	return &gateway{api, options}, nil
}

type gateway struct {
	*api
	Options
}

// ServeHTTP answers one request and logs it.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := g.Clock()
	ctx, notes := withNotes(r.Context())
	c := g.newCall(r, began)
	answer := g.answer(ctx, c)
	answer.header.Set("X-Amzn-Requestid", c.context.RequestID)
	if err := answer.write(w); err != nil {
		notes.add("answer", err.Error())
	}
	g.Log.request(began, g.Clock().Sub(began), c, answer.status, notes)
}

// answer is the way of a request through the gateway.
func (g *gateway) answer(ctx context.Context, c *call) answer {
	if !c.inStage {
		return forbidden()
	}
	response, refusal := g.pass(ctx, c)
	if refusal != nil {
		note(ctx, "gateway", refusal.reason())
		return g.refuse(c, refusal)
	}
	return response
}

func (g *gateway) pass(ctx context.Context, c *call) (answer, *refusal) {
	if headerSize(c.request) > maxHeaders {
		return answer{}, refuse(headersTooLarge)
	}
	if !g.find(c) {
		return answer{}, unknownRoute(c.request)
	}
	if refusal := c.authorize(ctx, g.Clock()); refusal != nil {
		return answer{}, refusal
	}
	if c.route.preflight != nil {
		return c.route.preflight.answer(), nil
	}
	return g.integrate(ctx, c)
}

// integrate calls the route's function.
func (g *gateway) integrate(ctx context.Context, c *call) (answer, *refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, c.request.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return answer{}, refuse(bodyTooLarge)
	}
	if err != nil {
		return answer{}, refuse(badBody).because(err)
	}
	event, err := c.proxyEvent(body, g.binary)
	if err != nil {
		return answer{}, refuse(functionFailed).because(err)
	}
	if len(event) > maxEvent {
		return answer{}, refuse(bodyTooLarge)
	}
	out, err := invoke(ctx, c.route.function, event)
	if err != nil {
		return answer{}, refuse(functionFailed).because(err)
	}
	response, err := decodeAnswer(out, g.binary, c.request.Header.Get("Accept"))
	if err != nil {
		return answer{}, refuse(malformedAnswer).because(err)
	}
	return response, nil
}

// headerSize is what API Gateway counts against its limit.
func headerSize(r *http.Request) int {
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto) + len(r.Host)
	for _, values := range r.Header {
		size += len(strings.Join(values, ""))
	}
	return size
}
