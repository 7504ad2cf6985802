package local

import "go.yaml.in/yaml/v3"

// exists reports whether a resource will be there when the template is
// deployed with these parameters: whether its Condition holds.
func (r *reader) exists(resource value) bool {
	named := resource.field("Condition")
	return !named.present() || r.holds(named, maxNesting)
}

// maxNesting bounds how deep conditions refer to each other, as one that
// refers to itself does without end.
const maxNesting = 32

// holds evaluates the condition that named names.
func (r *reader) holds(named value, depth int) bool {
	declared := r.conditions.field(named.text())
	if !declared.present() {
		named.fault("there is no condition %s among Conditions", named.text())
		return false
	}
	return r.evaluate(declared, depth)
}

// evaluate works out !Equals, !Not, !And, !Or and !Condition.
func (r *reader) evaluate(v value, depth int) bool {
	name, argument := intrinsic(v.node)
	if named, ok := conditionOf(v.node); ok {
		name, argument = "Condition", named
	}
	if depth == 0 {
		v.fault("refers to itself, or is nested too deeply")
		return false
	}
	operands := value{v.doc, argument, v.at}
	switch name {
	case "Condition":
		return r.holds(value{v.doc, untagged(argument), v.at}, depth-1)
	case "Equals":
		return operands.equal()
	case "Not":
		return !r.count(operands, depth, 1, 1).all()
	case "And":
		return r.count(operands, depth, 2, 10).all()
	case "Or":
		return r.count(operands, depth, 2, 10).held > 0
	}
	v.fault("is not a condition that the local gateway can work out")
	return false
}

// tally is how many of some conditions hold.
type tally struct{ held, of int }

func (t tally) all() bool { return t.held == t.of }

// count evaluates a list of least to most conditions.
func (r *reader) count(list value, depth, least, most int) tally {
	items := untaggedList(list).items()
	if len(items) < least || len(items) > most {
		list.fault("takes %d to %d conditions", least, most)
	}
	t := tally{of: len(items)}
	for _, item := range items {
		if r.evaluate(item, depth-1) {
			t.held++
		}
	}
	return t
}

// equal compares the two values of !Equals.
func (v value) equal() bool {
	texts := untaggedList(v).texts()
	if len(texts) != 2 {
		v.fault("takes two values")
		return false
	}
	return texts[0] == texts[1]
}

// conditionOf is the name in {Condition: NAME}.
func conditionOf(node *yaml.Node) (*yaml.Node, bool) {
	if node.Kind != yaml.MappingNode || len(node.Content) != 2 || node.Content[0].Value != "Condition" {
		return nil, false
	}
	return dealias(node.Content[1]), true
}

func untaggedList(v value) value { return value{v.doc, untagged(v.node), v.at} }

// untagged is what a short form is applied to: !Not [x] is the list [x].
func untagged(node *yaml.Node) *yaml.Node {
	bare := *node
	bare.Tag = ""
	return &bare
}
