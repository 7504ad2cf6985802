package functions_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"

	"gatehouse"
	"gatehouse/internal/dynamodb"
	"gatehouse/internal/dynamodb/dynamodbtest"
)

// role is what a function may do with tables, as template.yaml has it, and which
// of that it did. It stands in front of the engine and refuses what AWS would.
type role struct {
	name       string
	statements []statement
	tables     map[string]string // by their names, of the template
	mu         sync.Mutex
	used       map[string]bool
	refused    []string
	unseen     []string // what a test does not come to use
}

type statement struct {
	Action    words                       `yaml:"Action"`
	Resource  string                      `yaml:"Resource"`
	Condition map[string]map[string]words `yaml:"Condition"`
}

// words are one text, or a list.
type words []string

func (w *words) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*w = words{node.Value}
		return nil
	}
	return node.Decode((*[]string)(w))
}

// roleOf reads the role of a function of the template, such as "token".
func roleOf(t *testing.T, function string, tables dynamodb.Tables) *role {
	t.Helper()
	var template struct {
		Resources map[string]struct {
			Properties struct {
				Policies []struct {
					PolicyDocument struct {
						Statement []yaml.Node `yaml:"Statement"`
					} `yaml:"PolicyDocument"`
				} `yaml:"Policies"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	// Policies of other resources have other shapes, which are passed over.
	_ = yaml.Unmarshal(gatehouse.Template, &template)
	r := &role{name: function, used: map[string]bool{}, tables: map[string]string{
		tables.Sessions: "SessionsTable", tables.Replay: "ReplayTable", tables.Registry: "RegistryTable"}}
	for _, policy := range template.Resources[strings.ToUpper(function[:1])+function[1:]+"Role"].Properties.Policies {
		for _, node := range policy.PolicyDocument.Statement {
			if node.Tag == "!If" {
				node = *node.Content[1]
			}
			var s statement
			if err := node.Decode(&s); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(s.Action[0], "dynamodb:") {
				r.statements = append(r.statements, s)
			}
		}
	}
	if len(r.statements) < 3 {
		t.Fatalf("the role of %s allows only %v", function, r.statements)
	}
	return r
}

// endpoint is the engine behind the role. At the end of the test nothing was
// refused, and nothing is allowed that was not used but what is said to be.
func (r *role) endpoint(t *testing.T) string {
	t.Helper()
	t.Cleanup(func() { r.check(t) }) // once nothing is asked any more
	return dynamodbtest.Guard(t, dynamodbtest.Endpoint(t), r.allows)
}

// check fails the test for what was refused, and for what was allowed in vain.
func (r *role) check(t *testing.T) {
	t.Helper()
	for _, what := range r.refused {
		t.Errorf("%s may not %s", r.name, what)
	}
	for _, s := range r.statements {
		for _, action := range s.Action {
			what := s.permits(action)
			if seen := r.used[what]; seen == slices.Contains(r.unseen, what) {
				t.Errorf("%s may %s: that it does is %v", r.name, what, seen)
			}
		}
	}
}

// call is what a request to DynamoDB asks for.
type call struct {
	TableName                string
	IndexName                string
	RequestItems             map[string]struct{ Keys []attributes }
	Key, Item                attributes
	ExpressionAttributeNames map[string]string
	ReturnValues             string
}

type attributes map[string]struct{ S string }

// allows reports whether a statement allows a request, and keeps which.
func (r *role) allows(action string, body []byte) bool {
	var c call
	if err := json.Unmarshal(body, &c); err != nil {
		return false
	}
	for table, items := range c.RequestItems {
		c.TableName, c.Key = table, items.Keys[0]
	}
	resource := r.tables[c.TableName] + ".Arn"
	if c.IndexName != "" {
		resource = "${" + resource + "}" + path.Join("/index", c.IndexName)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.statements {
		if slices.Contains(s.Action, "dynamodb:"+action) && s.Resource == resource && s.holds(&c) {
			r.used[s.permits("dynamodb:"+action)] = true
			return true
		}
	}
	r.refused = append(r.refused, fmt.Sprintf("%s of %s: %s", action, resource, body))
	return false
}

// permits is what a statement allows by an action, in words: of the items that
// begin with what it names, where it names any.
func (s *statement) permits(action string) string {
	var items words
	for _, wanted := range s.Condition {
		items = append(items, wanted["dynamodb:LeadingKeys"]...)
	}
	return strings.Join(append([]string{action, s.Resource}, items...), " ")
}

// holds evaluates the conditions of a statement as IAM does, for the keys of
// them that DynamoDB has of a request.
func (s *statement) holds(c *call) bool {
	given := map[string][]string{"dynamodb:ReturnValues": {c.ReturnValues}}
	for _, key := range []attributes{c.Key, c.Item} {
		given["dynamodb:LeadingKeys"] = append(given["dynamodb:LeadingKeys"], key["pk"].S)
		given["dynamodb:Attributes"] = slices.AppendSeq(given["dynamodb:Attributes"], maps.Keys(key))
	}
	given["dynamodb:Attributes"] = slices.AppendSeq(given["dynamodb:Attributes"], maps.Values(c.ExpressionAttributeNames))
	for _, wanted := range s.Condition {
		for key, patterns := range wanted {
			for _, value := range given[key] {
				if value != "" && !slices.ContainsFunc(patterns, func(pattern string) bool {
					matches, err := path.Match(pattern, value)
					return err == nil && matches
				}) {
					return false
				}
			}
		}
	}
	return true
}
