package local

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader reads one template.
type reader struct {
	resources   value
	conditions  value
	functions   map[string]Handler
	imported    map[string]Handler
	name        string // logical name of the API
	authorizers map[string]*authorizer
	standard    string // name of the default authorizer, or empty
	preflights  bool   // whether the default authorizer guards OPTIONS too
	api         *api
}

// readAPI reads the one API of a template.
func readAPI(text []byte, functions map[string]Handler, options Options) (*api, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	if len(root.Content) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrTemplate)
	}
	doc := &document{}
	template := value{doc, root.Content[0], ""}
	doc.parameters = readParameters(template.top("Parameters"), options.Parameters)
	checkGlobals(template.top("Globals"))
	r := &reader{resources: template.top("Resources"), conditions: template.top("Conditions"), functions: functions,
		imported: options.Imported, authorizers: map[string]*authorizer{}, api: &api{}}
	r.read()
	if err := errors.Join(doc.faults...); err != nil {
		return nil, err
	}
	return r.api, nil
}

// top is a section of the template.
func (v value) top(name string) value {
	section := v.field(name)
	section.at = name
	return section
}

// readParameters returns given values over defaults.
func readParameters(section value, given map[string]string) map[string]string {
	parameters := map[string]string{}
	for _, parameter := range section.fields() {
		if standard := parameter.field("Default"); standard.present() {
			parameters[parameter.name] = standard.text()
		}
		if text, ok := given[parameter.name]; ok {
			parameters[parameter.name] = text
		}
	}
	return parameters
}

// neutralAPIProperties have no effect on what is served, and so on what must be
// the same here.
func neutralAPIProperties() []string {
	return []string{"Name", "Description", "EndpointConfiguration", "OpenApiVersion", "TracingEnabled",
		"AccessLogSetting", "MethodSettings", "Tags", "PropagateTags", "AlwaysDeploy", "Domain",
		"DisableExecuteApiEndpoint", "SecurityPolicy", "FailOnWarnings", "MinimumCompressionSize"}
}

func checkGlobals(globals value) {
	globals.field("Api").only(neutralAPIProperties()...)
	if http := globals.field("HttpApi"); http.present() {
		http.fault("the local gateway serves a REST API only")
	}
}

func (r *reader) read() {
	apis := r.ofType("AWS::Serverless::Api")
	r.checkTypes()
	if len(apis) != 1 {
		r.resources.fault("the local gateway wants one AWS::Serverless::Api, and there are %d", len(apis))
		return
	}
	r.name = apis[0].name
	properties := apis[0].field("Properties")
	conditionless(apis[0].value)
	properties.only(append(neutralAPIProperties(), "StageName", "Variables", "Auth", "Cors", "GatewayResponses", "BinaryMediaTypes")...)
	r.api.stage = properties.field("StageName").text()
	r.api.variables = r.readVariables(properties.field("Variables"))
	r.api.binary = readMediaTypes(properties.field("BinaryMediaTypes"))
	r.api.responses = readResponses(properties.field("GatewayResponses"))
	r.readAuth(properties.field("Auth"))
	r.readRoutes()
	r.readPreflights(properties.field("Cors"))
}

func (r *reader) ofType(name string) (found []field) {
	for _, resource := range r.resources.fields() {
		if resource.field("Type").text() == name {
			found = append(found, resource)
		}
	}
	return found
}

// checkTypes faults resources that would be served on AWS and are not here.
func (r *reader) checkTypes() {
	for _, resource := range r.resources.fields() {
		kind := resource.field("Type").text()
		switch {
		case kind == "":
			resource.fault("the local gateway reads resources that have a Type")
		case slices.Contains(neutralTypes(), kind):
		case kind == "AWS::Serverless::Application" && r.importsFrom(resource.name):
		case strings.HasPrefix(kind, "AWS::ApiGateway::"), strings.HasPrefix(kind, "AWS::ApiGatewayV2::"),
			kind == "AWS::Serverless::HttpApi", kind == "AWS::Serverless::Application",
			kind == "AWS::Lambda::Url":
			resource.field("Type").fault("the local gateway cannot mount %s", kind)
		}
	}
}

// neutralTypes are resources of API Gateway that bring no routes.
func neutralTypes() []string {
	return []string{"AWS::ApiGateway::Account", "AWS::ApiGateway::BasePathMapping",
		"AWS::ApiGateway::ClientCertificate", "AWS::ApiGateway::DomainName"}
}

// conditionless faults a resource that may or may not exist when deployed.
func conditionless(resource value) {
	if condition := resource.field("Condition"); condition.present() {
		condition.fault("the local gateway cannot tell whether this resource will exist")
	}
}

// function finds the code of a function of the template.
func (r *reader) function(logical string, from value) Handler {
	resource := r.resources.field(logical)
	if resource.field("Type").text() != "AWS::Serverless::Function" {
		from.fault("%s is not an AWS::Serverless::Function of this template", logical)
		return nil
	}
	if condition := resource.field("Condition"); !r.exists(resource) {
		condition.fault("does not hold, so %s has no function %s to call", from.at, logical)
	}
	properties := resource.field("Properties")
	if inline := properties.field("InlineCode"); inline.present() {
		if r.functions[logical] == nil {
			inline.fault("the local gateway has no function called %s", logical)
		}
		return r.functions[logical]
	}
	code := properties.field("CodeUri")
	function := r.functions[path.Clean(code.text())]
	if function == nil {
		code.fault("the local gateway has no function whose code is %q", code.text())
	}
	return function
}

func readMediaTypes(list value) (types mediaTypes) {
	for _, text := range list.texts() {
		types = append(types, strings.ToLower(strings.ReplaceAll(text, "~1", "/")))
	}
	return types
}
