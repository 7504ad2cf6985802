package gatehouse_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	span = regexp.MustCompile("`([^`\n]+)`")
	// testName is one as docs/SECURITY.md has them.
	testName       = regexp.MustCompile(`^[a-z0-9]+\.(?:Test|Fuzz)\w+$`)
	pathName       = regexp.MustCompile(`^[\w.-]+(?:/[\w.-]+)+$|^[\w-]*\.?[\w-]+\.(?:go|md|yaml|yml|conf|mod)$|^Makefile$`)
	identifierName = regexp.MustCompile(`^(?:[a-z0-9]+\.)?[A-Za-z]\w+$`)
)

// Walks lead through files, tests and names that there are. What stands for a
// name of one's own is in capitals.
func TestContributingNamesWhatExists(t *testing.T) {
	page := readText(t, "CONTRIBUTING.md")
	page = regexp.MustCompile("(?s)\n```.*?\n```").ReplaceAllString(page, "")
	tests, words := testsByPackage(t), everyWord(t)
	seen := map[string]int{}
	for _, match := range span.FindAllStringSubmatch(page, -1) {
		name := match[1]
		target, isTarget := strings.CutPrefix(name, "make ")
		switch {
		case strings.Contains(name, "NAME"):
		case isTarget:
			target, _, _ = strings.Cut(target, " ")
			seen["target"]++
			if !strings.Contains(readText(t, "Makefile"), "\n"+target+": ") {
				t.Errorf("there is no make %s", target)
			}
		case testName.MatchString(name):
			seen["test"]++
			if !tests[name] {
				t.Errorf("there is no test %s", name)
			}
		case pathName.MatchString(name):
			seen["path"]++
			if _, err := os.Stat(name); err != nil {
				t.Error(err)
			}
		case identifierName.MatchString(name):
			seen["identifier"]++
			if !words[name[strings.Index(name, ".")+1:]] {
				t.Errorf("nothing is called %s", name)
			}
		}
	}
	for kind, least := range map[string]int{"target": 8, "test": 20, "path": 60, "identifier": 30} {
		if seen[kind] < least {
			t.Errorf("only %d of kind %s were found", seen[kind], kind)
		}
	}
}

// everyWord is what the code, the template and the Makefile have.
func everyWord(t *testing.T) map[string]bool {
	t.Helper()
	words, word := map[string]bool{}, regexp.MustCompile(`[A-Za-z]\w+`)
	for _, path := range append(filesEndingIn(t, ".go"), "template.yaml", "Makefile") {
		for _, name := range word.FindAllString(readText(t, path), -1) {
			words[name] = true
		}
	}
	return words
}
