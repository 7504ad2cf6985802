package gatehouse_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages returns the text of every page for readers, by its path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, path := range filesEndingIn(t, ".md") {
		found[path] = readText(t, path)
	}
	if len(found) < 10 {
		t.Fatalf("only %d pages were found", len(found))
	}
	return found
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	// unslugged is what an anchor leaves out of its heading.
	unslugged = regexp.MustCompile("[^a-z0-9 _-]")
)

// Links between pages, to files and to headings lead somewhere.
func TestLinksLeadSomewhere(t *testing.T) {
	all, followed := pages(t), 0
	for path, text := range all {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(match[1], "://") || strings.HasPrefix(match[1], "mailto:") {
				continue
			}
			followed++
			file, anchor, _ := strings.Cut(match[1], "#")
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
			}
			if !leads(all, target, anchor) {
				t.Errorf("%s: %s leads nowhere", path, match[1])
			}
		}
	}
	if followed < 40 {
		t.Errorf("only %d links were followed", followed)
	}
}

func leads(all map[string]string, target, anchor string) bool {
	if anchor == "" {
		_, err := os.Stat(target)
		return err == nil
	}
	for _, match := range heading.FindAllStringSubmatch(all[target], -1) {
		if strings.ReplaceAll(unslugged.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-") == anchor {
			return true
		}
	}
	return false
}

var alarm = regexp.MustCompile(`(?m)^  (\w+):\n    Type: AWS::CloudWatch::Alarm$`)

// Who is woken by an alarm finds what to do, and only what can happen.
func TestEachAlarmHasItsSection(t *testing.T) {
	_, sections, _ := strings.Cut(readText(t, "docs/operations.md"), "\n## Alarms\n")
	sections, _, _ = strings.Cut(sections, "\n## ")
	var alarms, told []string
	for _, match := range alarm.FindAllStringSubmatch(readText(t, "template.yaml"), -1) {
		alarms = append(alarms, match[1])
	}
	for _, match := range heading.FindAllStringSubmatch(sections, -1) {
		told = append(told, match[1])
	}
	slices.Sort(alarms)
	slices.Sort(told)
	if len(alarms) < 11 || !slices.Equal(alarms, told) {
		t.Errorf("the runbook is about %v, and there are %v", told, alarms)
	}
}

var (
	query   = regexp.MustCompile("(?s)\n```logs\n(.*?)\n```")
	literal = regexp.MustCompile(`"([^"]*)"|/[^/\n]+/`)
	field   = regexp.MustCompile(`@?[A-Za-z_]+`)
	// insights are the words of the language, its functions and its own fields.
	insights = `fields filter stats sort asc desc limit by as in and or not like parse display bin m h d
		count count_distinct sum min max avg pct latest coalesce ispresent @timestamp @message`
)

// Queries ask for what the functions and the program write.
func TestQueriesAskForWhatIsWritten(t *testing.T) {
	written := readText(t, "internal/audit/audit.go") + readText(t, "internal/oauth/error.go") + `"ERROR" "level" "msg"`
	for _, file := range []string{"log.go", "metric.go", "audit.go"} {
		written += readText(t, filepath.Join("internal/apigateway", file))
	}
	words, asked := strings.Fields(insights), 0
	for path, text := range pages(t) {
		for _, match := range query.FindAllStringSubmatch(text, -1) {
			known := words
			for _, named := range regexp.MustCompile(` as (\w+)`).FindAllStringSubmatch(match[1], -1) {
				known = append(known[:len(known):len(known)], named[1])
			}
			for _, word := range field.FindAllString(literal.ReplaceAllString(match[1], ""), -1) {
				asked++
				if !slices.Contains(known, word) && !strings.Contains(written, `"`+word+`"`) && !strings.Contains(written, `"`+word+`,omitempty"`) {
					t.Errorf("%s: no line has %q, which is in\n%s", path, word, match[1])
				}
			}
			for _, event := range eventNames(match[1]) {
				if !strings.Contains(written, `"`+event+`"`) {
					t.Errorf("%s: there is no event %s", path, event)
				}
			}
		}
	}
	if asked < 50 {
		t.Errorf("only %d words of queries were looked at", asked)
	}
}

// eventNames are the audit events that a query names.
func eventNames(query string) (names []string) {
	for _, condition := range regexp.MustCompile(`event (?:=|in) ("[^"]*"|\[[^\]]*\])`).FindAllStringSubmatch(query, -1) {
		for _, match := range literal.FindAllStringSubmatch(condition[1], -1) {
			names = append(names, match[1])
		}
	}
	return names
}
