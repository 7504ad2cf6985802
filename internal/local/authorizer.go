package local

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// authorizer is a Lambda authorizer of type REQUEST.
type authorizer struct {
	name     string
	function Handler
	sources  []source
	cache    *cache // nil: results are not kept
}

// source is where a part of the identity is: in is header, querystring,
// stageVariables or context.
type source struct{ in, name string }

// value returns the part's text, empty when the request lacks it.
func (s source) value(c *call) string {
	switch s.in {
	case "header":
		return c.request.Header.Get(s.name)
	case "querystring":
		_, all := c.queryMaps()
		return strings.Join(all[s.name], ",")
	case "context":
		text, _ := variables{c.request, c.context.tree()}.lookup(s.name)
		return text
	}
	return "" // a template that declares stage variables is refused
}

// identity joins the parts, each with its length so that no two lists meet;
// ok is false when one is missing.
func (a *authorizer) identity(c *call) (key string, ok bool) {
	for _, s := range a.sources {
		value := s.value(c)
		if value == "" {
			return "", false
		}
		key += strconv.Itoa(len(value)) + ":" + value
	}
	return key, true
}

// authorize asks the route's authorizer. nil lets the call through, with what
// the authorizer said of it in its context.
func (c *call) authorize(ctx context.Context, now time.Time) *refusal {
	a := c.route.authorizer
	if a == nil {
		return nil
	}
	key, ok := a.identity(c)
	if !ok {
		note(ctx, "authorizer", "not asked: an identity source is missing")
		return refuse(unauthorized)
	}
	p, refusal := a.policy(ctx, c, key, now)
	if refusal != nil {
		return refusal
	}
	if refusal := p.judge(c.methodARN()); refusal != nil {
		return refusal
	}
	c.context.Authorizer = p.context
	return nil
}

// policy returns the authorizer's answer, kept or new.
func (a *authorizer) policy(ctx context.Context, c *call, key string, now time.Time) (*policy, *refusal) {
	if p := a.cache.get(key, now); p != nil {
		note(ctx, "authorizer", "cached")
		return p, nil
	}
	p, refusal := a.ask(ctx, c)
	if refusal == nil {
		a.cache.put(key, p, now)
	}
	return p, refusal
}

func (a *authorizer) ask(ctx context.Context, c *call) (*policy, *refusal) {
	event, err := c.authorizerEvent()
	if err != nil {
		return nil, refuse(authorizerFailed).because(err)
	}
	out, err := invoke(ctx, a.function, event)
	switch {
	case err != nil && err.Error() == "Unauthorized":
		return nil, refuse(unauthorized)
	case err != nil:
		return nil, refuse(authorizerFailed).because(err)
	}
	p := new(policy)
	if err := json.Unmarshal(out, p); err != nil {
		return nil, refuse(authorizerMisled).because(err)
	}
	return p, nil
}
