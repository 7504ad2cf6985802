package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gatehouse/bench/cold"
)

// What is said to read, and does not, would look fast.
func TestWhoDoesNotReadIsNoticed(t *testing.T) {
	d, err := cold.Deploy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	p := &plan{root: "../..", at: places{cache: t.TempDir()}}
	text := make([]byte, 10_000)
	if err := errors.Join(os.Mkdir(filepath.Join(p.at.cache, "functions"), 0o700),
		os.WriteFile(filepath.Join(p.at.cache, "functions/idle"), text, 0o600)); err != nil {
		t.Fatal(err)
	}
	nothing := func(_ context.Context, _ *function, as cold.Function, _ []byte) error {
		if copied, err := os.ReadFile(as.Command[0]); err != nil || !slices.Equal(copied, text) {
			t.Errorf("the copy of the program has %d bytes, %v", len(copied), err)
		}
		return nil
	}
	for _, reads := range []bool{true, false} {
		err := p.shuffled(t.Context(), d, []function{{program: program{name: "idle", language: "Go", command: []string{"idle"}}, reads: reads}}, rand.New(rand.NewPCG(1, 2)), nothing)
		if (err != nil) != reads {
			t.Errorf("it is said to read: %v, and %v is found", reads, err)
		}
	}
}

func TestWhoRefusesIsNoStart(t *testing.T) {
	for _, test := range []struct {
		answer cold.Answer
		is     bool
	}{
		{cold.Answer{Payload: []byte(`{"Effect":"Allow"}`)}, true},
		{cold.Answer{Payload: []byte(`{"Effect":"Deny"}`)}, false},
		{cold.Answer{Payload: []byte(`{"Effect":"Allow"}`), Failed: true}, false},
		{cold.Answer{}, false},
	} {
		if err := permission(test.answer); (err == nil) != test.is {
			t.Errorf("%+v: %v", test.answer, err)
		}
	}
}

// Ours is started as it is deployed.
func TestTheTemplateSetsIt(t *testing.T) {
	template, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, variable := range templateSets {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.Contains(string(template), "\n        "+name+": "+value+"\n") {
			t.Errorf("the template does not set %s", variable)
		}
	}
}

func TestFirstRequestsOnThePage(t *testing.T) {
	r := &results{Firsts: []waited{{bare, []float64{1, 2}}, {startedOurs, []float64{4, 8}}}}
	if rows := r.firstPromises(); len(rows) != 1 || !slices.Contains(rows[0], "kept") {
		t.Errorf("4 × is %v", rows)
	}
	r.Firsts[1].Milliseconds = []float64{5, 8}
	if rows := r.firstPromises(); len(rows) != 1 || slices.Contains(rows[0], "kept") {
		t.Errorf("4.5 × is %v", rows)
	}
	if rows := (&results{}).firstPromises(); rows != nil {
		t.Errorf("%v of nothing", rows)
	}
	if text := r.firstsText(); strings.Contains(text, "LoadDefaultConfig") || !strings.Contains(text, startedOurs) {
		t.Errorf("what was not measured is on the page, or what was is not:\n%s", text)
	}
}

// Starts measured alone go beside what was measured on the same machine as often.
func TestOtherResultsAreKept(t *testing.T) {
	before := &results{Date: "2026-01-01", Machine: "this", Rounds: 3, Measured: []measured{{Work: "w", Program: "p"}}, Starts: []started{{Program: "p"}}}
	path := filepath.Join(t.TempDir(), "results.json")
	if err := before.save(path); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		p    plan
		r    results
		kept bool
	}{
		{"the same", plan{written: true}, results{Machine: "this", Rounds: 3}, true},
		{"fewer rounds", plan{written: true}, results{Machine: "this", Rounds: 2}, false},
		{"another machine", plan{written: true}, results{Machine: "that", Rounds: 3}, false},
		{"only printed", plan{}, results{Machine: "this", Rounds: 1}, true},
	} {
		if err := test.p.keep(&test.r, path); (err == nil) != test.kept {
			t.Errorf("%s: %v", test.name, err)
		}
		if kept := len(test.r.Measured) == 1; kept != test.kept || len(test.r.Starts) > 0 {
			t.Errorf("%s: %+v", test.name, test.r)
		}
	}
}
