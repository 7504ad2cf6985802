package gatehouse_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const attacks = "docs/SECURITY.md"

// points are those that the page answers one by one: sections of RFC 6819 and
// RFC 9700, by the headings under which they are.
var points = map[string]string{
	"## RFC 6819": `4.1.1 4.1.2 4.1.3 4.1.4 4.1.5 4.2.1 4.2.2 4.2.3 4.2.4 4.3.1 4.3.2 4.3.3 4.3.4 4.3.5
		4.4.1.1 4.4.1.2 4.4.1.3 4.4.1.4 4.4.1.5 4.4.1.6 4.4.1.7 4.4.1.8 4.4.1.9 4.4.1.10 4.4.1.11 4.4.1.12 4.4.1.13
		4.4.2.1 4.4.2.2 4.4.2.3 4.4.2.4 4.4.2.5 4.4.2.6 4.4.3 4.4.3.1 4.4.3.2 4.4.3.3 4.4.3.4 4.4.3.5 4.4.3.6 4.4.4
		4.5.1 4.5.2 4.5.3 4.5.4 4.6.1 4.6.2 4.6.3 4.6.4 4.6.5 4.6.6 4.6.7`,
	"## RFC 9700": `2.1 2.1.1 2.1.2 2.2.1 2.2.2 2.3 2.4 2.5 2.6 4.1.1 4.1.2 4.1.3 4.2 4.3 4.4 4.5 4.6 4.7 4.8 4.9.1 4.9.2
		4.10.1 4.10.2 4.11.1 4.11.2 4.12 4.13 4.14 4.15 4.16 4.17`,
	"## OAuth 1.0": `4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8 4.9 4.10 4.11 4.12 4.13 4.14 4.15`,
	"## DPoP":      `11.1 11.2 11.3 11.4 11.5 11.6 11.7 11.8 11.9 11.10 11.11`,
}

// shown is what the last cell of a row may have: tests and programs, and words
// that the page explains.
var shown = regexp.MustCompile("`[^`]+`|operator|client|not here|open")

func TestEveryPointIsAnswered(t *testing.T) {
	for heading, sections := range points {
		rows := rowsUnder(t, heading)
		for _, section := range strings.Fields(sections) {
			if !strings.Contains(rows, "| "+section+" |") {
				t.Errorf("%s: section %s is not in %s", heading, section, attacks)
			}
		}
	}
}

// rowsUnder is the text from a heading to the next of its kind.
func rowsUnder(t *testing.T, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut("\n"+readText(t, attacks), "\n"+heading)
	if !found {
		t.Fatalf("%s has no %q", attacks, heading)
	}
	rows, _, _ := strings.Cut(rest, "\n## ")
	return rows
}

// Whatever is claimed is shown by tests that exist.
func TestWhatShowsADefenceExists(t *testing.T) {
	tests, rows := testsByPackage(t), 0
	for line := range strings.Lines(readText(t, attacks)) {
		cells := strings.Split(strings.Trim(line, "|\n "), " | ")
		if !strings.HasPrefix(line, "| ") || len(cells) < 3 || cells[len(cells)-1] == "shown by" {
			continue
		}
		rows++
		last := cells[len(cells)-1]
		if rest := strings.TrimSpace(shown.ReplaceAllString(last, "")); rest != "" || last == "" {
			t.Errorf("%q has the last cell %q", cells[0]+" "+cells[1], last)
		}
		for _, name := range shown.FindAllString(last, -1) {
			if name, quoted := strings.CutPrefix(name, "`"); quoted && !exists(tests, strings.TrimSuffix(name, "`")) {
				t.Errorf("%q: there is no %s", cells[0]+" "+cells[1], name)
			}
		}
	}
	if rows < 150 {
		t.Errorf("only %d rows were found", rows)
	}
}

func exists(tests map[string]bool, name string) bool {
	if strings.HasPrefix(name, "interop/") || strings.HasPrefix(name, "browser/") {
		_, err := os.Stat(name)
		return err == nil
	}
	return tests[name]
}

// testsByPackage are all tests and fuzzers as folder.TestName; those of the root
// are gatehouse's, as those of the program are.
func testsByPackage(t *testing.T) map[string]bool {
	t.Helper()
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	tests := map[string]bool{}
	for _, path := range filesEndingIn(t, "_test.go") {
		for _, match := range function.FindAllStringSubmatch(readText(t, path), -1) {
			folder := filepath.Base(filepath.Dir("gatehouse/" + path))
			tests[folder+"."+match[1]] = true
		}
	}
	return tests
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
