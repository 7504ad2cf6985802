package local

import (
	"net/http"
	"regexp"
	"strings"
)

// readResponses reads GatewayResponses.
func readResponses(section value) map[responseType]*gatewayResponse {
	section.only(responseTypes()...)
	responses := map[responseType]*gatewayResponse{}
	for _, declared := range section.fields() {
		responses[responseType(declared.name)] = readResponse(declared.value)
	}
	return responses
}

func readResponse(declared value) *gatewayResponse {
	declared.only("StatusCode", "ResponseParameters", "ResponseTemplates")
	parameters := declared.field("ResponseParameters")
	parameters.only("Headers")
	response := &gatewayResponse{status: declared.field("StatusCode").number(0, 200, 599)}
	for _, header := range parameters.field("Headers").fields() {
		response.headers = append(response.headers, mapping{header.name, readExpression(header.value)})
	}
	for _, template := range declared.field("ResponseTemplates").fields() {
		response.templates = append(response.templates, bodyTemplate{template.name, readTemplate(template.value)})
	}
	return response
}

func readExpression(v value) string {
	text := v.text()
	name, ok := strings.CutPrefix(text, "context.")
	switch _, static := literal(text); {
	case static, ok && knownVariable(name),
		strings.HasPrefix(text, "method.request.header."), strings.HasPrefix(text, "method.request.querystring."):
	default:
		v.fault("%s is none of 'literal', context.NAME, method.request.header.NAME and method.request.querystring.NAME", text)
	}
	return text
}

var anyVariable = regexp.MustCompile(`\$!?\{?[A-Za-z]+(?:\.[A-Za-z0-9_-]+)*`)

// readTemplate faults variables that would stay empty or be text on AWS.
func readTemplate(v value) string {
	text := v.text()
	for _, found := range anyVariable.FindAllString(text, -1) {
		if name, ok := strings.CutPrefix(found, "$context."); !ok || !knownVariable(name) {
			v.fault("%s is not a variable that a gateway response has", found)
		}
	}
	return text
}

// readPreflights reads Cors: one origin, or a mapping.
func (r *reader) readPreflights(section value) {
	if !section.present() {
		return
	}
	if r.api.binary.match("") {
		section.fault("its preflights fail on AWS where BinaryMediaTypes has */*: have functions answer OPTIONS")
	}
	guard := r.standardGuard(http.MethodOptions)
	if intrinsicName, _ := intrinsic(section.node); !section.isMap() || intrinsicName != "" {
		r.api.addPreflights(&cors{origin: section.static()}, guard)
		return
	}
	section.only("AllowOrigin", "AllowMethods", "AllowHeaders", "MaxAge", "AllowCredentials")
	declared := &cors{
		origin:      section.field("AllowOrigin").static(),
		methods:     section.field("AllowMethods").static(),
		headers:     section.field("AllowHeaders").static(),
		maxAge:      section.field("MaxAge").static(),
		credentials: section.field("AllowCredentials").truth(false),
	}
	if declared.origin == "" {
		declared.origin = "*" // as SAM has it
	}
	r.api.addPreflights(declared, guard)
}
