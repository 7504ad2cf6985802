// Package rules says what a route needs of a request: nothing, any valid
// token, or a scope. The reverse proxy and the authorizer read the same rules.
package rules

import (
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// Rule is what the requests that it matches need.
type Rule struct {
	Methods []string // upper case; none: every method
	Pattern string   // of the route path, without stage and base path; * stands for any characters, also slashes
	Public  bool     // they need no credentials
	Scope   []string // they need all of it; none: any valid token will do
}

// Rules are judged together, in whatever order they are written: a request
// needs what each rule that matches it needs. Without a rule it needs any
// valid token; the zero value says so of every request.
type Rules []Rule

// Judge returns nil when scope, that of a valid token, is enough for a request
// with this method and route path, and else a 403 that names what is missing.
// A rule holds for a path that matches it in any of its readings, and for one
// that can't be read for sure.
func (rs Rules) Judge(method, path string, scope []string) *oauth.Error {
	unmet := rs.Unmet(scope)
	if len(unmet) == 0 {
		return nil
	}
	p := readPath(path)
	return Refusal(slices.DeleteFunc(unmet, func(r Rule) bool { return !r.mayMatch(method, p) }), scope)
}

// Public reports whether a request with this method and route path needs no
// credentials: a public rule matches it in all of its readings, and no other
// kind of rule in any.
func (rs Rules) Public(method, path string) bool {
	p := readPath(path)
	public := false
	for i := range rs {
		switch {
		case !rs[i].Public && rs[i].mayMatch(method, p):
			return false
		case rs[i].Public && rs[i].mustMatch(method, p):
			public = true
		}
	}
	return public
}

// Unmet returns the rules that need more than scope, in their order: a token
// with this scope must not reach what they match.
func (rs Rules) Unmet(scope []string) []Rule {
	var unmet []Rule
	for i := range rs {
		if !oauth.Covers(scope, rs[i].Scope) {
			unmet = append(unmet, rs[i])
		}
	}
	return unmet
}

// Refusal is the 403 for a request that unmet rules match (RFC 6750 §3.1); nil
// when there are none.
func Refusal(unmet []Rule, scope []string) *oauth.Error {
	var missing []string
	for i := range unmet {
		for _, token := range unmet[i].Scope {
			if !slices.Contains(scope, token) && !slices.Contains(missing, token) {
				missing = append(missing, token)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return oauth.Forbidden(oauth.InsufficientScope, "the token lacks scope that is needed here: "+oauth.FormatScope(missing))
}

// Covers reports whether the rule matches a request with this method and path
// in whatever way the path may be read.
func (r *Rule) Covers(method, path string) bool { return r.mustMatch(method, readPath(path)) }

// mayMatch takes methods and paths in any case, since some backends do, and
// with or without a slash at the end.
func (r *Rule) mayMatch(method string, p readings) bool {
	pattern := strings.ToLower(r.Pattern)
	return r.hasMethod(strings.ToUpper(method)) &&
		(p.unclear || slices.ContainsFunc(p.folded, func(path string) bool { return match(pattern, path) }))
}

func (r *Rule) mustMatch(method string, p readings) bool {
	return r.hasMethod(method) && !p.unclear &&
		!slices.ContainsFunc(p.all, func(path string) bool { return !match(r.Pattern, path) })
}

func (r *Rule) hasMethod(method string) bool {
	return len(r.Methods) == 0 || slices.Contains(r.Methods, method)
}

// match matches * to any characters, slashes too, as IAM does.
func match(pattern, text string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	for ok {
		middle, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, rest)
		}
		_, text, ok = strings.Cut(text, middle)
		rest = after
	}
	return false
}
