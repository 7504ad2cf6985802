package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gatehouse"
)

// theirs are words that the pages take from AWS, from CloudFormation and from
// other programs. What is not here is ours, and has to exist.
var theirs = strings.Fields(`
	AllViewerExceptHostHeader AccessDeniedException ConditionalCheckFailed ThrottlingException
	ReauthorizeEvery WarmThroughput MemorySize SuccessfulRequestLatency UserErrors Throttles Errors CloudFormation
	GetItem GetSecretValue PutSecretValue UpdateSecretVersionStage UpdateItem`)

var (
	inlineCode  = regexp.MustCompile("`([^`\n]+)`")
	ourName     = regexp.MustCompile(`^([A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+|OAuth1[A-Z]\w+|[A-Z][A-Z0-9]*_[A-Z0-9_]+)$`)
	testName    = regexp.MustCompile(`^\w+\.(Test|Fuzz)\w+$`)
	ofOurFolder = regexp.MustCompile(`^(internal|functions|cmd|docs|interop|browser|scripts|examples|bench|\.ci)/[\w./-]+$`)
)

// What the pages name, as commands, flags, settings, outputs, metrics and
// files, exists.
func TestNamesOfThePages(t *testing.T) {
	names := newVocabulary(t)
	for _, page := range pagesOfRepository(t) {
		for _, match := range inlineCode.FindAllStringSubmatch(withoutBlocks(t, page), -1) {
			if wrong := names.misnomer(t, match[1]); wrong != "" {
				t.Errorf("%s: %s: %s", page, match[1], wrong)
			}
		}
	}
	if names.checked < 200 {
		t.Errorf("only %d names were looked at", names.checked)
	}
}

// vocabulary is all that a page may name.
type vocabulary struct {
	makefile     string
	known, flags map[string]bool
	parameters   map[string]parameter
	checked      int
}

func newVocabulary(t *testing.T) *vocabulary {
	t.Helper()
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	return &vocabulary{string(makefile), knownNames(t), flagsOfAll(t), templateParameters(t), 0}
}

// misnomer says what is wrong with a piece of code within a sentence; nothing
// where it is no name of ours.
func (v *vocabulary) misnomer(t *testing.T, code string) string {
	t.Helper()
	words := strings.Fields(code)
	if len(words) == 0 || testName.MatchString(code) {
		return ""
	}
	name, _, assigned := strings.Cut(words[0], "=")
	_, setting := v.parameters[name]
	v.checked++
	switch {
	case name == "--parameter-overrides":
		return misdeployed(v.parameters, words)
	case slices.Contains(theirs, name):
		return ""
	case name == "make" && len(words) > 1:
		return mismade(t, v.makefile, words[1:2])
	case name == "go":
		return unbuilt(words[1:])
	case name == "gatehouse" || name == "./gatehouse":
		return misnamed(words[1:])
	case len(words) > 1 && isGroup(name):
		return misnamed(words)
	case strings.HasPrefix(name, "--") && !v.flags[name[2:]]:
		return "no command has such a flag"
	case setting && assigned:
		return misdeployed(v.parameters, append([]string{"--parameter-overrides"}, words...))
	case ourName.MatchString(name) && !v.known[name]:
		return "nothing here has such a name"
	case ofOurFolder.MatchString(code):
		if _, err := os.Stat(filepath.Join("../..", code)); err != nil {
			return err.Error()
		}
	}
	return ""
}

func pagesOfRepository(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../examples/*.md", "../../examples/*/*.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pages...)
	}
	return all
}

func withoutBlocks(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return fenced.ReplaceAllString(string(text), "")
}

// misnamed is misused for commands that a text mentions without all that they
// need.
func misnamed(words []string) string {
	p, _, _ := inProcess("")
	c, rest, err := p.root().Find(words)
	if err != nil {
		return err.Error()
	}
	if c.HasSubCommands() && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return "there is no such command"
	}
	if err := c.ParseFlags(rest); err != nil && !strings.Contains(err.Error(), "help requested") &&
		!strings.Contains(err.Error(), "needs an argument") {
		return err.Error()
	}
	return ""
}

func isGroup(word string) bool {
	p, _, _ := inProcess("")
	return slices.ContainsFunc(p.root().Commands(), func(c *cobra.Command) bool { return c.Name() == word })
}

func flagsOfAll(t *testing.T) map[string]bool {
	t.Helper()
	p, _, _ := inProcess("")
	all := map[string]bool{"help": true}
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) { all[f.Name] = true })
		for _, below := range c.Commands() {
			visit(below)
		}
	}
	visit(p.root())
	if len(all) < 30 {
		t.Fatalf("only %d flags were found", len(all))
	}
	return all
}

// knownNames are the words of the template and of the program's own source.
func knownNames(t *testing.T) map[string]bool {
	t.Helper()
	word, known := regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]+`), map[string]bool{}
	add := func(text []byte) {
		for _, name := range word.FindAllString(string(text), -1) {
			known[name] = true
		}
	}
	add(gatehouse.Template)
	for _, folder := range []string{"../../internal", "../../functions", "../../cmd", "../../scripts", "../../examples"} {
		err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			ours := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "words_test.go")
			if err != nil || !ours && filepath.Base(path) != "template.yaml" {
				return err
			}
			source, err := os.ReadFile(path)
			add(source)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return known
}
