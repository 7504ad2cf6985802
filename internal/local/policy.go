package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// policy is an authorizer's answer.
type policy struct {
	statements []statement
	context    map[string]any // strings, with principalId
}

type statement struct {
	Effect   string
	Action   oneOrMore
	Resource oneOrMore
	// What this gateway can't evaluate and must not overlook.
	NotAction, NotResource, Condition json.RawMessage
}

type oneOrMore []string

// UnmarshalJSON takes a string or a list of strings.
func (o *oneOrMore) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		return json.Unmarshal(data, (*[]string)(o))
	}
	*o = oneOrMore{""}
	return json.Unmarshal(data, &(*o)[0])
}

// UnmarshalJSON fails for anything but a policy that API Gateway would take.
func (p *policy) UnmarshalJSON(data []byte) error {
	var fields struct {
		PrincipalID    string `json:"principalId"`
		PolicyDocument struct{ Statement []statement }
		Context        map[string]scalar
	}
	if err := json.Unmarshal(data, &fields); err != nil {
		return fmt.Errorf("the authorizer's answer: %w", err)
	}
	if fields.PrincipalID == "" {
		return errors.New("the authorizer's answer has no principalId")
	}
	if len(fields.PolicyDocument.Statement) == 0 {
		return errors.New("the authorizer's answer has no policyDocument with a Statement")
	}
	p.statements = fields.PolicyDocument.Statement
	p.context = map[string]any{}
	for name, value := range fields.Context {
		p.context[name] = string(value)
	}
	p.context["principalId"] = fields.PrincipalID
	return p.check()
}

func (p *policy) check() error {
	for i, s := range p.statements {
		switch {
		case s.Effect != "Allow" && s.Effect != "Deny":
			return fmt.Errorf("statement %d of the authorizer's policy has Effect %q", i, s.Effect)
		case len(s.Action) == 0 || len(s.Resource) == 0:
			return fmt.Errorf("statement %d of the authorizer's policy lacks Action or Resource", i)
		case s.NotAction != nil || s.NotResource != nil || s.Condition != nil:
			return fmt.Errorf("statement %d of the authorizer's policy has NotAction, NotResource or Condition, which the local gateway can't evaluate", i)
		}
	}
	return nil
}

// judge decides on the invocation of arn: a Deny wins, and what nothing allows
// is refused.
func (p *policy) judge(arn string) *refusal {
	decision := &refusal{kind: accessDenied, context: p.context}
	for _, s := range p.statements {
		switch {
		case !matchAny(s.Action, "execute-api:Invoke") || !matchAny(s.Resource, arn):
		case s.Effect == "Deny":
			return &refusal{kind: explicitlyDenied, context: p.context}
		default:
			decision = nil
		}
	}
	return decision
}

func matchAny(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return wildcard(pattern, text) })
}

// wildcard matches * to any text and ? to any one byte.
func wildcard(pattern, text string) bool {
	star, resume := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			resume++
			p, t = star+1, resume
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
