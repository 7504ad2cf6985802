package local

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// readAuth reads the authorizers that the API declares.
func (r *reader) readAuth(auth value) {
	auth.only("DefaultAuthorizer", "AddDefaultAuthorizerToCorsPreflight", "Authorizers")
	for _, declared := range auth.field("Authorizers").fields() {
		r.authorizers[declared.name] = r.readAuthorizer(declared)
	}
	r.preflights = auth.field("AddDefaultAuthorizerToCorsPreflight").truth(true)
	standard := auth.field("DefaultAuthorizer")
	r.standard = standard.text()
	if r.standard != "" && r.authorizers[r.standard] == nil {
		standard.fault("there is no authorizer %s among Authorizers", r.standard)
	}
}

func (r *reader) readAuthorizer(declared field) *authorizer {
	declared.only("FunctionPayloadType", "FunctionArn", "Identity", "DisableFunctionDefaultPermissions", "FunctionInvokeRole")
	payload := declared.field("FunctionPayloadType")
	if payload.text() != "REQUEST" {
		payload.fault("must be REQUEST: other authorizers do not see the request")
	}
	a := &authorizer{name: declared.name}
	arn := declared.field("FunctionArn")
	a.function = r.authorizerFunction(arn)
	a.readIdentity(declared.field("Identity"))
	return a
}

func (r *reader) authorizerFunction(arn value) Handler {
	if function, ok := r.importedFunction(arn); ok {
		return function
	}
	logical := arn.arnOf()
	if logical == "" {
		arn.fault("must be !GetAtt of the Arn, or !Ref of the Alias, of a function of this template, or of an imported one")
		return nil
	}
	return r.function(logical, arn)
}

// The seconds for which API Gateway keeps a result.
const (
	standardReauthorize = 300
	maxReauthorize      = 3600
)

func (a *authorizer) readIdentity(identity value) {
	identity.only("Headers", "QueryStrings", "Context", "ReauthorizeEvery")
	seconds := identity.field("ReauthorizeEvery").number(standardReauthorize, 0, maxReauthorize)
	for _, place := range []struct{ property, in string }{
		{"Headers", "header"}, {"QueryStrings", "querystring"}, {"Context", "context"},
	} {
		for _, name := range identity.field(place.property).items() {
			a.sources = append(a.sources, source{place.in, name.text()})
			if place.in == "context" && !knownVariable(name.text()) {
				name.fault("is not a variable of the request context")
			}
		}
	}
	if len(a.sources) == 0 && seconds > 0 {
		identity.fault("must name an identity source, or set ReauthorizeEvery: 0, which makes one optional")
	}
	a.cache = newCache(time.Duration(seconds) * time.Second)
}

// knownVariable reports whether $context.NAME can have a value.
func knownVariable(name string) bool {
	if key, ok := strings.CutPrefix(name, "authorizer."); ok {
		return key != ""
	}
	if slices.Contains([]string{"error.message", "error.messageString", "error.responseType"}, name) {
		return true
	}
	agent := "-"
	example := requestContext{Identity: identity{UserAgent: &agent}}
	_, ok := variables{context: example.tree()}.lookup(name)
	return ok
}

// guard is the authorizer of a route: none, the one it names, or the default.
func (r *reader) guard(auth value, method string) *authorizer {
	auth.only("Authorizer")
	named := auth.field("Authorizer")
	name := named.text()
	switch {
	case name == "NONE" && r.standard == "":
		named.fault("NONE is for APIs that have a DefaultAuthorizer")
	case name == "NONE":
		return nil
	case name == "":
		return r.standardGuard(method)
	case r.authorizers[name] == nil:
		named.fault("there is no authorizer %s in the API's Auth.Authorizers", name)
	}
	return r.authorizers[name]
}

func (r *reader) standardGuard(method string) *authorizer {
	if method == http.MethodOptions && !r.preflights {
		return nil
	}
	return r.authorizers[r.standard]
}
