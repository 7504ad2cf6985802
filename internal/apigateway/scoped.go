package apigateway

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/rules"
)

// question is what an authorizer is asked about a request.
type question struct {
	stage        string // ARN of all methods of the stage
	method, path string // of the request, as the rest of its ARN has them
	rules        rules.Rules
	based        bool         // an HTTP API's, whose ARNs may have a base path before the route's
	found        *oauth.Error // the rules' refusal of this request, whose credentials are right
}

func newQuestion(e *event, stage string, rs rules.Rules) *question {
	q := &question{stage: stage, rules: rs, based: e.Version != ""}
	rest := strings.TrimPrefix(e.arn(), q.prefix())
	q.method, q.path = rest, "/"
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		q.method, q.path = rest[:slash], rest[slash:]
	}
	return q
}

// prefix is what the ARNs of all methods of the stage begin with.
func (q *question) prefix() string { return strings.TrimSuffix(q.stage, "*/*") }

// judge finds what the rules say of a request with a token of scope. Both its
// paths have to be right: r's own, and the one that API Gateway compares.
func (q *question) judge(r *oauth.Request, scope []string) {
	q.found = q.rules.Judge(r.Method, r.Route, scope)
	if q.found == nil && (q.method != r.Method || q.path != r.Route) { // seldom: a client can write a path in many ways
		q.found = q.rules.Judge(q.method, q.path, scope)
	}
}

// maxPolicy bounds an authorizer's answer, in bytes. API Gateway documents 8
// KB for WebSocket APIs and nothing for others, which may take more.
const maxPolicy = 8 << 10

// permit answers for a session whose credentials are right. It allows the
// whole stage and denies what the rules keep from the session's scope, so that
// API Gateway may reuse the policy for any other route.
func (q *question) permit(s *oauth.Session) *policy {
	scope := s.TokenScope()
	unmet := q.rules.Unmet(scope)
	caller := newCallerContext(s)
	if len(unmet) == 0 {
		return newPolicy(principal(s), "Allow", q.stage, caller)
	}
	reason := newDenyContext(cmp.Or(q.found, rules.Refusal(unmet, scope)))
	caller.denyContext = reason
	denials := q.denials(unmet)
	p := newPolicy(principal(s), "Allow", q.stage, caller)
	p.Document.Statement = append(p.Document.Statement, newStatement("Deny", q.resources(denials)...))
	switch {
	case withinBounds(p) && q.right(denials, scope):
		return p
	case q.found == nil && q.isExact():
		return newPolicy(principal(s), "Allow", q.prefix()+q.method+q.path, caller)
	}
	return newPolicy(principal(s), "Deny", q.stage, reason)
}

// denials are the rules to deny by. Where ARNs may have a base path, those for
// any base path are among them.
func (q *question) denials(unmet []rules.Rule) []rules.Rule {
	if !q.based {
		return unmet
	}
	all := slices.Clone(unmet)
	for i := range unmet {
		all = append(all, rules.Rule{Methods: unmet[i].Methods, Pattern: "/*" + unmet[i].Pattern, Scope: unmet[i].Scope})
	}
	return all
}

// right reports whether the denials do to this very request what the rules
// say, however API Gateway writes its path. A path in disguise may need scope
// by the rules and yet match no statement.
func (q *question) right(denials []rules.Rule, scope []string) bool {
	if q.found == nil {
		return rules.Rules(denials).Judge(q.method, q.path, scope) == nil
	}
	return slices.ContainsFunc(denials, func(r rules.Rule) bool { return r.Covers(q.method, q.path) })
}

// resources are the ARNs of what the rules match.
func (q *question) resources(denials []rules.Rule) []string {
	var found []string
	for i := range denials {
		methods := denials[i].Methods
		if len(methods) == 0 {
			methods = []string{"*"}
		}
		for _, method := range methods {
			found = append(found, q.prefix()+method+denials[i].Pattern)
		}
	}
	return found
}

// isExact reports whether the request's ARN as a Resource means this request
// alone: a client can put wildcards and policy variables into a path.
func (q *question) isExact() bool {
	arn := q.prefix() + q.method + q.path
	return len(arn) <= maxResource && !strings.ContainsAny(arn, "*?") && !strings.Contains(arn, "${")
}

// withinBounds reports whether API Gateway is known to take the policy.
func withinBounds(p *policy) bool {
	for _, statement := range p.Document.Statement {
		if slices.ContainsFunc(statement.Resource, func(arn string) bool { return len(arn) > maxResource }) {
			return false
		}
	}
	text, err := json.Marshal(p)
	return err == nil && len(text) <= maxPolicy
}
