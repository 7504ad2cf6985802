//go:build translated

package gatehouse_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// permission is one action that a function's role allows.
type permission struct{ action, resource, condition string }

const (
	onlyClients = `{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["client#*","ping"]}}`
	onlyHashes  = `{"ForAllValues:StringEquals":{"dynamodb:Attributes":["pk","password_hash","revision"]},"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["user#*"]}}`
	onlySpent   = `{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["spent#*"]}}`
	onlyTries   = `{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["tries#*"]}}`
	onlyEnds    = `{"ForAllValues:StringEquals":{"dynamodb:Attributes":["id","exp","killed","killed_at","killed_why"]},"StringEqualsIfExists":{"dynamodb:ReturnValues":"NONE"}}`
)

// work is what each function may do, which is what it does: a flaw in one of
// them gives away no more. All may read the keyring and write their own log.
func work() map[string][]permission {
	password := []permission{
		{"dynamodb:GetItem", "RegistryTable", ""},
		{"dynamodb:UpdateItem", "RegistryTable", onlyHashes},
		{"lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:users", ""},
	}
	check := []permission{
		{"dynamodb:GetItem", "RegistryTable", onlyClients},
		{"dynamodb:GetItem", "SessionsTable", ""},
		{"dynamodb:UpdateItem", "SessionsTable", onlyEnds},
		{"dynamodb:PutItem", "ReplayTable", onlySpent},
	}
	return map[string][]permission{
		"Authorizer": check,
		"Proxy":      check,
		"Revoke": append(slices.Clone(check),
			permission{"dynamodb:BatchGetItem", "SessionsTable", ""},
			permission{"dynamodb:DeleteItem", "SessionsTable", ""},
			permission{"dynamodb:Query", "${SessionsTable.Arn}/index/user", ""}),
		"Authorize": append(slices.Clone(password),
			permission{"dynamodb:PutItem", "ReplayTable", onlyTries},
			permission{"dynamodb:UpdateItem", "ReplayTable", onlyTries},
			permission{"dynamodb:DeleteItem", "ReplayTable", onlyTries}),
		"Token": append(slices.Clone(password),
			permission{"dynamodb:GetItem", "SessionsTable", ""},
			permission{"dynamodb:PutItem", "SessionsTable", ""},
			permission{"dynamodb:UpdateItem", "SessionsTable", ""},
			permission{"dynamodb:PutItem", "ReplayTable", onlySpent},
			permission{"dynamodb:PutItem", "ReplayTable", onlyTries},
			permission{"dynamodb:UpdateItem", "ReplayTable", onlyTries},
			permission{"dynamodb:DeleteItem", "ReplayTable", onlyTries}),
	}
}

