package emftest

import (
	"reflect"
	"strings"
	"testing"
)

const right = `{"f":"token","g":"x","N":1,"L":2.5,"_aws":{"Timestamp":1728913082001,"CloudWatchMetrics":[` +
	`{"Namespace":"S","Dimensions":[["f"]],"Metrics":[{"Name":"L","Unit":"Milliseconds"}]},` +
	`{"Namespace":"S","Dimensions":[["f"],["f","g"]],"Metrics":[{"Name":"N","Unit":"Count"}]}]}}`

func TestRead(t *testing.T) {
	got, err := Read([]byte(right), "S")
	want := []Point{{"L", "f=token", "Milliseconds", 2.5}, {"N", "f=token", "Count", 1}, {"N", "f=token,g=x", "Count", 1}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if got, err := Read([]byte(`{"f":"token"}`), "S"); err != nil || got != nil {
		t.Errorf("a line without metadata: %+v, %v", got, err)
	}
}

// Each of these CloudWatch would drop, or count otherwise than was meant.
func TestReadRefuses(t *testing.T) {
	for _, change := range [][2]string{
		{`"N":1,`, ``}, {`"N":1`, `"N":"1"`}, {`"f":"token"`, `"f":7`}, {`"f":"token"`, `"f":""`}, {`"f":"token"`, `"f":"größe"`}, {`"g":"x"`, `"f":"x"`},
		{`"Timestamp":1728913082001,`, ``}, {`1728913082001`, `1728913082`}, {`1728913082001`, `"2024"`}, {`"Namespace":"S"`, `"Namespace":""`},
		{`"Namespace":"S"`, `"namespaces":"S"`}, {`[["f"]]`, `[[]]`}, {`[["f"]]`, `[]`}, {`"Milliseconds"`, `"ms"`}, {`"Name":"L"`, `"Name":""`},
		{`[["f"],["f","g"]]`, `[["f"],["f"]]`}, {`}]}}`, `}]}}}`}, {`}]}}`, `}]}`}, {`{"f":"token"`, `["f"`},
		{`"g":"x"`, `"g":"` + strings.Repeat("x", 1025) + `"`}, {`"g":"x"`, `"g":"x","h":"` + strings.Repeat("x", maxLine) + `"`},
		{`[{"Name":"L","Unit":"Milliseconds"}]`, `[` + strings.Repeat(`{"Name":"L","Unit":"Count"},`, 100) + `{"Name":"N","Unit":"Count"}]`},
	} {
		line := strings.Replace(right, change[0], change[1], 1)
		if got, err := Read([]byte(line), "S"); err == nil || line == right {
			t.Errorf("%.100s in place of %s: %+v", change[1], change[0], got)
		}
	}
}
