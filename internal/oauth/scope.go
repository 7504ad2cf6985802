package oauth

import (
	"slices"
	"strings"
)

// MaxScope bounds how many tokens a scope has: a store compares each.
const MaxScope = 100

// ParseScope splits a scope parameter (RFC 6749 §3.3): tokens separated by
// one space, duplicates dropped, order kept. ok is false when a token has a
// character outside the RFC's set or when the list is malformed or longer than
// MaxScope.
func ParseScope(scope string) (tokens []string, ok bool) {
	if scope == "" {
		return nil, true
	}
	if strings.Count(scope, " ") >= MaxScope {
		return nil, false
	}
	for _, token := range strings.Split(scope, " ") {
		if !validScopeToken(token) {
			return nil, false
		}
		if !slices.Contains(tokens, token) {
			tokens = append(tokens, token)
		}
	}
	return tokens, true
}

// ReadScope is ParseScope with its refusal.
func ReadScope(scope string) ([]string, *Error) {
	tokens, ok := ParseScope(scope)
	if !ok {
		return nil, BadRequest(InvalidScope, "scope is a list of tokens with one space between them")
	}
	return tokens, nil
}

// FormatScope joins tokens as a scope parameter.
func FormatScope(tokens []string) string { return strings.Join(tokens, " ") }

// Covers reports whether every token of wanted is in granted.
func Covers(granted, wanted []string) bool {
	for _, token := range wanted {
		if !slices.Contains(granted, token) {
			return false
		}
	}
	return true
}

// RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
func validScopeToken(token string) bool {
	for i := 0; i < len(token); i++ {
		if c := token[i]; c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return token != ""
}
