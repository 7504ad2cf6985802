package deployment

import (
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"gatehouse"
	"gatehouse/internal/oauth/rules"
)

// accepted is what CloudFormation makes of the template's RouteScopes: the
// whole text has to fit, and MaxLength counts its characters.
func accepted(t testing.TB) func(text string) bool {
	t.Helper()
	var template struct {
		Parameters struct {
			RouteScopes struct {
				AllowedPattern string `yaml:"AllowedPattern"`
				MaxLength      int    `yaml:"MaxLength"`
			} `yaml:"RouteScopes"`
		} `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(gatehouse.Template, &template); err != nil {
		t.Fatal(err)
	}
	parameter := template.Parameters.RouteScopes
	if parameter.MaxLength != rules.MaxText {
		t.Fatalf("MaxLength is %d, want %d", parameter.MaxLength, rules.MaxText)
	}
	pattern := regexp.MustCompile(`\A(?:` + parameter.AllowedPattern + `)\z`)
	return func(text string) bool { return len([]rune(text)) <= parameter.MaxLength && pattern.MatchString(text) }
}

var ruleTexts = []string{
	"", " ", ";", " ; ", "* /a any", "* /a any;", "* /a any ; ", "* /a any;;", "* /a any; ;", ";* /a any", "  *  /a  any  ", "* / any",
	"* /api/health public; GET,HEAD /api/notes* read; POST,PUT,PATCH,DELETE /api/notes* read write", "OPTIONS /* public;* /* a",
	"GET /a", "GET", "/a read", "get /a b", "GET, PUT /a b", "GET,,PUT /a b", "GET, /a b", ",GET /a b", "GET,* /a b", "** /a b", "GETPUT /a b", "ANY /a b",
	"* a b", "* * b", "* //a b", "* /a//b c", "* /a/ b", "* /a/b/c d", "* /a? b", "* /a#b c", "* /a%20b c", "* /{id} c", "* /${a} b", `* /a\b c`, "* /é b",
	"* /a' b", "* /.well-known/~a._!&()+,=:@*-/b c", "* /[a] b", "* /a<b c", "* /a|b c", "* /a\x00 b", "* /a\nb c",
	`* /a "b"`, `* /a b\c`, "* /a é", "* /a b\n", "* /a b\tc", "\t* /a b", "\n* /a b", "* /a b;\n* /c d", "* /a b; * /c d\n", "* /a b\r\n", "* /a b\x7f", "* /a b\u0085", "* /a b\u2028", "* /a \xff",
	"* /a !#$%&'()*+,-./0:<=>?@A[]^_`a{|}~", "* /a public any", "* /a b * /c d", "* /a;b c", "* /a b;c", "* /a b ; c",
	"* / " + strings.Repeat("a", rules.MaxText-4), "* / " + strings.Repeat("a", rules.MaxText-3), "* / " + strings.Repeat("é", 1500),
	strings.Repeat("* /a b;", rules.MaxRules), strings.Repeat("* /a b;", rules.MaxRules) + "* /a b", strings.Repeat("* /a b;", rules.MaxRules-1) + "* /a b",
	strings.Repeat(" ", rules.MaxText), strings.Repeat(" ", rules.MaxText+1), "* /" + strings.Repeat(" a", 1000), strings.Repeat("GET,", 500) + "GET /a b",
}

// A wrong rule stops the deployment, and a right one does not.
func TestTemplateAcceptsWhatParseDoes(t *testing.T) {
	accepts := accepted(t)
	for _, text := range ruleTexts {
		if _, err := rules.Parse(text); accepts(text) != (err == nil) {
			t.Errorf("%.80q: the template accepts it: %v; Parse: %v", text, accepts(text), err)
		}
	}
}

func FuzzTemplateAcceptsWhatParseDoes(f *testing.F) {
	for _, text := range ruleTexts {
		f.Add(text)
	}
	accepts := accepted(f)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := rules.Parse(text); accepts(text) != (err == nil) {
			t.Errorf("%.80q: the template accepts it: %v; Parse: %v", text, accepts(text), err)
		}
	})
}

func TestRules(t *testing.T) {
	got, err := ReadSettings(from(map[string]string{"ROUTE_SCOPES": "GET /api/notes* read"}))
	if err != nil || len(got.Rules) != 1 || got.Rules[0].String() != "GET /api/notes* read" {
		t.Errorf("got %v, %v", got.Rules, err)
	}
	_, err = ReadSettings(from(map[string]string{"ROUTE_SCOPES": "* /a any; get /b read"}))
	if err == nil || !strings.Contains(err.Error(), `environment variable ROUTE_SCOPES: rule 2, "get /b read": the methods are *`) {
		t.Errorf("got %v, want the rule and what to write", err)
	}
}
