package main

import (
	"testing"

	"gatehouse/bench/contender/contendertest"
)

func TestAcceptsAndRefuses(t *testing.T) { contendertest.AcceptsAndRefuses(t, makers(), "../../..") }

func TestRoundTrips(t *testing.T) {
	got, err := roundTrips()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"code": 5, "bearer check": 2, "refresh": 7} {
		if got[name] != want {
			t.Errorf("%s takes %d, want %d", name, got[name], want)
		}
	}
}
