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
