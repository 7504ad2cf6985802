package main

import (
	"testing"
	"time"

	"gatehouse/bench/contender"
	"gatehouse/bench/turns"
)

func TestAcceptsAndRefuses(t *testing.T) {
	for work, maker := range makers() {
		turn, err := turns.New(work, "../../..", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		subject, err := maker(turn)
		if err != nil {
			t.Fatal(err)
		}
		if err := subject.Prove(); err != nil {
			t.Errorf("%s: %v", work, err)
		}
		if spends := work == contender.SignedGet || work == contender.SignedForm; spends != (subject.Renew != nil) {
			t.Errorf("%s: nonces are kept: %v", work, !spends)
		}
	}
}

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
