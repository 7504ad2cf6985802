package rules

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// FuzzJudge holds that a request passes only where every rule alone lets it
// pass, and is public only where a rule says so of the path as it was sent, by
// a simple reading of patterns and of paths.
func FuzzJudge(f *testing.F) {
	const text = "GET /api/admin* admin; * /api/*/users/*x* write; * /api/public* public; PUT /api/public/me any; * /a/b public"
	for i, path := range disguises {
		f.Add(text, []string{"GET", "get", "DELETE"}[i%3], path, []string{"", "read", "admin write"}[i/3%3])
	}
	for _, test := range written {
		f.Add(test.text, "GET", "/api/notes/1", "read")
		f.Add(test.text, "PUT", "/a/", "public")
	}
	f.Add("* /*a*b*c public", "GET", "/aabbcc", "")
	f.Fuzz(func(t *testing.T, text, method, path, scope string) {
		rs, err := Parse(text)
		if err != nil {
			return
		}
		granted := strings.Fields(scope)
		if refusal := rs.Judge(method, path, granted); refusal == nil {
			for i := range rs {
				if denies(&rs[i], method, path, granted) {
					t.Fatalf("%s %q with scope %q passes %s", method, path, scope, &rs[i])
				}
			}
		} else if refusal.Status != 403 || rs.Judge(method, path, slices.Concat(scopes(rs)...)) != nil {
			t.Fatalf("%s %q is refused with all scope: %+v", method, path, refusal)
		}
		if rs.Public(method, path) && !publicBySomeRule(rs, method, path) {
			t.Fatalf("%s %q is public by %s", method, path, text)
		}
	})
}

func scopes(rs Rules) (all [][]string) {
	for i := range rs {
		all = append(all, rs[i].Scope)
	}
	return all
}

// denies is what one rule says of one request.
func denies(r *Rule, method, sent string, scope []string) bool {
	lacks := slices.ContainsFunc(r.Scope, func(token string) bool { return !slices.Contains(scope, token) })
	return lacks && hasMethod(r, strings.ToUpper(method)) && slices.ContainsFunc(simpleReadings(sent), func(reading string) bool {
		return patternOf("(?i)", r).MatchString(reading)
	})
}

// simpleReadings are those of common servers: as it was sent, decoded, and
// decoded and cleaned.
func simpleReadings(sent string) []string {
	all := []string{sent}
	if !strings.HasPrefix(sent, "/") {
		return all
	}
	if decoded, err := url.PathUnescape(sent); err == nil {
		all = append(all, decoded)
	}
	return append(all, path.Clean(all[len(all)-1]))
}

func publicBySomeRule(rs Rules, method, path string) bool {
	for i := range rs {
		if !rs[i].Public && hasMethod(&rs[i], method) && patternOf("", &rs[i]).MatchString(path) {
			return false
		}
	}
	return slices.ContainsFunc(rs, func(r Rule) bool {
		return r.Public && hasMethod(&r, method) && patternOf("", &r).MatchString(path)
	})
}

func hasMethod(r *Rule, method string) bool {
	return len(r.Methods) == 0 || slices.Contains(r.Methods, method)
}

func patternOf(flags string, r *Rule) *regexp.Regexp {
	return regexp.MustCompile(flags + `(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(r.Pattern), `\*`, `.*`) + `$`)
}