// With all there is in the template, the roles allow this and nothing else.
func TestRolesAreNarrow(t *testing.T) {
	deployed := translation(t, "everything")
	for name, want := range work() {
		want = append(want, permission{"secretsmanager:GetSecretValue", "KeysSecret", ""},
			permission{"logs:CreateLogStream", name + "Logs", ""}, permission{"logs:PutLogEvents", name + "Logs", ""},
			permission{"xray:PutTraceSegments", "*", ""}, permission{"xray:PutTelemetryRecords", "*", ""})
		got := deployed.permissions(t, name+"Function")
		for _, p := range got {
			if !slices.Contains(want, p) {
				t.Errorf("%s may %+v, which it does not need", name, p)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s has %d permissions, want %d: %v", name, len(got), len(want), got)
		}
	}
}

// With less in it they allow less, and without tracing nothing of everything.
func TestRolesAreNarrowerWithLess(t *testing.T) {
	all := translation(t, "everything")
	for _, name := range translationNames(t) {
		deployed := translation(t, name)
		for _, function := range deployed.ofType("AWS::Lambda::Function") {
			for _, p := range deployed.permissions(t, function) {
				if !slices.Contains(all.permissions(t, function), p) {
					t.Errorf("%s: %s may %+v", name, function, p)
				}
				if name != "everything" && p.resource == "*" {
					t.Errorf("%s: %s may %s everything", name, function, p.action)
				}
			}
		}
	}
}

// There are no other ways to be allowed something: each function has a role of
// its own, which has no policies but those above.
func TestEachFunctionHasARoleOfItsOwn(t *testing.T) {
	for _, name := range translationNames(t) {
		deployed := translation(t, name)
		roles := map[string]bool{}
		for _, function := range deployed.ofType("AWS::Lambda::Function") {
			role := target(deployed.property(function, "Role"))
			if roles[role] {
				t.Errorf("%s: %s is of two functions", name, role)
			}
			roles[role] = true
			trust := marshalled(t, deployed.property(role, "AssumeRolePolicyDocument", "Statement"))
			if trust != `[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"}}]` {
				t.Errorf("%s: %s trusts %s", name, role, trust)
			}
			for property := range deployed.Resources[role].Properties {
				if property != "Policies" && property != "AssumeRolePolicyDocument" {
					t.Errorf("%s: %s has %s", name, role, property)
				}
			}
		}
		for _, role := range deployed.ofType("AWS::IAM::Role") {
			if !roles[role] && role != "GatewayLogRole" {
				t.Errorf("%s: %s is of no function", name, role)
			}
		}
		for other, r := range deployed.Resources {
			if strings.HasPrefix(r.Type, "AWS::IAM::") && r.Type != "AWS::IAM::Role" || r.Type == "AWS::SecretsManager::ResourcePolicy" {
				t.Errorf("%s: %s is a %s, which this test does not read", name, other, r.Type)
			}
		}
	}
}

// Nobody but this API, and of other stacks whoever is let in there, may call a
// function.
func TestTheAPIAloneCallsFunctions(t *testing.T) {
	for _, name := range translationNames(t) {
		deployed := translation(t, name)
		called := map[string]bool{}
		for _, grant := range deployed.ofType("AWS::Lambda::Permission") {
			called[target(deployed.property(grant, "FunctionName"))] = true
			source := marshalled(t, deployed.property(grant, "SourceArn"))
			if deployed.property(grant, "Principal") != "apigateway.amazonaws.com" || !strings.Contains(source, `{"Ref":"Api"}`) && !strings.Contains(source, `${Api}`) {
				t.Errorf("%s: %s lets in %v of %s", name, grant, deployed.property(grant, "Principal"), source)
			}
		}
		want := []string{"AuthorizeFunction", "AuthorizerFunctionAliaslive", "RevokeFunction", "TokenFunctionAliaslive"}
		if _, ok := deployed.Resources["ProxyFunction"]; ok {
			want = append(want, "ProxyFunction")
		}
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(called)); !slices.Equal(got, want) {
			t.Errorf("%s: %v are called, want %v", name, got, want)
		}
	}
}

// permissions are all that the role of a function allows. It is an error for it
// to refuse, as what is left would not be in them.
func (d translated) permissions(t *testing.T, function string) (all []permission) {
	t.Helper()
	role := target(d.property(function, "Role"))
	for _, policy := range list(d.property(role, "Policies")) {
		for _, statement := range list(at(policy, "PolicyDocument", "Statement")) {
			if at(statement, "Effect") != "Allow" || at(statement, "NotAction") != nil || at(statement, "NotResource") != nil {
				t.Errorf("%s: %v is no plain permission", role, statement)
			}
			condition := ""
			if given := at(statement, "Condition"); given != nil {
				condition = marshalled(t, given)
			}
			for _, action := range list(at(statement, "Action")) {
				for _, resource := range list(at(statement, "Resource")) {
					all = append(all, permission{action.(string), target(resource), condition})
				}
			}
		}
	}
	if len(all) < 5 {
		t.Fatalf("%s: only %d permissions found", function, len(all))
	}
	return all
}
