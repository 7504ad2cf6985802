package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// Bounds on the text of rules. The variables of a Lambda function have 4096
// bytes together, of which the others need their part.
const (
	MaxText  = 2048 // bytes
	MaxRules = 100
)

// What may be wrong with the text as a whole.
var (
	ErrTooLong = fmt.Errorf("the rules are longer than %d bytes: join some with a pattern that covers them all", MaxText)
	ErrTooMany = fmt.Errorf("there are more than %d rules: join some with a pattern that covers them all", MaxRules)
)

// What may be wrong with a rule, and what to write instead.
var (
	ErrWords   = errors.New(`write METHODS PATTERN NEEDS, such as "GET,HEAD /api/notes* read"`)
	ErrMethods = errors.New("the methods are * or some of " + strings.Join(allMethods(), ",") + ", with commas and no spaces between")
	ErrPattern = errors.New("the pattern begins with one slash, has no empty parts and no slash at the end, and has only letters, digits, * and ._~!&()+,=:@/-")
	ErrNeeds   = errors.New("the needs are public, any, or scopes separated by spaces, without quotes and backslashes")
)

// allMethods are those that API Gateway has.
func allMethods() []string {
	return []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
}

// Parse reads rules separated by semicolons, one of which may end them, each of
// the form METHODS PATTERN NEEDS with spaces between:
//
//   - /api/health public; GET,HEAD /api/notes* read; POST,DELETE /api/notes* read write
//
// METHODS is * or methods joined by commas; in PATTERN * stands for any
// characters, also slashes; NEEDS is public, any (any valid token) or the
// scopes that are needed, all of them. Empty text has no rules. The error
// names the rule at fault, and is one of those above.
//
// The AllowedPattern of RouteScopes in template.yaml accepts the same texts.
func Parse(text string) (Rules, error) {
	if len(text) > MaxText {
		return nil, ErrTooLong
	}
	if strings.Trim(text, " ") == "" {
		return nil, nil
	}
	text, _ = strings.CutSuffix(strings.TrimRight(text, " "), ";")
	parts := strings.Split(text, ";")
	if len(parts) > MaxRules {
		return nil, ErrTooMany
	}
	rules := make(Rules, 0, len(parts))
	for i, part := range parts {
		rule, err := parseRule(part)
		if err != nil {
			return nil, fmt.Errorf("rule %d, %q: %w", i+1, oauth.Printable(strings.Trim(part, " ")), err)
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func parseRule(text string) (Rule, error) {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' })
	if len(words) < 3 {
		return Rule{}, ErrWords
	}
	methods, ok := parseMethods(words[0])
	if !ok {
		return Rule{}, ErrMethods
	}
	if !isPattern(words[1]) {
		return Rule{}, ErrPattern
	}
	rule := Rule{Methods: methods, Pattern: words[1]}
	return rule, rule.setNeeds(words[2:])
}

func parseMethods(text string) (methods []string, ok bool) {
	if text == "*" {
		return nil, true
	}
	for method := range strings.SplitSeq(text, ",") {
		if !slices.Contains(allMethods(), method) {
			return nil, false
		}
		if !slices.Contains(methods, method) {
			methods = append(methods, method)
		}
	}
	return methods, true
}

// isPattern leaves out what means something else in IAM or in a URL: the
// wildcard "?", the "$" of variables, and escapes, since paths are decoded.
func isPattern(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9':
		case strings.IndexByte("*._~!&()+,=:@/-", c) < 0:
			return false
		}
	}
	return text[0] == '/' && !strings.Contains(text, "//") && (text == "/" || text[len(text)-1] != '/')
}

// setNeeds takes public and any for scopes where they are not alone.
func (r *Rule) setNeeds(words []string) error {
	for _, word := range words {
		if _, ok := oauth.ParseScope(word); !ok {
			return ErrNeeds
		}
		if !slices.Contains(r.Scope, word) {
			r.Scope = append(r.Scope, word)
		}
	}
	if len(r.Scope) == 1 && (r.Scope[0] == "public" || r.Scope[0] == "any") {
		r.Public, r.Scope = r.Scope[0] == "public", nil
	}
	return nil
}

// String returns the rule as Parse reads it.
func (r *Rule) String() string {
	methods, needs := "*", "any"
	if len(r.Methods) > 0 {
		methods = strings.Join(r.Methods, ",")
	}
	switch {
	case r.Public:
		needs = "public"
	case len(r.Scope) > 0:
		needs = oauth.FormatScope(r.Scope)
	}
	return methods + " " + r.Pattern + " " + needs
}
