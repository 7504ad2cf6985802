package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	"gatehouse/bench/page"
)

// trips are calls of DynamoDB one after another, for one operation.
type trips struct {
	Operation string `json:"operation"`
	Ours      int    `json:"ours"`
	Theirs    int    `json:"theirs"`
}

// mostTrips is what each operation may take, by the name that the flow tests
// have for it.
var mostTrips = []struct {
	operation string
	most      int
}{{"bearer check", 1}, {"refresh", 1}, {"code", 2}}

// roundTrips asks the peer for its numbers, and reads ours where the flow tests
// hold them.
func (p *plan) roundTrips(ctx context.Context) ([]trips, error) {
	answer, err := exec.CommandContext(ctx, filepath.Join(p.at.cache, "bin/gooauth2"), "round-trips").Output() // #nosec G204 -- a program of this repository
	if err != nil {
		return nil, fmt.Errorf("round trips of go-oauth2: %w", err)
	}
	var theirs map[string]int
	if err := json.Unmarshal(answer, &theirs); err != nil {
		return nil, fmt.Errorf("decode %q: %w", answer, err)
	}
	var all []trips
	for _, each := range mostTrips {
		own, err := countedTrips(p.root, each.operation)
		if err != nil {
			return nil, err
		}
		all = append(all, trips{each.operation, own, theirs[each.operation]})
	}
	return all, nil
}

// countedTrips is what the flow tests count of an operation.
func countedTrips(root, operation string) (int, error) {
	path := filepath.Join(root, "internal/flowtest/operations.go")
	source, err := os.ReadFile(path) // #nosec G304 -- of whoever calls
	if err != nil {
		return 0, fmt.Errorf("read what is counted: %w", err)
	}
	row := regexp.MustCompile(`\{"` + regexp.QuoteMeta(operation) + `", \d+, cost\{(\d+), `).FindSubmatch(source)
	if row == nil {
		return 0, fmt.Errorf("%s counts no %q", path, operation)
	}
	return strconv.Atoi(string(row[1]))
}

func (r *results) tripsText() string {
	rows := [][]string{{"operation", "Gatehouse", "go-oauth2/oauth2"}}
	for _, each := range r.Trips {
		rows = append(rows, []string{each.Operation, strconv.Itoa(each.Ours), strconv.Itoa(each.Theirs)})
	}
	return page.Table(rows...)
}

// tripPromises are rows of the table of promises.
func (r *results) tripPromises() [][]string {
	var rows [][]string
	for _, each := range r.Trips {
		for _, p := range mostTrips {
			if p.operation == each.Operation {
				rows = append(rows, []string{"round trips of DynamoDB, " + each.Operation, "", strconv.Itoa(p.most), strconv.Itoa(each.Ours), kept(each.Ours <= p.most)})
			}
		}
	}
	return rows
}
