//go:build translated

package gatehouse_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// What costs something without a request is there when it is asked for.
func TestWhatIsOffByDefault(t *testing.T) {
	for _, kind := range []string{"AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation", "AWS::ApiGateway::DomainName", "AWS::ApiGateway::BasePathMapping",
		"AWS::Route53::RecordSet", "AWS::SNS::Topic", "AWS::ApiGateway::Account"} {
		if got := translation(t, "defaults").ofType(kind); len(got) != 0 {
			t.Errorf("by default there is %v", got)
		}
		if got := translation(t, "everything").ofType(kind); len(got) != 1 {
			t.Errorf("with everything the resources of type %s are %v", kind, got)
		}
	}
	for _, property := range []struct {
		resource  string
		way       []string
		off, then any
	}{
		{"ApiStage", []string{"AccessLogSetting"}, nil, nil},
		{"ApiStage", []string{"TracingEnabled"}, false, true},
		{"TokenFunction", []string{"TracingConfig", "Mode"}, "PassThrough", "Active"},
		{"TokenFunction", []string{"ReservedConcurrentExecutions"}, nil, "100"},
		{"AuthorizerFunction", []string{"ReservedConcurrentExecutions"}, nil, "500"},
		{"TokenFunctionAliaslive", []string{"ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions"}, nil, "2"},
		{"AuthorizerFunctionAliaslive", []string{"ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions"}, nil, "5"},
	} {
		if got := translation(t, "defaults").property(property.resource, property.way...); got != property.off {
			t.Errorf("by default %s has %v %v, want %v", property.resource, property.way, got, property.off)
		}
		got := translation(t, "everything").property(property.resource, property.way...)
		if property.then != nil && got != property.then || got == nil {
			t.Errorf("with everything %s has %v %v, want %v", property.resource, property.way, got, property.then)
		}
	}
}

// Neither a dropped stack nor a slip in the console takes what can't be made
// anew.
func TestDataIsKept(t *testing.T) {
	for _, name := range translationNames(t) {
		deployed := translation(t, name)
		for _, table := range []string{"SessionsTable", "RegistryTable"} {
			if got := deployed.Resources[table].DeletionPolicy; got != "Retain" {
				t.Errorf("%s: %s is deleted with the stack: %v", name, table, got)
			}
			if got := deployed.property(table, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"); got != true {
				t.Errorf("%s: %s has point-in-time recovery %v", name, table, got)
			}
			if got, want := deployed.property(table, "DeletionProtectionEnabled"), name != "bare"; got != map[bool]string{true: "true", false: "false"}[want] {
				t.Errorf("%s: %s has deletion protection %v, want %v", name, table, got, want)
			}
		}
		if got := deployed.Resources["KeysSecret"].DeletionPolicy; got != "Retain" {
			t.Errorf("%s: the keyring is deleted with the stack: %v", name, got)
		}
		for _, group := range deployed.ofType("AWS::Logs::LogGroup") {
			if got := deployed.property(group, "RetentionInDays"); got != 30.0 {
				t.Errorf("%s: %s is kept for %v days", name, group, got)
			}
		}
	}
}

// OAuth 1.0 signs the URL that clients use, so the functions have to know it.
func TestTheURLOfClients(t *testing.T) {
	const own = "https://${Api}.execute-api.us-east-1.amazonaws.com/prod"
	for name, want := range map[string]struct{ variable, output, api, closed any }{
		"everything": {"https://auth.example.com", "https://auth.example.com", "https://auth.example.com", true},
		"proxied":    {"https://api.example.com/v1", "https://api.example.com/v1", "https://auth.example.com", true},
		"defaults":   {nil, own, own, false},
	} {
		deployed := translation(t, name)
		if got := deployed.property("ApiStage", "Variables", "PUBLIC_BASE_URL"); got != want.variable {
			t.Errorf("%s: the functions take %v for the URL, want %v", name, got, want.variable)
		}
		if got := target(deployed.Outputs["PublicUrl"].Value); got != want.output {
			t.Errorf("%s: clients are told %v, want %v", name, got, want.output)
		}
		if got := target(deployed.Outputs["ApiUrl"].Value); got != want.api {
			t.Errorf("%s: proxies are told %v, want %v", name, got, want.api)
		}
		// Where there is a domain name, nobody goes around what is in front of it.
		if got := deployed.property("Api", "Body", "servers", "x-amazon-apigateway-endpoint-configuration", "disableExecuteApiEndpoint"); got != want.closed {
			t.Errorf("%s: the API's own name is closed: %v, want %v", name, got, want.closed)
		}
	}
	if record := translation(t, "proxied").ofType("AWS::Route53::RecordSet"); len(record) != 0 {
		t.Errorf("without a hosted zone there is %v", record)
	}
}

