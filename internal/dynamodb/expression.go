package dynamodb

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// expression gathers the names and values of a condition and an update. Names
// always go through it, since many a plain word is reserved.
type expression struct {
	names       map[string]string
	values      item
	set, remove []string
}

func newExpression() *expression {
	return &expression{names: map[string]string{}, values: item{}}
}

// name returns what stands for an attribute.
func (e *expression) name(attribute string) string {
	e.names["#"+attribute] = attribute
	return "#" + attribute
}

// value returns what stands for value, which gets a name of its own.
func (e *expression) value(name string, value types.AttributeValue) string {
	e.values[":"+name] = value
	return ":" + name
}

// assign sets an attribute, or removes it when value is nil.
func (e *expression) assign(attribute string, value types.AttributeValue) {
	if value == nil {
		e.remove = append(e.remove, e.name(attribute))
		return
	}
	e.set = append(e.set, e.name(attribute)+" = "+e.value("new_"+attribute, value))
}

// copy sets an attribute to what another was before this update, or to
// otherwise where there was none.
func (e *expression) copy(attribute, from string, otherwise types.AttributeValue) {
	e.set = append(e.set, e.name(attribute)+" = if_not_exists("+e.name(from)+", "+e.value("no_"+from, otherwise)+")")
}

// update is the update expression of what was assigned.
func (e *expression) update() string {
	update := "SET " + strings.Join(e.set, ", ")
	if len(e.remove) > 0 {
		update += " REMOVE " + strings.Join(e.remove, ", ")
	}
	return update
}
