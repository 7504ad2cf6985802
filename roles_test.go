package gatehouse_test

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"gatehouse"
)

// permission is one action that a function's role allows.
type permission struct{ function, action, resource, condition string }

// Each function may do what its work needs: what a flaw in one of them gives
// away is bounded by that.
func TestRolesAreNarrow(t *testing.T) {
	allowed := permissions(t)
	if len(allowed) < 30 {
		t.Fatalf("only %d permissions found", len(allowed))
	}
	passwords := []string{"TokenFunction", "AuthorizeFunction"}
	for _, p := range allowed {
		onlyClients := strings.Contains(p.condition, "LeadingKeys client#* ping")
		writes := p.action != "dynamodb:GetItem"
		switch {
		case strings.Contains(p.action, "*") || p.resource == "" || strings.Contains(p.resource, "*"):
			t.Errorf("%+v is not of one action and resource", p)
		case strings.Contains(p.resource, "KeysSecret") && p.action != "secretsmanager:GetSecretValue":
			t.Errorf("%+v is more than reading the keyring", p)
		case strings.Contains(p.resource, "RegistryTable") && !slices.Contains(passwords, p.function) && (writes || !onlyClients):
			t.Errorf("%+v reaches users, or writes clients", p)
		case strings.Contains(p.resource, "RegistryTable") && writes && !strings.Contains(p.condition, "LeadingKeys user#*"):
			t.Errorf("%+v writes clients", p)
		case strings.Contains(p.resource, "SessionsTable") && p.action == "dynamodb:PutItem" && p.function != "TokenFunction":
			t.Errorf("%+v makes sessions", p)
		}
	}
}

func permissions(t *testing.T) []permission {
	t.Helper()
	var template struct {
		Resources map[string]struct {
			Type       string `yaml:"Type"`
			Properties struct {
				Policies yaml.Node `yaml:"Policies"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(gatehouse.Template, &template); err != nil {
		t.Fatal(err)
	}
	var all []permission
	for name, resource := range template.Resources {
		if resource.Type == "AWS::Serverless::Function" {
			all = append(all, statements(name, &resource.Properties.Policies)...)
		}
	}
	return all
}

// statements finds the statements of policies, wherever in node they are.
func statements(function string, node *yaml.Node) []permission {
	fields := map[string]*yaml.Node{}
	var all []permission
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 1 {
			fields[node.Content[i-1].Value] = child
		}
		all = append(all, statements(function, child)...)
	}
	if actions := fields["Action"]; actions != nil {
		for _, action := range strings.Fields(words(actions)) {
			all = append(all, permission{function, action, words(fields["Resource"]), words(fields["Condition"])})
		}
	}
	return all
}

// words are all scalars of node.
func words(node *yaml.Node) string {
	if node == nil {
		return ""
	}
	all := []string{node.Value}
	for _, child := range node.Content {
		all = append(all, words(child))
	}
	return strings.TrimSpace(strings.Join(all, " "))
}
