package main

import (
	"testing"

	"gatehouse/bench/contender/contendertest"
)

func TestWorks(t *testing.T) {
	for work, subject := range contendertest.Subjects(t, makers(), "../..") {
		if !subject.Bare || !subject.Right(0) {
			t.Errorf("%s: does nothing", work)
		}
	}
}
