package local

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ErrTemplate is the cause of every error about a template.
var ErrTemplate = errors.New("the template cannot be mounted")

// document is a template while it is read. It collects the faults of all
// properties, so that one look shows them all.
type document struct {
	parameters map[string]string
	faults     []error
}

// value is a node of the template and the way to it, such as
// Resources.Api.Properties.Cors.
type value struct {
	doc  *document
	node *yaml.Node // nil: absent
	at   string
}

func (v value) fault(format string, args ...any) {
	err := fmt.Errorf("%w: %s: %s", ErrTemplate, v.at, fmt.Sprintf(format, args...))
	for _, known := range v.doc.faults {
		if known.Error() == err.Error() {
			return
		}
	}
	v.doc.faults = append(v.doc.faults, err)
}

func (v value) present() bool { return v.node != nil }

func (v value) isMap() bool { return v.present() && v.node.Kind == yaml.MappingNode }

// field is one property of a mapping, absent when there is none.
func (v value) field(name string) value {
	for _, f := range v.fields() {
		if f.name == name {
			return f.value
		}
	}
	return value{v.doc, nil, v.at + "." + name}
}

type field struct {
	name string
	value
}

// fields are the properties of a mapping in their order.
func (v value) fields() []field {
	if !v.isMap() {
		return nil
	}
	content := v.node.Content
	fields := make([]field, 0, len(content)/2)
	for i := 0; i+1 < len(content); i += 2 {
		name := content[i].Value
		fields = append(fields, field{name, value{v.doc, dealias(content[i+1]), v.at + "." + name}})
	}
	return fields
}

func dealias(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// only faults a mapping that has other properties than these, and anything
// that is no mapping.
func (v value) only(names ...string) {
	if v.present() && !v.isMap() {
		v.fault("is not a mapping that the local gateway can read")
	}
	for _, f := range v.fields() {
		if !slices.Contains(names, f.name) {
			f.fault("the local gateway cannot do this")
		}
	}
}

// items are the elements of a list.
func (v value) items() []value {
	if !v.present() {
		return nil
	}
	if v.node.Kind != yaml.SequenceNode {
		v.fault("is not a list")
		return nil
	}
	items := make([]value, len(v.node.Content))
	for i, node := range v.node.Content {
		items[i] = value{v.doc, dealias(node), fmt.Sprintf("%s[%d]", v.at, i)}
	}
	return items
}

func (v value) texts() (texts []string) {
	for _, item := range v.items() {
		texts = append(texts, item.text())
	}
	return texts
}

// text is the string that a scalar, !Ref or !Sub stands for, empty when absent.
func (v value) text() string {
	if !v.present() {
		return ""
	}
	name, argument := intrinsic(v.node)
	switch {
	case name == "" && v.node.Kind == yaml.ScalarNode:
		return v.node.Value
	case name == "Ref" && argument.Kind == yaml.ScalarNode:
		return v.parameter(argument.Value)
	case name == "Sub" && argument.Kind == yaml.ScalarNode:
		return v.substitute(argument.Value)
	case name != "":
		v.fault("uses %s, which the local gateway cannot work out here", name)
	default:
		v.fault("is not a string")
	}
	return ""
}

// intrinsic takes a function apart, in its short form (!Ref X) or its full one
// ({Ref: X}, {"Fn::Sub": X}); name is empty for everything else.
func intrinsic(node *yaml.Node) (name string, argument *yaml.Node) {
	if name, ok := strings.CutPrefix(node.Tag, "!"); ok && !strings.HasPrefix(name, "!") {
		return name, node
	}
	if node.Kind != yaml.MappingNode || len(node.Content) != 2 {
		return "", nil
	}
	key := node.Content[0].Value
	if name, ok := strings.CutPrefix(key, "Fn::"); ok || key == "Ref" {
		return name, dealias(node.Content[1])
	}
	return "", nil
}

// parameter is the value of !Ref: of a parameter, or of a pseudo parameter.
func (v value) parameter(name string) string {
	if text, ok := v.doc.parameters[name]; ok {
		return text
	}
	switch name {
	case "AWS::Region":
		return region
	case "AWS::AccountId":
		return accountID
	case "AWS::Partition":
		return "aws"
	case "AWS::URLSuffix":
		return "amazonaws.com"
	case "AWS::StackName":
		return "local"
	}
	v.fault("refers to %s, which is not a parameter with a value", name)
	return ""
}

// substitute fills ${Name}; ${!Name} stands for ${Name} itself.
func (v value) substitute(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		switch {
		case !closed:
			v.fault("has ${ without its }")
			return ""
		case strings.HasPrefix(name, "!"):
			out.WriteString("${" + name[1:] + "}")
		default:
			out.WriteString(v.parameter(name))
		}
		text = after
	}
}

// reference is the logical name in !Ref X.
func (v value) reference() string {
	if !v.present() {
		return ""
	}
	name, argument := intrinsic(v.node)
	if name == "Ref" && argument.Kind == yaml.ScalarNode {
		return argument.Value
	}
	return ""
}

// attribute is what !GetAtt names, such as X.Arn.
func (v value) attribute() string {
	if !v.present() {
		return ""
	}
	name, argument := intrinsic(v.node)
	if name != "GetAtt" {
		return ""
	}
	if argument.Kind == yaml.SequenceNode && len(argument.Content) == 2 {
		return argument.Content[0].Value + "." + argument.Content[1].Value
	}
	return argument.Value
}

// arnOf is the logical name in !GetAtt X.Arn, and in !Ref X.Alias, which SAM
// makes the ARN of the alias that it publishes of X.
func (v value) arnOf() string {
	if logical, aliased := strings.CutSuffix(v.reference(), ".Alias"); aliased {
		return logical
	}
	logical, attribute, _ := strings.Cut(v.attribute(), ".")
	if attribute != "Arn" {
		return ""
	}
	return logical
}

// truth is a boolean, otherwise when absent.
func (v value) truth(otherwise bool) bool {
	if !v.present() {
		return otherwise
	}
	truth, err := strconv.ParseBool(v.text())
	if err != nil {
		v.fault("is neither true nor false")
	}
	return truth
}

// number is a whole number from least to most, otherwise when absent.
func (v value) number(otherwise, least, most int) int {
	if !v.present() {
		return otherwise
	}
	number, err := strconv.Atoi(v.text())
	if err != nil || number < least || number > most {
		v.fault("is not a whole number from %d to %d", least, most)
	}
	return number
}

// static is a value that API Gateway wants in single quotes, without them.
func (v value) static() string {
	text := v.text()
	if text == "" {
		return ""
	}
	inner, ok := literal(text)
	if !ok {
		v.fault("API Gateway wants a static value in single quotes within the string, like \"'%s'\"", text)
	}
	return inner
}
