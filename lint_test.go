package gatehouse_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// exemption is how a line of code is exempted, and explained how it has to be.
type exemption struct{ is, explained *regexp.Regexp }

// exemptions of the tools that look at Go, and of those that look elsewhere,
// which nobody runs here.
func exemptions() []exemption {
	never := regexp.MustCompile(`$^`)
	return []exemption{
		{regexp.MustCompile(`#no` + `sec`), regexp.MustCompile(`// #no` + `sec( G\d{3})+ -- \S+`)},
		{regexp.MustCompile(`//lint:` + `(?:ignore|file-ignore)`), regexp.MustCompile(`//lint:` + `ignore \S+ \S+ \S+`)},
		{regexp.MustCompile(`(?:no` + `lint|no` + `qa|es` + `lint-dis` + `able|@ts-` + `ignore)`), never},
	}
}

// gosec asks for the reasons of its own exemptions, but does not look at tests.
func TestEachExemptionOfCodeSaysWhy(t *testing.T) {
	found := 0
	for _, path := range sources(t) {
		for i, line := range strings.Split(readText(t, path), "\n") {
			for _, e := range exemptions() {
				if e.is.MatchString(line) {
					found++
					if !e.explained.MatchString(line) {
						t.Errorf("%s:%d: an exemption that does not say why: %s", path, i+1, strings.TrimSpace(line))
					}
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d exemptions were found", found)
	}
}

// sources are the programs of all languages.
func sources(t *testing.T) []string {
	return files(t, func(path string) bool {
		return slices.Contains([]string{".go", ".py", ".mjs", ".js", ".java", ".php", ".kt", ".swift"}, filepath.Ext(path))
	})
}

func filesEndingIn(t *testing.T, ending string) []string {
	t.Helper()
	return files(t, func(path string) bool { return strings.HasSuffix(path, ending) })
}

// files are those of this repository, with slashes, that wanted is true for. What
// a program fetched or made is not the repository's own.
func files(t *testing.T, wanted func(path string) bool) (all []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		hidden := path != "." && strings.HasPrefix(entry.Name(), ".") && path != ".github"
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (hidden || entry.Name() == "node_modules"):
			return fs.SkipDir
		case !entry.IsDir() && wanted(path):
			all = append(all, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A check of all templates is left out below a comment; one or more of the same
// reason follow it. One of a resource has its comment beside it.
func TestEachExemptionOfTemplatesSaysWhy(t *testing.T) {
	explained, left := false, 0
	for line := range strings.Lines(readText(t, "scripts/checkov.yaml")) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "- ") {
			left++
			if !explained {
				t.Errorf("scripts/checkov.yaml: %s is below no reason", line)
			}
			continue
		}
		explained = strings.HasPrefix(line, "# ") && !strings.HasSuffix(line, ":")
	}
	for _, path := range files(t, func(path string) bool { return filepath.Base(path) == "template.yaml" }) {
		left += exemptResources(t, path)
	}
	if left < 10 {
		t.Errorf("only %d exemptions were found", left)
	}
}

func exemptResources(t *testing.T, path string) (count int) {
	t.Helper()
	var template struct {
		Resources map[string]struct {
			Metadata struct {
				Checkov struct {
					Skip []struct{ ID, Comment string }
				}
				Lint any `yaml:"cfn-lint"`
			} `yaml:"Metadata"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(readText(t, path)), &template); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for name, resource := range template.Resources {
		if resource.Metadata.Lint != nil {
			t.Errorf("%s: %s is exempt from cfn-lint, which takes no reasons", path, name)
		}
		for _, skip := range resource.Metadata.Checkov.Skip {
			count++
			if len(strings.Fields(skip.Comment)) < 3 {
				t.Errorf("%s: %s does not say why it leaves out %s", path, name, skip.ID)
			}
		}
	}
	return count
}

// A manifest that Dependabot is not told of would never be renewed.
func TestEachManifestIsRenewed(t *testing.T) {
	var config struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directory   string `yaml:"directory"`
			Directories []string
		}
	}
	if err := yaml.Unmarshal([]byte(readText(t, ".github/dependabot.yml")), &config); err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, update := range config.Updates {
		for _, directory := range append(update.Directories, update.Directory) {
			told[update.Ecosystem+" "+directory] = directory != ""
		}
	}
	is := map[string]string{"go.mod": "gomod", "package.json": "npm", "requirements.txt": "pip", "checkov.txt": "pip", "pom.xml": "maven",
		"ci.yml": "github-actions", "Dockerfile": "docker", "build.gradle.kts": "gradle", "Package.swift": "swift"}
	there := map[string]bool{}
	for _, path := range files(t, func(path string) bool { return is[filepath.Base(path)] != "" }) {
		directory := strings.TrimSuffix("/"+filepath.ToSlash(filepath.Dir(path)), ".")
		if filepath.Base(path) == "ci.yml" {
			directory = "/" // of which Dependabot knows where workflows are
		}
		there[is[filepath.Base(path)]+" "+directory] = true
	}
	for manifest := range there {
		if !told[manifest] {
			t.Errorf(".github/dependabot.yml does not name %s", manifest)
		}
	}
	for name, named := range told {
		if named && !there[name] {
			t.Errorf(".github/dependabot.yml names %s, which is not there", name)
		}
	}
}

// A tag of an action can be moved to other code, a commit cannot.
func TestActionsAreCommits(t *testing.T) {
	uses := regexp.MustCompile(`(?m)^ +(?:- )?uses: (.+)$`)
	commit := regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	workflows, err := os.ReadDir(".github/workflows")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, workflow := range workflows {
		text := readText(t, filepath.Join(".github/workflows", workflow.Name()))
		for _, match := range uses.FindAllStringSubmatch(text, -1) {
			found++
			if !commit.MatchString(match[1]) {
				t.Errorf("%s: %s is not a commit with its version beside it", workflow.Name(), match[1])
			}
		}
		if !strings.Contains(text, "\npermissions:\n  contents: read\n") {
			t.Errorf("%s may do more than read", workflow.Name())
		}
	}
	if found < 3 {
		t.Errorf("only %d actions were found", found)
	}
}
