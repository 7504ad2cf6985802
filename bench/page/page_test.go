package page

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What no program fills would stay as it once was.
func TestEachSectionIsFilledBySomebody(t *testing.T) {
	programs, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, path := range programs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	found := 0
	for _, name := range []string{"PERFORMANCE.md", "SCALE.md"} {
		text, err := os.ReadFile(filepath.Join("../../docs", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`<!-- begin (\S+) -->`).FindAllStringSubmatch(string(text), -1) {
			found++
			if !strings.Contains(code.String(), `{Name: "`+match[1]+`", Text: `) {
				t.Errorf("%s: nobody fills %s", name, match[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d sections were found", found)
	}
}

func TestFillWantsEachMarkerOnce(t *testing.T) {
	all := []Section{{"a", "x\n"}, {"b", "y\n"}}
	a, b := "<!-- begin a -->\nold\n<!-- end a -->\n", "<!-- begin b -->\n<!-- end b -->\n"
	got, err := fill("1\n"+a+"2\n"+b+"3\n", all)
	if want := "1\n<!-- begin a -->\nx\n<!-- end a -->\n2\n<!-- begin b -->\ny\n<!-- end b -->\n3\n"; got != want || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for _, page := range []string{a, b, "<!-- begin a -->\n" + b, a + b + a} {
		if _, err := fill(page, all); err == nil {
			t.Errorf("%q was filled", page)
		}
	}
}

func TestTable(t *testing.T) {
	if got, want := Table([]string{"a", "b"}, []string{"1", "2"}), "| a | b |\n|---|---|\n| 1 | 2 |\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What is only printed leaves the page and the results as they are.
func TestPublish(t *testing.T) {
	docs, saved := t.TempDir(), false
	path := filepath.Join(docs, "P.md")
	if err := os.WriteFile(path, []byte("<!-- begin a -->\nold\n<!-- end a -->\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"", docs} {
		err := Publish(to, "P.md", []Section{{"a", "new\n"}}, map[string]string{"p.svg": "drawn"}, func() error { saved = true; return nil })
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil || strings.Contains(string(text), "new") != (to == docs) || saved != (to == docs) {
			t.Errorf("to %q: %s, saved: %v (%v)", to, text, saved, err)
		}
	}
	if plot, err := os.ReadFile(filepath.Join(docs, "p.svg")); string(plot) != "drawn" {
		t.Errorf("the plot is %q (%v)", plot, err)
	}
}
