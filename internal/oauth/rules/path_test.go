package rules

import (
	"slices"
	"strings"
	"testing"
)

// disguises are spellings of /api/admin/users that some backend, or a proxy
// before it, takes for that path.
var disguises = []string{
	"/api/admin/users", "/api/admin/users/", "/api/admin/users//",
	"/API/Admin/users", "/api/ADMIN/users", "/api/%41dmin/users", "/api/adm\u0131n/users",
	"//api/admin/users", "/api//admin/users", "/api/admin//users", "///api///admin///users",
	"/./api/admin/users", "/api/./admin/users", "/api/admin/./users", "/api/admin/users/.",
	"/api/x/../admin/users", "/api/public/../admin/users", "/../api/admin/users", "/x/../../api/admin/users", "/api/admin/users/x/..",
	"/api/%61dmin/users", "/%61%70%69/%61%64%6d%69%6e/users", "/api/%2561dmin/users", "/api/%252561dmin/users",
	"/api%2fadmin/users", "/api%2Fadmin%2Fusers", "/api%252fadmin/users", "/%2fapi/admin/users",
	"/api/x/%2e%2e/admin/users", "/api/x/%2E./admin/users", "/api/x/.%2e/admin/users", "/api/%2e/admin/users",
	"/api/x/%252e%252e/admin/users", "/api/x%2f..%2fadmin/users", "/api/x%2f%2e%2e%2fadmin/users", "/api/public/x/%2e%2e/%2e%2e/admin/users",
	`/api\admin\users`, `/api/x\..\admin/users`, "/api%5cadmin/users", "/api%255cadmin/users", `/api/x/..\admin/users`, `\api\admin/users`,
	"/api/admin;x/users", "/api/admin;/users", "/api;v=1/admin;w=2/users", "/api/admin%3bx/users", "/api/x/..;/admin/users",
	"/api/x/..%3b/admin/users", "/api/x/%2e%2e;a=b/admin/users", "/api/admin/users;jsessionid=1",
	"/api/admin/users%3Fx", "/api/admin/users%23x", "/api/admin/users?x=y", "/api/admin/users%253f",
	"/api/%2e%2e/../api/admin/users", "/api/admin/users%2f", "/api/admin/users/%2e", "/api//../api/admin/users", "/a//../../api/admin/users",
	"/api/%c0%ae/admin/users", "/api/x/%c0%ae%c0%ae/admin/users", "/api%c0%afadmin/users", "/api/x/%e0%80%ae%e0%80%ae/admin/users",
	"/api/admin/users%00", "/api/admin/users%00.html", "/api/admin\x00/users", "/api/admin/users%0a", "/api/admin/users\x7f", "/api\xc0\xafadmin/users",
	"/api/admin%09/users", "api/admin/users", "%2fapi/admin/users", "https://example.com/api/admin/users",
	"/" + strings.Repeat("%2f", 500) + "api/admin/users", strings.Repeat("/x/..", 300) + "/api/admin/users",
	"/%" + strings.Repeat("25", 100) + "2fapi/admin/users",
}

func TestDisguisedPathsNeedTheScope(t *testing.T) {
	for _, rule := range []string{"* /api/admin/users admin", "* /api/admin* admin", "* /API/ADMIN/* admin", "GET,PUT */users admin"} {
		rule = strings.Replace(rule, " */", " /*/", 1)
		rs := parse(t, rule+"; * /api/public/* public")
		for _, path := range disguises {
			for _, method := range []string{"GET", "get", "Put"} {
				if rs.Judge(method, path, []string{"read"}) == nil {
					t.Errorf("%s: %s %q passes", rule, method, path)
				}
			}
			if rs.Judge("GET", path, []string{"admin"}) != nil {
				t.Errorf("%s: %q is refused to admins", rule, path)
			}
		}
	}
}

// With a rule for all of it, or for what the disguise shows, a disguised path
// is public only where every reading of it is.
func TestDisguisedPathsAreNotPublic(t *testing.T) {
	rs := parse(t, "* /api/public* public; * /*/health public")
	private := slices.Concat(disguises, []string{"/api/public/../notes", "/api/public/%2e%2e/notes", "/api/public/..;/notes", `/api/public\..\notes`,
		"/api/public/%252e%252e%252fnotes", "/api/public%2f..%2fnotes", "/api/%70ublic", "/api//public", "/api/x/../public", "/API/public", "/api/publi%63/",
		"/api/notes%3f/health", "/api/notes%23/health", "/notes/%2e%2e/health", "/api/public%00", "/api/public/%ff", "/api/public\n"})
	for _, path := range private {
		if rs.Public("GET", path) {
			t.Errorf("%q is public", path)
		}
	}
	for _, path := range []string{"/api/public", "/api/public/", "/api/public/a%20b", "/api/public/a%2Fb", "/api/public/;v=1", "/api/public/50%25",
		"/api/public/100%", "/api/public/%C3%A9", "/api/public/.hidden", "/api/public/a..b", "/api/public/x/../y", "/a/b/health"} {
		if !rs.Public("GET", path) {
			t.Errorf("%q is not public", path)
		}
	}
}

