package dynamodb

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// item is an item or its key.
type item = map[string]types.AttributeValue

// The encoders below return nil for what is zero or empty: such an attribute
// is absent.

func text(s string) types.AttributeValue {
	if s == "" {
		return nil
	}
	return &types.AttributeValueMemberS{Value: s}
}

func binary(b []byte) types.AttributeValue {
	if len(b) == 0 {
		return nil
	}
	return &types.AttributeValueMemberB{Value: b}
}

func textSet(list []string) types.AttributeValue {
	if len(list) == 0 {
		return nil
	}
	return &types.AttributeValueMemberSS{Value: slices.Compact(slices.Sorted(slices.Values(list)))}
}

func textList[T ~string](list []T) types.AttributeValue {
	if len(list) == 0 {
		return nil
	}
	values := make([]types.AttributeValue, len(list))
	for i, s := range list {
		values[i] = &types.AttributeValueMemberS{Value: string(s)}
	}
	return &types.AttributeValueMemberL{Value: values}
}

// milli is a time in epoch milliseconds.
func milli(t time.Time) types.AttributeValue {
	if t.IsZero() {
		return nil
	}
	return number(t.UnixMilli())
}

// seconds is a time in epoch seconds, rounded down.
func seconds(t time.Time) types.AttributeValue {
	if t.IsZero() {
		return nil
	}
	return number(t.Unix())
}

// number is never absent: zero is a number too.
func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func boolean(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

// present removes the attributes that are nil.
func present(attributes item) item {
	for name, value := range attributes {
		if value == nil {
			delete(attributes, name)
		}
	}
	return attributes
}

// reader reads the attributes of an item. What is absent reads as zero; what
// has another type than it should is kept in err, and all that follows reads
// as zero.
type reader struct {
	item item
	err  error
}

// read returns the attribute called name as a T, nil when it is absent or err
// is set.
func read[T types.AttributeValue](r *reader, name string) (value T) {
	attribute, there := r.item[name]
	if !there || r.err != nil {
		return value
	}
	value, ok := attribute.(T)
	if !ok {
		r.fail(name, fmt.Sprintf("is a %T", attribute))
	}
	return value
}

func (r *reader) fail(name, reason string) {
	if r.err == nil {
		r.err = fmt.Errorf("dynamodb: an item is broken: attribute %s %s", name, reason)
	}
}

// need fails when one of names is absent.
func (r *reader) need(names ...string) {
	for _, name := range names {
		if _, there := r.item[name]; !there {
			r.fail(name, "is missing")
		}
	}
}

func (r *reader) text(name string) string {
	if s := read[*types.AttributeValueMemberS](r, name); s != nil {
		return s.Value
	}
	return ""
}

func (r *reader) binary(name string) []byte {
	if b := read[*types.AttributeValueMemberB](r, name); b != nil {
		return b.Value
	}
	return nil
}

func (r *reader) boolean(name string) bool {
	b := read[*types.AttributeValueMemberBOOL](r, name)
	return b != nil && b.Value
}

// textSet is sorted.
func (r *reader) textSet(name string) []string {
	if set := read[*types.AttributeValueMemberSS](r, name); set != nil {
		return slices.Sorted(slices.Values(set.Value))
	}
	return nil
}

func textsOf[T ~string](r *reader, name string) (list []T) {
	values := read[*types.AttributeValueMemberL](r, name)
	if values == nil {
		return nil
	}
	for _, value := range values.Value {
		s, ok := value.(*types.AttributeValueMemberS)
		if !ok {
			r.fail(name, fmt.Sprintf("holds a %T", value))
			return nil
		}
		list = append(list, T(s.Value))
	}
	return list
}

func (r *reader) number(name string) int64 {
	n := read[*types.AttributeValueMemberN](r, name)
	if n == nil {
		return 0
	}
	value, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		r.fail(name, "is not a whole number")
	}
	return value
}

func (r *reader) uint32(name string) uint32 {
	n := r.number(name)
	if n != int64(uint32(n)) { // #nosec G115 -- this asks whether it fits
		r.fail(name, "is out of range")
	}
	return uint32(n) // #nosec G115 -- refused above where it does not fit
}

func (r *reader) milli(name string) time.Time {
	if n := r.number(name); n != 0 {
		return time.UnixMilli(n).UTC()
	}
	return time.Time{}
}

func (r *reader) seconds(name string) time.Time {
	if n := r.number(name); n != 0 {
		return time.Unix(n, 0).UTC()
	}
	return time.Time{}
}