// Lines are JSON, and nothing in them is of a header, a query or a body, nor any
// text of a client that could end one. API Gateway's execution logs, which have
// it all, are off.
func TestAccessLogsHaveNoCredentials(t *testing.T) {
	allowed := []string{"requestTimeEpoch", "requestId", "identity.sourceIp", "httpMethod", "resourcePath", "protocol", "status", "responseLength",
		"responseLatency", "integrationLatency", "integrationStatus", "authorizer.latency", "authorizer.status", "authorizer.client",
		"error.responseType", "waf.status"}
	for _, name := range translationNames(t) {
		deployed := translation(t, name)
		if got := deployed.property("ApiStage", "MethodSettings"); got != nil {
			t.Errorf("%s: methods have settings: %v", name, got)
		}
		format, logged := deployed.property("ApiStage", "AccessLogSetting", "Format").(string)
		if !logged {
			continue
		}
		var line map[string]string
		if err := json.Unmarshal([]byte(format), &line); err != nil {
			t.Errorf("%s: %v: %s", name, err, format)
		}
		for field, value := range line {
			if variable, ok := strings.CutPrefix(value, "$context."); !ok || !slices.Contains(allowed, variable) {
				t.Errorf("%s: %s is %s", name, field, value)
			}
		}
		if len(line) < 10 {
			t.Errorf("%s: a line has only %v", name, line)
		}
	}
}

// A version of a function keeps the settings that it was made with: each of them
// must make a new one.
func TestEachSettingMakesANewVersion(t *testing.T) {
	template := sourceTemplate(t)
	var content []string
	for _, item := range template.Resources["SettingsVersion"].Properties.Content.Content[1].Content {
		content = append(content, item.Value)
	}
	functions := 0
	for _, name := range []string{"AuthorizerFunction", "TokenFunction"} {
		deployed := translation(t, "defaults")
		if got := marshalled(t, deployed.property(name, "Description")); !strings.Contains(got, "${SettingsVersion}") {
			t.Errorf("%s itself does not change: %s", name, got)
		}
		variables := template.Resources[name].Properties.Environment.Variables
		for variable, value := range template.Globals.Function.Environment.Variables {
			variables[variable] = value
		}
		for variable, value := range variables {
			if value.Tag == "!Ref" && !slices.Contains(content, value.Value) {
				t.Errorf("%s of %s is not in SettingsVersion", variable, name)
			}
			functions++
		}
	}
	if functions < 30 {
		t.Errorf("only %d variables were found", functions)
	}
	for _, version := range translation(t, "defaults").ofType("AWS::Lambda::Version") {
		if got := target(translation(t, "defaults").property(version, "Description")); !strings.Contains(got, "${SettingsVersion}") {
			t.Errorf("%s is described as %s", version, got)
		}
	}
}

// Other stacks can import all outputs, and no two by one name.
func TestOutputsAreExported(t *testing.T) {
	for _, name := range translationNames(t) {
		for output, o := range translation(t, name).Outputs {
			if o.Export.Name != "gatehouse-"+output || o.Value == nil {
				t.Errorf("%s: %s is exported as %v", name, output, o.Export.Name)
			}
		}
	}
	if got := translation(t, "everything").Outputs["AuthorizerArn"].Value; target(got) != "AuthorizerFunctionAliaslive" {
		t.Errorf("other stacks call %v, not the alias, which alone may be called and is warm", got)
	}
}