// Odd but honest paths do not need more than they should.
func TestHonestPaths(t *testing.T) {
	rs := parse(t, "* /api/admin* admin; * /*/delete delete")
	for _, path := range []string{"/api/notes/a%20b", "/api/notes/a%2Fb", "/api/notes/%E2%82%AC", "/api/notes/50%25", "/api/notes/100%", "/api/notes/%zz",
		"/api/notes;v=1/2", "/api/notes/.hidden", "/api/notes/a..b", "/api/notes/...", "/api/notes/admin", "/api/notes/https://example.com/x",
		"/api/notes/%25252525", "/api/delete/1", "/api/notes/undelete", "/api/notes/a%3Fb%23c%5C;d"} {
		if refusal := rs.Judge("GET", path, nil); refusal != nil {
			t.Errorf("%q: %s", path, refusal.Description)
		}
	}
}

// A path with more readings than are worth making needs everything.
func TestTooManyReadings(t *testing.T) {
	rs := parse(t, "GET /api/admin* admin; PUT /api/admin* write; * /* public")
	for _, path := range []string{"/%" + strings.Repeat("25", 5000), "/%" + strings.Repeat("25", 15) + "3b//..%5c;a%252f%253f%2523"} {
		refusal := rs.Judge("GET", path, nil)
		if refusal == nil || refusal.Description != lacks+"admin" || rs.Public("GET", path) || rs.Judge("GET", path, []string{"admin"}) != nil {
			t.Errorf("%.40q: %+v", path, refusal)
		}
	}
}

func TestRemoveDots(t *testing.T) {
	for path, want := range map[string]string{ // RFC 3986 §5.2.4 and §5.4
		"/a/b/c/./../../g": "/a/g", "/b/c/./g": "/b/c/g", "/b/c/.": "/b/c/", "/b/c/..": "/b/", "/b/c/../": "/b/", "/b/c/../g": "/b/g",
		"/b/c/../..": "/", "/b/c/../../../g": "/g", "/./g": "/g", "/../g": "/g", "/g.": "/g.", "/.g": "/.g", "/g..": "/g..", "/..g": "/..g",
		"/g/../h": "/h", "/": "/", "/.": "/", "/..": "/", "/a//../b": "/a/b", "/...": "/...",
	} {
		if got := removeDots(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// FuzzPath holds that a path is judged like each path that it may be read as,
// and that what is public is public in all readings.
func FuzzPath(f *testing.F) {
	for _, path := range disguises {
		f.Add("GET", path)
	}
	rs, err := Parse("GET /api/admin* admin; * /api/*/users/*x* write; * /api/public* public; PUT /api/public/me any; * /a/b public")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		refusal, public := rs.Judge(method, path, nil), rs.Public(method, path)
		if public && refusal != nil {
			t.Errorf("%s %q is public and needs scope", method, path)
		}
		p := readPath(path)
		if p.unclear && public || len(p.all) > maxReadings+6 {
			t.Errorf("%q: %d readings, public %v", path, len(p.all), public)
		}
		for _, reading := range p.all {
			if refusal == nil && rs.Judge(method, reading, nil) != nil || public && !rs.Public(method, reading) {
				t.Errorf("%s %q is judged more kindly than %q", method, path, reading)
			}
		}
		if all := rs.Judge(method, path, []string{"admin", "write"}); all != nil {
			t.Errorf("%s %q is refused whatever the scope: %v", method, path, all)
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	rs, err := Parse(notes)
	if err != nil {
		b.Fatal(err)
	}
	for name, path := range map[string]string{"plain": "/api/notes/1234", "escaped": "/api/notes/a%20b;v=1", "odd": disguises[len(disguises)-1]} {
		b.Run(name, func(b *testing.B) {
			scope := []string{"admin", "read", "share", "staff"}
			b.ReportAllocs()
			for b.Loop() {
				if refusal := rs.Judge("GET", path, scope); refusal != nil {
					b.Fatal(refusal.Description)
				}
			}
		})
	}
}
