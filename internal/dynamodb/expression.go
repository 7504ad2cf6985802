package dynamodb

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// expression gathers the names and values of a condition and an update. Names
// always go through it, since many a plain word is reserved.
type expression struct {
	names            map[string]string
	values           item
	set, remove, add []string
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

// swap sets an attribute that is old to renewed. The condition that it returns
// lets renewed through too, which a retry finds whose first answer was lost.
func (e *expression) swap(attribute, old, renewed string) (condition string) {
	e.assign(attribute, text(renewed))
	return e.name(attribute) + " IN (" + e.value("old", text(old)) + ", " + e.value("new_"+attribute, text(renewed)) + ")"
}

// copy sets an attribute to what another was before this update, or to
// otherwise where there was none.
func (e *expression) copy(attribute, from string, otherwise types.AttributeValue) {
	e.set = append(e.set, e.name(attribute)+" = if_not_exists("+e.name(from)+", "+e.value("no_"+from, otherwise)+")")
}

// raise adds by to a number, which is zero where there is none.
func (e *expression) raise(attribute string, by int64) {
	e.add = append(e.add, e.name(attribute)+" "+e.value("more_"+attribute, number(by)))
}

// update is the update expression of what was assigned, copied and raised.
func (e *expression) update() string {
	var clauses []string
	for _, clause := range []struct {
		verb    string
		actions []string
	}{{"SET ", e.set}, {"REMOVE ", e.remove}, {"ADD ", e.add}} {
		if len(clause.actions) > 0 {
			clauses = append(clauses, clause.verb+strings.Join(clause.actions, ", "))
		}
	}
	return strings.Join(clauses, " ")
}

// updating is the request to make the update of e to the item of key, where
// condition holds.
func (e *expression) updating(table string, key item, condition string) *sdk.UpdateItemInput {
	return &sdk.UpdateItemInput{
		TableName:                 &table,
		Key:                       key,
		ConditionExpression:       &condition,
		UpdateExpression:          new(e.update()),
		ExpressionAttributeNames:  e.names,
		ExpressionAttributeValues: e.values,
	}
}

// putting is the request to write a whole item, where condition holds.
func (e *expression) putting(table string, attributes item, condition string) *sdk.PutItemInput {
	return &sdk.PutItemInput{
		TableName:                 &table,
		Item:                      present(attributes),
		ConditionExpression:       &condition,
		ExpressionAttributeNames:  e.names,
		ExpressionAttributeValues: e.values,
	}
}
