package gatehouse_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"gatehouse"
)

// A text that the functions cannot read is refused before they are deployed.
func TestScopeDescriptionsAreAnObjectOfTexts(t *testing.T) {
	var template struct {
		Parameters struct {
			ScopeDescriptions struct {
				Pattern string `yaml:"AllowedPattern"`
			} `yaml:"ScopeDescriptions"`
		} `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(gatehouse.Template, &template); err != nil {
		t.Fatal(err)
	}
	rule := regexp.MustCompile("^(" + template.Parameters.ScopeDescriptions.Pattern + ")$")
	for text, want := range map[string]bool{
		"": true, "{}": true, `{"read":"See your notes"}`: true, "{ \"read\" : \"Se\u00e9\", \"notes:write\":\"\\\"Change\\\" them\" }": true,
		"read": false, `["read"]`: false, `{"read":1}`: false, `{"read":{"a":"b"}}`: false, `"read"`: false, `{"read":"a"`: false,
		`{"":"a"}`: false, `{"read write":"a"}`: false, `{"read":"a",}`: false, `{"read":"a" "b":"c"}`: false, `{"read":"a"b"}`: false, `{read:a}`: false,
	} {
		if rule.MatchString(text) != want {
			t.Errorf("%s is taken: %v", text, !want)
		}
	}
}

// Whoever deploys from the console sees parameters by groups, each with what it is
// for and, where it has a rule, what to give.
func TestEachParameterIsExplained(t *testing.T) {
	var template struct {
		Metadata struct {
			Interface struct {
				Groups []struct {
					Parameters []string `yaml:"Parameters"`
				} `yaml:"ParameterGroups"`
			} `yaml:"AWS::CloudFormation::Interface"`
		} `yaml:"Metadata"`
		Parameters map[string]struct {
			Default     *string  `yaml:"Default"`
			Description string   `yaml:"Description"`
			Pattern     string   `yaml:"AllowedPattern"`
			Least       string   `yaml:"MinValue"`
			Most        string   `yaml:"MaxValue"`
			Longest     string   `yaml:"MaxLength"`
			Values      []string `yaml:"AllowedValues"`
			Constraint  string   `yaml:"ConstraintDescription"`
		} `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(gatehouse.Template, &template); err != nil {
		t.Fatal(err)
	}
	var grouped []string
	for _, group := range template.Metadata.Interface.Groups {
		grouped = append(grouped, group.Parameters...)
	}
	for name, p := range template.Parameters {
		switch {
		case !slices.Contains(grouped, name):
			t.Errorf("%s is in no group", name)
		case p.Description == "" || p.Default == nil:
			t.Errorf("%s has no description, or no default", name)
		case p.Constraint == "" && p.Pattern+p.Least+p.Most != "":
			t.Errorf("%s does not say what its rule asks for", name)
		case p.Pattern+p.Least+p.Most+strings.Join(p.Values, "") == "" && p.Longest == "":
			t.Errorf("%s has no rule", name)
		}
	}
	slices.Sort(grouped)
	if unique := slices.Compact(slices.Clone(grouped)); len(unique) != len(grouped) || len(grouped) != len(template.Parameters) || len(grouped) < 30 {
		t.Errorf("%d parameters are in groups, %d of them once, and %d are there", len(grouped), len(unique), len(template.Parameters))
	}
}
