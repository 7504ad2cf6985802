package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"go.yaml.in/yaml/v3"

	"gatehouse"
)

// wanted is an output of a stack that the program gatehouse asks for.
var wanted = regexp.MustCompile(`outputs\["(\w+)"\]`)

// Operators name the outer stack, so it passes on what the program looks for: a
// change that finds no audit log, say, is written down nowhere.
func TestOuterStackHasWhatTheProgramReads(t *testing.T) {
	type outputs struct {
		Outputs map[string]struct {
			Value yaml.Node `yaml:"Value"`
		} `yaml:"Outputs"`
	}
	var outer, own outputs
	if err := yaml.Unmarshal(read(t, "same-stack").text, &outer); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(gatehouse.Template, &own); err != nil {
		t.Fatal(err)
	}
	for name := range outputsRead(t) {
		if _, ok := own.Outputs[name]; !ok {
			t.Errorf("Gatehouse has no output %s", name)
		}
		if got := outer.Outputs[name].Value; got.Tag != "!GetAtt" || got.Value != "Gatehouse.Outputs."+name {
			t.Errorf("output %s is %s %q, not Gatehouse's", name, got.Tag, got.Value)
		}
	}
}

func outputsRead(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../cmd/gatehouse/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range wanted.FindAllSubmatch(text, -1) {
			found[string(match[1])] = true
		}
	}
	if len(found) < 6 {
		t.Fatalf("only %v were found", found)
	}
	return found
}
