package rules

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

func parse(t testing.TB, text string) Rules {
	t.Helper()
	parsed, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

const notes = "* /api/health public; * /api/public/* public; * /api/public/mine* any; GET,HEAD /api/notes* read;" +
	"POST,PUT,PATCH,DELETE /api/notes* write; * /api/notes/*/shares* share; * /api/Admin* admin staff"

// lacks is what a refusal says is missing, in the order of the rules.
const lacks = "the token lacks scope that is needed here: "

func TestJudge(t *testing.T) {
	tests := []struct {
		method, path, scope string
		missing             string
	}{
		{"GET", "/", "", ""},
		{"GET", "/api/other", "", ""},
		{"GET", "/api/health", "", ""},
		{"GET", "/api/public/mine", "", ""},
		{"GET", "/api/notes", "read", ""},
		{"HEAD", "/api/notes/1", "read write", ""},
		{"GET", "/api/notes", "", "read"},
		{"GET", "/api/notes", "Read", "read"},
		{"GET", "/api/notesbook", "write", "read"},
		{"GET", "/v2/api/notes", "", ""},
		{"OPTIONS", "/api/notes", "", ""},
		{"PROPFIND", "/api/notes", "", ""},
		{"DELETE", "/api/notes/1", "read", "write"},
		{"DELETE", "/api/notes/1", "write", ""},
		{"GET", "/api/notes/1/shares", "read", "share"},
		{"GET", "/api/notes/1/shares/2", "", "read share"},
		{"GET", "/api/notes/shares", "read", ""},
		{"GET", "/api/Admin", "admin", "staff"},
		{"PROPFIND", "/api/Admin/x", "", "admin staff"},
		{"GET", "/api/Admin", "staff admin", ""},
	}
	for _, test := range tests {
		scope, _ := oauth.ParseScope(test.scope)
		refusal := parse(t, notes).Judge(test.method, test.path, scope)
		switch {
		case test.missing == "" && refusal != nil:
			t.Errorf("%s %s with %q is refused: %v", test.method, test.path, test.scope, refusal)
		case test.missing != "" && (refusal == nil || refusal.Status != http.StatusForbidden ||
			refusal.Code != oauth.InsufficientScope || refusal.Description != lacks+test.missing):
			t.Errorf("%s %s with %q: %+v, want to lack %s", test.method, test.path, test.scope, refusal, test.missing)
		}
	}
}

// What a request needs does not depend on how the rules are sorted.
func TestOrderDoesNotMatter(t *testing.T) {
	for _, text := range []string{"* /a* public; GET /a/b read; * /a/b* write", "* /a/b* write; GET /a/b read; * /a* public"} {
		rs := parse(t, text)
		for _, scope := range [][]string{nil, {"read"}, {"write"}} {
			if rs.Judge("GET", "/a/b", scope) == nil {
				t.Errorf("%s: %v is enough", text, scope)
			}
		}
		if rs.Judge("GET", "/a/b", []string{"write", "read"}) != nil || rs.Public("GET", "/a/b") || !rs.Public("GET", "/a/c") {
			t.Errorf("%s: the rules are not all heeded", text)
		}
	}
}

func TestNoRulesNeedAnyToken(t *testing.T) {
	var none Rules
	if none.Judge("GET", "/", nil) != nil || none.Public("GET", "/") || none.Unmet(nil) != nil {
		t.Error("there are no rules, and yet a route needs more or less than a token")
	}
}

func TestPublic(t *testing.T) {
	rs := parse(t, notes)
	for path, want := range map[string]bool{"/api/health": true, "/api/public/a/b": true, "/api/public/": true,
		"/api/public/mine": false, "/api/public/mine/1": false, "/api/notes": false, "/api/other": false, "/api/healthy": false,
		"/": false, "": false, "api/health": false} {
		if got := rs.Public("GET", path); got != want {
			t.Errorf("%q: public %v, want %v", path, got, want)
		}
	}
	if parse(t, "GET /a public").Public("get", "/a") || parse(t, "GET /a public").Public("POST", "/a") {
		t.Error("a rule for GET makes another method public")
	}
}

func TestUnmet(t *testing.T) {
	rs := parse(t, notes)
	for scope, want := range map[string]int{"": 4, "read": 3, "read write share": 1, "read write share admin": 1, "read write share admin staff": 0} {
		granted, _ := oauth.ParseScope(scope)
		unmet := rs.Unmet(granted)
		if len(unmet) != want {
			t.Errorf("%q leaves %d rules, want %d", scope, len(unmet), want)
		}
		for _, rule := range unmet {
			if !slices.ContainsFunc(rs, func(r Rule) bool { return r.String() == rule.String() }) || oauth.Covers(granted, rule.Scope) {
				t.Errorf("%q does not meet %s", scope, rule.String())
			}
		}
	}
}

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, yes, no string // separated by spaces
	}{
		{"/a", "/a", "/ /aa /b/a /a/"},
		{"/a*", "/a /ab /a/b/c /a*", "/ /b/a"},
		{"/a/*/c", "/a/b/c /a/b/b/c /a//c /a/c/c /a/*/c", "/a/c /a/b/cc /a/b/c/"},
		{"/*", "/ /a /a/b", "a"},
		{"/a*b*c", "/abc /axbxc /abcbc /abbcc", "/ab /ac /acb /abcd"},
		{"/a**b", "/ab /axb", "/a"},
		{"/aa*aa", "/aaaa /aaxaa", "/aaa /aa"},
		{"/*a*a*b", "/xaab /aaab /aabb", "/ab /aaa"},
	}
	for _, test := range tests {
		for text := range strings.FieldsSeq(test.yes) {
			if !match(test.pattern, text) {
				t.Errorf("%s does not match %s", test.pattern, text)
			}
		}
		for text := range strings.FieldsSeq(test.no) {
			if match(test.pattern, text) {
				t.Errorf("%s matches %s", test.pattern, text)
			}
		}
	}
}
