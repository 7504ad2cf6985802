//go:build translated

package gatehouse_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"gatehouse"
)

// What `make template` leaves: the template as CloudFormation deploys it by
// several sets of parameters, which scripts/translate lists. Without it the
// tests of it would have nothing to test, so they are built by a tag.
const translations = ".cache/translated"

// translated is one of them. Properties are what encoding/json makes of any JSON.
type translated struct {
	Resources map[string]resource
	Outputs   map[string]struct {
		Value  any
		Export struct{ Name any }
	}
}

type resource struct {
	Type, DeletionPolicy string
	Properties           map[string]any
}

func translation(t *testing.T, name string) translated {
	t.Helper()
	var read translated
	if err := json.Unmarshal([]byte(readText(t, filepath.Join(translations, name+".json"))), &read); err != nil {
		t.Fatal(err)
	}
	return read
}

// translationNames are the sets of parameters there are.
func translationNames(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(translations)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".json"))
	}
	if len(names) < 4 {
		t.Fatalf("only the translations %v were found", names)
	}
	return names
}

// ofType are the names of the resources of a type, sorted.
func (d translated) ofType(kind string) (names []string) {
	for name, r := range d.Resources {
		if r.Type == kind {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// at is what is below v by the names of fields and, of lists, the first item;
// nil where there is none.
func at(v any, way ...string) any {
	for _, name := range way {
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		fields, _ := v.(map[string]any)
		v = fields[name]
	}
	return v
}

func (d translated) property(name string, way ...string) any {
	return at(d.Resources[name].Properties, way...)
}

// list is v as a list, of one when it is none.
func list(v any) []any {
	if items, ok := v.([]any); ok {
		return items
	}
	return []any{v}
}

// target is the resource that v refers to, or v itself where it is a text.
func target(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	for _, function := range []string{"Ref", "Fn::Sub"} {
		if text, ok := at(v, function).(string); ok {
			return text
		}
	}
	if attribute, ok := at(v, "Fn::GetAtt").([]any); ok {
		return attribute[0].(string)
	}
	return ""
}

// marshalled is v as JSON, with the keys of objects in order.
func marshalled(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// source is template.yaml itself, where a reference to a parameter is still one.
type source struct {
	Globals struct {
		Function function `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]struct {
		Properties struct {
			function `yaml:",inline"`
			Content  yaml.Node `yaml:"Content"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

type function struct {
	Environment struct {
		Variables map[string]yaml.Node `yaml:"Variables"`
	} `yaml:"Environment"`
}

func sourceTemplate(t *testing.T) (read source) {
	t.Helper()
	if err := yaml.Unmarshal(gatehouse.Template, &read); err != nil {
		t.Fatal(err)
	}
	return read
}
