package main

import (
	"testing"
	"time"

	"gatehouse/bench/turns"
)

func TestWorks(t *testing.T) {
	for work, maker := range makers() {
		turn, err := turns.New(work, "../..", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		subject, err := maker(turn)
		if err != nil {
			t.Fatal(err)
		}
		if !subject.Bare || !subject.Right(0) {
			t.Errorf("%s: does nothing", work)
		}
	}
}
