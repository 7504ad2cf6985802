package local_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/local"
)

// imported is authorized with an authorizer of another stack.
func imported(arn string) string {
	return strings.Replace(template(authorized, event("GET", "/a", "")), "FunctionArn: !GetAtt Authorizer.Arn", "FunctionArn: "+arn, 1)
}

const nested = "  Gate: { Type: AWS::Serverless::Application, Properties: { Location: ../x.yaml } }\n"

func TestImportedAuthorizer(t *testing.T) {
	for _, text := range []string{
		imported("!ImportValue gatehouse-AuthorizerArn"),
		imported("{ Fn::ImportValue: gatehouse-AuthorizerArn }"),
		imported("{ Fn::ImportValue: !Sub '${Realm}-AuthorizerArn' }"),
		imported("!GetAtt Gate.Outputs.AuthorizerArn") + nested,
		imported("{ Fn::GetAtt: [Gate, Outputs.AuthorizerArn] }") + nested,
	} {
		elsewhere := &function{err: errUnauthorized}
		b := newBench(t, text, func(o *local.Options) {
			o.Imported = map[string]local.Handler{"gatehouse-AuthorizerArn": elsewhere, "Gate.Outputs.AuthorizerArn": elsewhere}
		})
		expect(t, b.do("GET", "/a", ""), http.StatusUnauthorized, `{"message":"Unauthorized"}`)
		if len(elsewhere.events) != 1 || len(b.authorizer.events) != 0 {
			t.Errorf("%s: asked %d times, and the template's own %d", text, len(elsewhere.events), len(b.authorizer.events))
		}
	}
}

func TestWhatCannotBeImported(t *testing.T) {
	for text, want := range map[string]string{
		imported("!ImportValue other-AuthorizerArn"):             "FunctionArn: the local gateway has no function for other-AuthorizerArn",
		imported("!GetAtt Gate.Outputs.Other") + nested:          "FunctionArn: the local gateway has no function for Gate.Outputs.Other",
		imported("!ImportValue ''"):                              "FunctionArn: must be !GetAtt",
		imported("!Ref Realm"):                                   "FunctionArn: must be !GetAtt",
		template("", event("GET", "/a", "")) + nested:            "Resources.Gate.Type: the local gateway cannot mount AWS::Serverless::Application",
		template("Variables: !If [Is]", event("GET", "/a", "")):  "Properties.Variables: takes a condition and two values",
		template("Variables: { A: [] }", event("GET", "/a", "")): "Properties.Variables.A: is not a string",
		strings.Replace(template("", event("GET", "/a", "")), "CodeUri: ./functions/backend", "InlineCode: x", 1): "InlineCode: the local gateway has no function called Backend",
	} {
		if err := mount(text); !errors.Is(err, local.ErrTemplate) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// Functions see the stage's variables, but for the address, which they know.
func TestStageVariables(t *testing.T) {
	const condition = "\nConditions: { Is: !Equals [!Ref Realm, gatehouse] }\n"
	for _, variables := range []string{"{ A: !Ref Realm, PUBLIC_BASE_URL: x }", "!If [Is, { A: !Ref Realm }, !Ref AWS::NoValue]"} {
		b := newBench(t, condition+template(authorized+"Variables: "+variables, event("GET", "/a", "")), nil)
		expect(t, b.do("GET", "/a", ""), http.StatusOK, "fine")
		for _, f := range []*function{b.backend, b.authorizer} {
			if got := f.last(t)["stageVariables"].(map[string]any); len(got) != 1 || got["A"] != "gatehouse" {
				t.Errorf("%s: %v", variables, got)
			}
		}
	}
	b := newBench(t, condition+template("Variables: !If [Is, !Ref AWS::NoValue, { A: x }]", event("GET", "/a", "")), nil)
	expect(t, b.do("GET", "/a", ""), http.StatusOK, "fine")
	if got := b.backend.last(t)["stageVariables"]; got != nil {
		t.Errorf("no variables: %v", got)
	}
}

func TestInlineCode(t *testing.T) {
	text := strings.Replace(template("", event("GET", "/a", "")), "CodeUri: ./functions/backend", "InlineCode: exports.handler = x", 1)
	backend := &function{answer: fine}
	handler, err := local.New([]byte(text), map[string]local.Handler{"Backend": backend},
		local.Options{Log: local.NewLog(io.Discard, time.Now), Clock: time.Now, Rand: zeros{}})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, (&bench{handler: handler}).do("GET", "/a", ""), http.StatusOK, "fine")
}
