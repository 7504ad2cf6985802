package gatehouse_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const costs = "docs/cost.md"

// usage is what one call of an operation takes.
type usage struct {
	function             string
	ms, reads, writes    float64
	gateway, lambda, sum string
	dynamo, log          string
}

// Every figure of the page follows from its prices, from the units that the
// flow tests count, and from the memory that the template gives the functions.
func TestCostsFollowFromCountedUnits(t *testing.T) {
	prices := pricesOfPage(t)
	lines := prices["log"] * kilobytes(t)
	totals := map[string]float64{}
	for _, cells := range tableAfter(t, costs, "| operation |") {
		name := cells[0]
		u := usage{cells[1], decimal(t, cells[2]), decimal(t, cells[3]), decimal(t, cells[4]), cells[5], cells[6], cells[9], cells[7], cells[8]}
		waves, reads, writes := counted(t, name)
		if u.ms < 3*waves+1 || u.reads != reads || u.writes != writes {
			t.Errorf("%s: the tests count %v round trips, %v reads and %v writes", name, waves, reads, writes)
		}
		if free := cents(0); u.gateway != free && u.gateway != cents(prices["gateway"]) {
			t.Errorf("%s: the gateway costs %s", name, u.gateway)
		}
		lambda := prices["invocation"] + u.ms*memory(t, u.function)/1024*prices["compute"]/1000
		dynamo := u.reads*prices["read"] + u.writes*prices["write"]
		totals[name] = decimal(t, u.gateway) + lambda + dynamo + lines
		for what, pair := range map[string][2]string{"Lambda": {u.lambda, cents(lambda)}, "DynamoDB": {u.dynamo, cents(dynamo)},
			"the log": {u.log, cents(lines)}, "all": {u.sum, cents(totals[name])}} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %s costs %s, not %s", name, what, pair[1], pair[0])
			}
		}
	}
	if len(totals) < 15 {
		t.Errorf("only %d operations are priced", len(totals))
	}
	checkMonths(t, totals)
	for _, cells := range tableAfter(t, costs, "| what | is | dollars |") {
		times, price, _ := strings.Cut(cells[1], " × ")
		if want := cents(decimal(t, times) * prices[price]); cells[2] != want || prices[price] == 0 {
			t.Errorf("%s cost %s, not %s", cells[0], want, cells[2])
		}
	}
}

// checkMonths looks at the examples, each of which is a number of operations.
func checkMonths(t *testing.T, totals map[string]float64) {
	t.Helper()
	for _, heading := range []string{"once a month:", "need no refresh:"} {
		rows := tableAfter(t, costs, heading)
		for _, cells := range rows {
			if want := cents(decimal(t, cells[1]) * totals[cells[0]]); cells[2] != want {
				t.Errorf("%s million %s cost %s, not %s", cells[1], cells[0], want, cells[2])
			}
		}
		if len(rows) < 2 {
			t.Errorf("after %q there are only %d rows", heading, len(rows))
		}
	}
}

func pricesOfPage(t *testing.T) map[string]float64 {
	t.Helper()
	prices := map[string]float64{}
	for _, cells := range tableAfter(t, costs, "| price |") {
		prices[cells[0]] = decimal(t, cells[2])
	}
	return prices
}

// kilobytes is how long the page says that the lines of an invocation are.
func kilobytes(t *testing.T) float64 {
	t.Helper()
	match := regexp.MustCompile(`([\d.]+) KB an invocation`).FindStringSubmatch(readText(t, costs))
	if match == nil {
		t.Fatal("the page does not say how long log lines are")
	}
	return decimal(t, match[1])
}

// tableAfter returns the cells of the rows of the first table after a text, or
// of the one that the text begins.
func tableAfter(t *testing.T, path, text string) (rows [][]string) {
	t.Helper()
	_, rest, found := strings.Cut(readText(t, path), text)
	if !found {
		t.Fatalf("%s has no %q", path, text)
	}
	began := false
	for line := range strings.Lines(rest) {
		row := strings.HasPrefix(line, "|")
		switch {
		case strings.HasPrefix(line, "|---"):
			began = true
		case began && !row:
			return rows
		case began:
			rows = append(rows, strings.Split(strings.Trim(strings.TrimSpace(line), "| "), " | "))
		}
	}
	return rows
}

// counted finds what the flow tests demand of an operation; those of proofs are
// in a table of their own.
func counted(t *testing.T, operation string) (waves, reads, writes float64) {
	t.Helper()
	path, name := "internal/flowtest/operations.go", operation
	if proofs, found := strings.CutPrefix(operation, "DPoP "); found {
		path, name = "internal/flowtest/dpop.go", proofs
	}
	row := regexp.MustCompile(`\{"` + regexp.QuoteMeta(name) + `", \d+, cost\{(?:([\d.]+), ([\d.]+), ([\d.]+))?\}`)
	match := row.FindStringSubmatch(readText(t, path))
	if match == nil {
		t.Fatalf("%s counts no %q", path, name)
	}
	if match[1] == "" {
		return 0, 0, 0
	}
	return decimal(t, match[1]), decimal(t, match[2]), decimal(t, match[3])
}

// memory is what the template gives a function, in MB.
func memory(t *testing.T, function string) float64 {
	t.Helper()
	template := readText(t, "template.yaml")
	size := regexp.MustCompile(`\n +MemorySize: (\d+)\n`)
	resource := "\n  " + strings.ToUpper(function[:1]) + function[1:] + "Function:\n"
	_, rest, found := strings.Cut(template, resource)
	if !found {
		t.Fatalf("there is no function %s", function)
	}
	if end := regexp.MustCompile(`\n  \w+:\n`).FindStringIndex(rest); end != nil {
		rest = rest[:end[0]]
	}
	if match := size.FindStringSubmatch(rest); match != nil {
		return decimal(t, match[1])
	}
	return decimal(t, size.FindStringSubmatch(template)[1]) // of Globals, which come first
}

func decimal(t *testing.T, text string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func cents(dollars float64) string { return fmt.Sprintf("%.2f", dollars) }
